// `npm run bench:cpu`: the CPU that a request costs the Worker, beside the least that a proxy can be and beside what nobody
// can do without. It fails only where something could not be measured: a budget is for people to look at.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readWranglerToml } from "../tools/configuration.ts";
import { freePort } from "../tools/http.ts";
import { stopAll } from "../tools/processes.ts";
import { Backend } from "./cpu-backend.ts";
import type { CacheQuestion } from "./cpu-cache.ts";
import { sendAll, type Subject } from "./cpu-load.ts";
import { Profiler } from "./cpu-profile.ts";
import type { RegistryAnswer, RegistryQuestion } from "./cpu-registry.ts";
import { report, type Measured, type Measurement } from "./cpu-report.ts";
import { ROWS, type Row, type Scene } from "./cpu-rows.ts";
import { bundle, serve, type ServedWorker } from "./workerd.ts";

/** `CACHE_MAX_BLOB` for the largest rows that fill; where nobody sets it it is 1 MiB, by what they measure. */
const LARGEST_FILL = 2 * 1024 * 1024;
/** A profile is of so many measurements: it sees what runs each millisecond only. */
const PROFILED = 5;
const MANY = 16;
const CONNECTIONS = [1, MANY];
const ROUNDS = 3;
/** Requests before anything of a row is counted: what is compiled once is no request's cost. */
const WARM_UP = 150;
/** A Worker that has used no time for so long has nothing left to do. */
const SETTLED_MS = 50;
const LATE_MS = 5000;
/** What is not in the cache so long after the last thing that came does not come. */
const GONE_MS = 300;
/** Bytes of the largest thing that is filled over several connections. */
const MANY_AT_ONCE = 64 * 1024;

const { values: options } = parseArgs({
  options: { only: { type: "string", default: "" }, profile: { type: "string" } },
});
const cache = new Backend<CacheQuestion, number>("cpu-cache.ts");
const registry = new Backend<RegistryQuestion, RegistryAnswer>("cpu-registry.ts");
const inspectorPort = await freePort();
let repositories = 0;
try {
  const workers = await startWorkers();
  if (options.profile === undefined) {
    const rows = ROWS.filter(({ name }) => name.includes(options.only));
    const measured: Measured[] = [];
    for (const row of rows) measured.push(...(await measureRow(row, workers)));
    report(measured);
  } else {
    for (const row of ROWS.filter(({ name }) => name.includes(options.profile ?? ""))) {
      await profile(row, workers.ours);
    }
  }
} finally {
  cache.stop();
  registry.stop();
  await stopAll();
}

/** A Worker, and the one that fills the cache for it. */
interface Measurable {
  readonly subject: Subject;
  readonly worker: ServedWorker;
  readonly filler: ServedWorker;
}

async function startWorkers(): Promise<Record<Subject, Measurable>> {
  const [upstream = "", realm = ""] = await registry.ask("addresses");
  const cachePort = await cache.ask("port");
  const vars = readWranglerToml()["vars"] as { ROUTES: Record<string, unknown> };
  // The owner's table as well, for the page; and tags that stay young for as long as a measurement takes.
  const ROUTES = { ...vars.ROUTES, reg: { upstream, realm, mirrors: [] } };
  const ferry = { vars: { ROUTES, TAG_TTL: 3600, CACHE_MAX_BLOB: LARGEST_FILL }, cachePort };
  const compared = { vars: { UPSTREAM: upstream, REALM: realm }, cachePort };
  const ours = await bundle("cpu/ferry");
  const inspector = options.profile === undefined ? {} : { inspectorPort };
  const worker = await serve(ours, { ...ferry, ...inspector });
  const filler = await serve(ours, { ...ferry, name: "filler" });
  const bare = await serve(await bundle("cpu/bare", "test/bench/cpu-bare.ts"), compared);
  const floor = await serve(await bundle("cpu/floor", "test/bench/cpu-floor.ts"), compared);
  return {
    ours: { subject: "ours", worker, filler },
    bare: { subject: "bare", worker: bare, filler: bare },
    floor: { subject: "floor", worker: floor, filler: floor },
  };
}

