// `npm run bench:requests`: how many requests a pull costs, at the Worker and behind it, beside a plain pass-through.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../tools/configuration.ts";
import { startDevServer } from "../tools/dev-server.ts";
import { stopAll } from "../tools/processes.ts";
import { startRegistry, type EmbeddedRegistry } from "../registry/index.ts";
import { Client, type Kind } from "./pulls.ts";

/** Bytes; all under CACHE_MAX_BLOB's default of 2 MiB. */
const LAYERS = [20_000, 200_000, 500_000, 1_000_000, 1_900_000];
const TAG_TTL_SECONDS = 1;
const KINDS: readonly Kind[] = ["docker", "containerd", "podman"];
const TROUBLE = { fail: 503, failToken: 503, failCdn: 503 } as const;
const NO_TROUBLE = { fail: null, failToken: null, failCdn: null } as const;

interface Measured {
  readonly proxy: string;
  readonly lane: string;
  readonly kind: Kind;
  readonly state: string;
  /** Undefined where the pull failed. */
  readonly counts: readonly number[] | undefined;
}

const registry = await startRegistry({ users: { alice: "alice-password" } });
const measured: Measured[] = [];
try {
  await measureFerry(registry);
  await measurePassThrough(registry);
} finally {
  await registry.close();
  await stopAll();
}
print();

async function measureFerry(upstream: EmbeddedRegistry): Promise<void> {
  const docker = { upstream: upstream.url, registry: "docker.io", realm: upstream.tokenUrl, mirrors: [] };
  const vars = { ROUTES: { docker }, TAG_TTL: TAG_TTL_SECONDS };
  const worker = await startDevServer("bench", {
    vars,
    state: join(ROOT, ".wrangler/bench", `state-${Date.now()}`),
  });
  try {
    for (const kind of KINDS) {
      await measure("Registry Ferry", "public", kind, worker.port, undefined, [
        "cold",
        "warm",
        "within TAG_TTL",
        "stale",
      ]);
      await measure("Registry Ferry", "client", kind, worker.port, "alice:alice-password", ["cold", "warm"]);
    }
  } finally {
    await worker.stop();
  }
}

async function measurePassThrough(upstream: EmbeddedRegistry): Promise<void> {
  const vars = { UPSTREAM: upstream.url, REALM: upstream.tokenUrl };
  const main = join(ROOT, "test/bench/pass-through.ts");
  const worker = await startDevServer("bench-pass-through", { vars, main });
  try {
    for (const kind of KINDS) {
      await measure("plain pass-through", "–", kind, worker.port, undefined, ["cold", "warm", "stale"]);
    }
  } finally {
    await worker.stop();
  }
}

/** Pulls one new image in each state, one after the other. */
async function measure(
  proxy: string,
  lane: string,
  kind: Kind,
  port: number,
  credentials: string | undefined,
  states: readonly string[],
): Promise<void> {
  const repository = `library/${proxy.toLowerCase().replaceAll(" ", "-")}-${lane === "–" ? "x" : lane}-${kind}`;
  const image = registry.seedImage({ repository, layers: LAYERS });
  for (const state of states) {
    if (state === "warm" || state === "stale") await sleep(1000 * TAG_TTL_SECONDS + 300);
    registry.configure(state === "stale" ? TROUBLE : NO_TROUBLE);
    registry.resetCounters();
    const client = new Client(port, "docker.localhost", credentials);
    const failed = await client.pull(kind, image).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    const { counters } = registry;
    const counts = [client.requests, counters.registry, counters.token, counters.cdn, counters.manifestGet];
    measured.push({ proxy, lane, kind, state, counts: failed === undefined ? [...counts] : undefined });
    if (failed !== undefined && state !== "stale") throw failed;
  }
  registry.configure(NO_TROUBLE);
}

function print(): void {
  const head = [
    "proxy",
    "lane",
    "pull",
    "state",
    "to the proxy",
    "registry",
    "token service",
    "CDN",
    "counted by the quota",
  ];
  const rows = measured.map(({ proxy, lane, kind, state, counts }) => [
    proxy,
    lane,
    kind,
    state,
    ...(counts?.map(String) ?? ["fails", "", "", "", ""]),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
  const sizes = LAYERS.map((size) => `${(size / 1000).toFixed(0)} kB`).join(", ");
  console.log(
    `An index image with ${LAYERS.length} layers (${sizes}), TAG_TTL ${TAG_TTL_SECONDS} s:\n\n${table}`,
  );
  const folder = join(ROOT, ".wrangler/bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "requests.md"), `${table}\n`);
}
