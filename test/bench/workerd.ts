// A Worker as it is deployed, under workerd itself: what it needs is then its own, and no development server's.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { start, must } from "../tools/processes.ts";
import { readWranglerToml, ROOT } from "../tools/configuration.ts";

const WORKERD = join(ROOT, "node_modules/workerd/bin/workerd");
/** The kernel counts a process's time in hundredths of a second (USER_HZ), on every architecture that workerd is built for. */
const MS_PER_TICK = 10;

/** A workerd that serves one Worker, and nothing else. */
export interface ServedWorker {
  /** Where it listens: a socket of this machine. The buffers of TCP would take in a whole blob that nobody reads. */
  readonly socket: string;
  /** Bytes of its memory that are resident now. */
  resident(): number;
  /** Milliseconds of CPU that all its threads have used, in steps of ten. */
  cpu(): number;
  stop(): Promise<void>;
}

/** A Worker as `wrangler deploy` would upload it. */
export interface Bundle {
  readonly folder: string;
  /** The name of its one module there. */
  readonly module: string;
}

export interface ServeOptions {
  /** The Worker's variables. */
  readonly vars: Record<string, unknown>;
  /** Where the service behind the Cache API listens: a process of its own, as it is at Cloudflare. */
  readonly cachePort: number;
  /** Names the files of this workerd, where a bundle is served by several. */
  readonly name?: string;
  /** A loopback port for a debugger. */
  readonly inspectorPort?: number;
}

/**
 * Bundles a Worker as `wrangler deploy` does.
 * @param name of the folder below `.wrangler/bench/`
 */
export async function bundle(name: string, main = "src/index.ts"): Promise<Bundle> {
  const folder = join(ROOT, ".wrangler/bench", name);
  mkdirSync(folder, { recursive: true });
  const owner = readWranglerToml();
  const config = join(folder, "wrangler.json");
  const settings = {
    name: `registry-ferry-bench-${name.replaceAll("/", "-")}`,
    main: join(ROOT, main),
    compatibility_date: owner["compatibility_date"],
    compatibility_flags: owner["compatibility_flags"],
  };
  writeFileSync(config, JSON.stringify(settings));
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const options = ["deploy", "--dry-run", "--config", config, "--outdir", folder];
  await must([process.execPath, wrangler, ...options], {
    env: { WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1" },
  });
  return { folder, module: `${parse(main).name}.js` };
}

/** Starts workerd on a bundle. */
export async function serve(bundled: Bundle, options: ServeOptions): Promise<ServedWorker> {
  const { name = "workerd", inspectorPort } = options;
  // Short, for the name of a socket has 107 characters at the most.
  const place = mkdtempSync(join(tmpdir(), "ferry-bench-"));
  const socket = join(place, "http");
  const [config, pidFile, logFile] = ["capnp", "pid", "log"].map((ending) =>
    join(bundled.folder, `${name}.${ending}`),
  ) as [string, string, string];
  writeFileSync(config, configuration(bundled, options, socket));
  writeFileSync(logFile, "");
  // The shell writes its own id, and becomes workerd.
  const command = `echo $$ > "$1" && shift && exec "$@"`;
  const inspector = inspectorPort === undefined ? [] : [`--inspector-addr=127.0.0.1:${inspectorPort}`];
  const daemon = await start(["sh", "-c", command, "sh", pidFile, WORKERD, "serve", config, ...inspector], {
    logFile,
    ready: () => answersAt(socket),
  });
  const pid = readFileSync(pidFile, "utf8").trim();
  const stop = async (): Promise<void> => {
    await daemon.stop();
    rmSync(place, { recursive: true });
  };
  return { socket, resident: () => residentOf(pid), cpu: () => cpuOf(pid), stop };
}

/** What `workerd --version` says. */
export function workerdVersion(): string {
  return spawnSync(WORKERD, ["--version"]).stdout.toString().trim();
}

function residentOf(pid: string): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? "NaN") * 1024;
}

/** User and system time: the 14th and 15th field, counted behind the name, which may have spaces (proc_pid_stat(5)). */
function cpuOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return MS_PER_TICK * (Number(fields[11]) + Number(fields[12]));
}

/** True when something answers there, whatever it says. */
async function answersAt(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: "/robots.txt", agent: false }, (response) => {
      response.resume().on("end", () => resolve(true));
    })
      .on("error", reject)
      .end();
  });
}

/** Upstreams are on this machine, so that the network of the configuration may reach it. */
function configuration({ module }: Bundle, { vars, cachePort }: ServeOptions, socket: string): string {
  const { compatibility_date: date, compatibility_flags: flags } = readWranglerToml();
  const text = JSON.stringify;
  const bindings = Object.entries(vars).map(
    ([name, value]) => `(name = ${text(name)}, json = ${text(text(value))})`,
  );
  return `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = .worker),
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "cache", external = (address = "127.0.0.1:${cachePort}", http = (style = proxy))),
  ],
  sockets = [(name = "http", address = ${text(`unix:${socket}`)}, http = (), service = "worker")],
);
const worker :Workerd.Worker = (
  modules = [(name = ${text(module)}, esModule = embed ${text(module)})],
  compatibilityDate = ${text(date)},
  compatibilityFlags = ${text(flags)},
  bindings = [${bindings.join(", ")}],
  cacheApiOutbound = "cache",
);
`;
}
