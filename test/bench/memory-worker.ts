// The Worker as it is deployed, under workerd itself: its memory is then its own, and no development server's.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, must } from "../tools/processes.ts";
import { readWranglerToml, ROOT } from "../tools/configuration.ts";
import { askWhole } from "./memory-clients.ts";

const FOLDER = join(ROOT, ".wrangler/bench/memory");
const WORKERD = join(ROOT, "node_modules/workerd/bin/workerd");

/** A workerd that serves the Worker, and nothing else. */
export interface ServedWorker {
  /** Where it listens: a socket of this machine. The buffers of TCP would take in a whole blob that nobody reads. */
  readonly socket: string;
  /** Bytes of its memory that are resident now. */
  resident(): number;
  stop(): Promise<void>;
}

/** Bundles the Worker as `wrangler deploy` does. */
export async function bundle(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const owner = readWranglerToml();
  const config = join(FOLDER, "wrangler.json");
  const settings = {
    name: "registry-ferry-bench-memory",
    main: join(ROOT, "src/index.ts"),
    compatibility_date: owner["compatibility_date"],
    compatibility_flags: owner["compatibility_flags"],
  };
  writeFileSync(config, JSON.stringify(settings));
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const options = ["deploy", "--dry-run", "--config", config, "--outdir", FOLDER];
  await must([process.execPath, wrangler, ...options], {
    env: { WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1" },
  });
}

/**
 * Starts workerd on the bundle.
 * @param vars the Worker's variables
 * @param cachePort where the service behind the Cache API listens: a process of its own, as it is at Cloudflare
 */
export async function serve(vars: Record<string, unknown>, cachePort: number): Promise<ServedWorker> {
  // Short, for the name of a socket has 107 characters at the most.
  const place = mkdtempSync(join(tmpdir(), "ferry-bench-"));
  const socket = join(place, "http");
  const config = join(FOLDER, "workerd.capnp");
  const pidFile = join(FOLDER, "workerd.pid");
  const logFile = join(FOLDER, "workerd.log");
  writeFileSync(config, configuration(vars, socket, cachePort));
  writeFileSync(logFile, "");
  // The shell writes its own id, and becomes workerd.
  const command = `echo $$ > "$1" && exec "$2" serve "$3"`;
  const daemon = await start(["sh", "-c", command, "sh", pidFile, WORKERD, config], {
    logFile,
    ready: async () => (await askWhole(socket, "/robots.txt")).status === 200,
  });
  const pid = readFileSync(pidFile, "utf8").trim();
  const stop = async (): Promise<void> => {
    await daemon.stop();
    rmSync(place, { recursive: true });
  };
  return { socket, resident: () => residentOf(pid), stop };
}

/** What `workerd --version` says. */
export function workerdVersion(): string {
  return spawnSync(WORKERD, ["--version"]).stdout.toString().trim();
}

function residentOf(pid: string): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? "NaN") * 1024;
}

/** Upstreams are on this machine, so that the network of the configuration may reach it. */
function configuration(vars: Record<string, unknown>, socket: string, cachePort: number): string {
  const { compatibility_date: date, compatibility_flags: flags } = readWranglerToml();
  const text = JSON.stringify;
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${text(name)}, json = ${text(text(value))})`,
  );
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "ferry", worker = .ferry),
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "cache", external = (address = "127.0.0.1:${cachePort}", http = (style = proxy))),
  ],
  sockets = [(name = "http", address = ${text(`unix:${socket}`)}, http = (), service = "ferry")],
);
const ferry :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  compatibilityDate = ${text(date)},
  compatibilityFlags = ${text(flags)},
  bindings = [${bindings.join(", ")}],
  cacheApiOutbound = "cache",
);
`;
}