async function measureRow(row: Row, workers: Record<Subject, Measurable>): Promise<Measured[]> {
  const { beside } = row;
  const both = [workers.ours, workers[beside]];
  const counts = row.isAlone === true ? [1] : CONNECTIONS;
  for (const one of both) await measure(row, one, Math.max(...counts), Math.min(row.requests, WARM_UP));
  const measured: Measured[] = [];
  for (const connections of counts) {
    const ours: Measurement[] = [];
    const others: Measurement[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // What else runs on this machine hits both alike.
      ours.push(await measure(row, workers.ours, connections));
      others.push(await measure(row, workers[beside], connections));
    }
    measured.push({ row, connections, ours, others });
  }
  process.stderr.write(`${row.name}\n`);
  return measured;
}

async function measure(
  row: Row,
  { filler, subject, worker }: Measurable,
  connections: number,
  requests = row.requests,
): Promise<Measurement> {
  const asks = await row.prepare(sceneOf({ filler, subject, worker }), requests);
  await settle(worker);
  const before = worker.cpu();
  const begun = performance.now();
  await sendAll(worker.socket, subject, asks, connections);
  const seconds = (performance.now() - begun) / 1000;
  const kept = row.keeps === undefined ? undefined : await keptOf(row.keeps, asks.length);
  await settle(worker);
  const ms = (worker.cpu() - before) / asks.length;
  await cache.ask("clear");
  // Of many blobs at once only those are kept for which there is room: the table says how many.
  if (kept !== undefined && kept < asks.length && connections === 1) {
    throw new Error(`${row.name}, ${subject}: of ${asks.length} only ${kept} were kept`);
  }
  return { ms, seconds, requests: asks.length, kept };
}

function sceneOf({ filler, subject, worker }: Measurable): Scene {
  return {
    add: async (kind, size, count) => registry.ask({ kind, size, count }),
    fill: async (asks) => {
      if (subject === "bare") return;
      const [{ bytes = 0 } = {}] = asks;
      // Large ones would find no room beside each other.
      await sendAll(filler.socket, subject, asks, bytes > MANY_AT_ONCE ? 1 : MANY);
      const kept = await keptOf(bytes, asks.length);
      if (kept < asks.length) throw new Error(`${subject}: of ${asks.length} only ${kept} were filled`);
      await settle(filler);
    },
    ask: async (asks) => sendAll(worker.socket, subject, asks, 1),
    repository: () => `team/app-${(repositories += 1)}`,
  };
}

/** How many things of that size are in the cache, once no more come. */
async function keptOf(size: number, expected: number): Promise<number> {
  let kept = await cache.ask({ count: size });
  for (let changed = Date.now(); kept < expected && Date.now() - changed < GONE_MS;) {
    await sleep(20);
    const now = await cache.ask({ count: size });
    if (now !== kept) changed = Date.now();
    kept = now;
  }
  return kept;
}

/** Waits until a Worker has nothing left to do: what an answer leaves to be done is part of its cost. */
async function settle(worker: ServedWorker): Promise<void> {
  const begun = Date.now();
  let since = begun;
  for (let last = worker.cpu(); Date.now() - since < SETTLED_MS;) {
    if (Date.now() - begun > LATE_MS) throw new Error("a Worker does not come to rest");
    await sleep(10);
    const now = worker.cpu();
    if (now !== last) since = Date.now();
    last = now;
  }
}

/** Where the time of a row goes, by the functions of the Worker. */
async function profile(row: Row, ours: Measurable): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) await measure(row, ours, 1);
  const asks = await row.prepare(sceneOf(ours), PROFILED * row.requests);
  const profiler = await Profiler.start(inspectorPort);
  await sendAll(ours.worker.socket, "ours", asks, 1);
  await settle(ours.worker);
  await profiler.stop(row.name, asks.length);
  await cache.ask("clear");
}
