// `npm run bench:memory`: how much memory the Worker needs for clients that read slowly or not at all, and for odd
// manifests. It exits with 1 where a bound is exceeded. A benchmark, and no test: memory is noisy.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../tools/configuration.ts";
import { stopAll } from "../tools/processes.ts";
import { startCacheService } from "./cache-service.ts";
import { askSlowly, askWhole } from "./memory-clients.ts";
import { MemoryRegistry } from "./memory-registry.ts";
import { bundle, serve, workerdVersion, type Bundle, type ServedWorker } from "./workerd.ts";

const MIB = 1024 * 1024;
/** `CACHE_MAX_BLOB`, as it is where nobody sets it. */
const LIMIT = MIB;
/** Over rest. An isolate has 128 MB for everything. */
const BOUND = 64 * MIB;
const CLIENTS = 60;
const PULLS = 100;
const READERS = 10;
const SLOW = 64 * 1024;
const INDEX = "application/vnd.oci.image.index.v1+json";
/** Clients come one after the other: all at once, most of them would find the store full whatever it counts. */
const APART_MS = 50;
const STAY_MS = 6_000;
const LEAVE_MS = 3_000;

interface Measured {
  readonly what: string;
  /** Bytes resident at rest, at most, and once the clients have left. */
  readonly rest: number;
  readonly peak: number;
  readonly after: number;
  readonly remark: string;
}

const cache = await startCacheService();
const registry = await MemoryRegistry.start();
const other = await MemoryRegistry.start();
const lists = await MemoryRegistry.start();
const rows: Measured[] = [];
const faults: string[] = [];
let bundled: Bundle;
try {
  bundled = await bundle("memory");
  await measureClients("just under", LIMIT - 1, 0);
  await measureClients("just under", LIMIT - 1, SLOW);
  await measureClients("just over", LIMIT + 1, 0);
  await measureClients("just over", LIMIT + 1, SLOW);
  await measurePulls();
  const documents = { "an array of 4 MiB": worstArray(), "an object of 300,000 keys": worstObject() };
  for (const [what, text] of Object.entries(documents)) await measureManifest(what, text);
  await measureUnmeasured();
  await measureTagLists();
  await checkStalled();
} finally {
  await Promise.all([registry.close(), other.close(), lists.close(), cache.close()]);
  await stopAll();
}
print();
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

/** Many clients, each of a blob of its own. */
async function measureClients(size: string, bytes: number, bytesPerSecond: number): Promise<void> {
  const reads = bytesPerSecond === 0 ? "reading nothing" : `reading ${bytesPerSecond / 1024} KiB/s`;
  await measure(`${CLIENTS} clients of blobs ${size} CACHE_MAX_BLOB, ${reads}`, async ({ socket }) => {
    const clients = [];
    for (let count = 0; count < CLIENTS; count += 1) {
      clients.push(askSlowly(socket, `/v2/team/app/blobs/${registry.addBlob(bytes)}`, bytesPerSecond));
      await sleep(APART_MS);
    }
    await sleep(STAY_MS);
    const statuses = await Promise.all(clients.map(({ status }) => status));
    for (const client of clients) client.leave();
    if (statuses.some((status) => status !== "200")) faults.push(`not all were served: ${statuses.join()}`);
    const stored = cache.sizes().filter((kept) => kept === bytes).length;
    return `${stored} stored`;
  });
}

/** One client that pulls one blob after the other, and reads them whole: what is left behind by each must go. */
async function measurePulls(): Promise<void> {
  await measure(
    `${PULLS} pulls one after the other, of blobs just under CACHE_MAX_BLOB`,
    async ({ socket }) => {
      for (let count = 0; count < PULLS; count += 1) {
        await askWhole(socket, `/v2/team/app/blobs/${registry.addBlob(LIMIT - 1)}`);
      }
      return `${cache.sizes().filter((kept) => kept === LIMIT - 1).length} stored`;
    },
  );
}

/** Readers of one manifest at once, first while it is not stored, then (if it ever is) from the store. */
async function measureManifest(what: string, text: string): Promise<void> {
  const path = `/v2/team/app/manifests/${registry.addManifest(INDEX, text, true)}`;
  await measure(`${READERS} readers at once of a manifest that is ${what}`, async ({ socket }) => {
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(Array.from({ length: READERS }, () => askWhole(socket, path)));
      if (answers.some(({ status }) => status !== 200)) faults.push(`${what}: not all were served`);
    }
    const stored = cache.sizes().some((kept) => kept === Buffer.byteLength(text));
    return stored ? "stored, then from the store" : "not stored, asked twice";
  });
}

/** Manifests whose length nobody says. */
async function measureUnmeasured(): Promise<void> {
  const path = `/v2/team/app/manifests/${registry.addManifest(INDEX, worstArray(), false)}`;
  await measure(`${CLIENTS} readers at once of such a manifest without a length`, async ({ socket }) => {
    const answers = await Promise.all(Array.from({ length: CLIENTS }, () => askWhole(socket, path)));
    if (answers.some(({ status }) => status !== 200)) faults.push("without a length: not all were served");
    return "passed as they come";
  });
}

/** Lists of tags in which the repository's name is mapped. */
async function measureTagLists(): Promise<void> {
  await measure(`${CLIENTS} clients of tag lists of 2 MiB, reading nothing`, async ({ socket }) => {
    const clients = Array.from({ length: CLIENTS }, () =>
      askSlowly(socket, "/v2/app/tags/list", 0, "library.localhost"),
    );
    const statuses = await Promise.all(clients.map(({ status }) => status));
    await sleep(STAY_MS);
    for (const client of clients) client.leave();
    if (statuses.some((status) => status !== "200")) faults.push(`not all were served: ${statuses.join()}`);
    return "passed as they come";
  });
}

/** Blobs that stall halfway fill no more than their registry's half: another registry's blob is stored beside them. */
async function checkStalled(): Promise<void> {
  await measure("8 clients of blobs of one registry that stall at half", async ({ socket }) => {
    const clients = Array.from({ length: 8 }, () =>
      askSlowly(socket, `/v2/team/app/blobs/${registry.addBlob(LIMIT, LIMIT / 2)}`, SLOW),
    );
    await sleep(2000);
    const path = `/v2/team/app/blobs/${other.addBlob(LIMIT - 1)}`;
    await askWhole(socket, path, "other.localhost");
    await sleep(500);
    const again = await askWhole(socket, path, "other.localhost");
    for (const client of clients) client.leave();
    if (again.cache !== "hit") faults.push("a blob of another registry was not stored beside stalled ones");
    return again.cache === "hit" ? "another registry's blob: stored" : "another registry's blob: NOT stored";
  });
}

/** Runs a scenario on a workerd of its own. */
async function measure(what: string, scenario: (worker: ServedWorker) => Promise<string>): Promise<void> {
  cache.clear();
  const rowOf = ({ url }: MemoryRegistry): unknown => ({ upstream: url, mirrors: [] });
  const library = { upstream: lists.url, mirrors: [], library: true };
  const routes = { reg: rowOf(registry), other: rowOf(other), library };
  const worker = await serve(bundled, { vars: { ROUTES: routes }, cachePort: cache.port });
  try {
    // What it has read, learned and compiled once is rest.
    for (const host of ["reg.localhost", "other.localhost"]) {
      const path = `/v2/team/app/blobs/${(host.startsWith("reg") ? registry : other).addBlob(1000)}`;
      for (let round = 0; round < 3; round += 1) await askWhole(worker.socket, path, host);
    }
    const rest = worker.resident();
    let peak = rest;
    const watch = setInterval(() => (peak = Math.max(peak, worker.resident())), 50);
    const remark = await scenario(worker);
    await sleep(LEAVE_MS);
    clearInterval(watch);
    rows.push({ what, rest, peak, after: worker.resident(), remark });
    if (peak - rest > BOUND) faults.push(`${what}: more than ${BOUND / MIB} MiB over rest`);
  } finally {
    await worker.stop();
  }
}

function worstArray(): string {
  const head = '{"schemaVersion":2,"manifests":[';
  return `${head}${"0,".repeat((4 * MIB - head.length - 3) / 2)}0]}`;
}

function worstObject(): string {
  const keys = Array.from({ length: 300_000 }, (_, index) => `"${index.toString(36)}":0`);
  return `{"schemaVersion":2,"annotations":{${keys.join()}}}`;
}

function print(): void {
  const inMib = (bytes: number): string => (bytes / MIB).toFixed(0);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const head = ["what", "at rest", "at most", "over rest", "after", ""];
  const table = [
    line(head),
    line(head.map(() => "---")),
    ...rows.map(({ what, rest, peak, after, remark }) =>
      line([what, inMib(rest), inMib(peak), inMib(peak - rest), inMib(after), remark]),
    ),
  ].join("\n");
  const machine = `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${workerdVersion()}, MiB resident`;
  console.log(`${machine}:\n\n${table}\n`);
  const folder = join(ROOT, ".wrangler/bench");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "memory.md"), `${machine}:\n\n${table}\n`);
}
