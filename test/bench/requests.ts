// `npm run bench:requests`: how many requests a pull costs, at the Worker and behind it, beside a plain pass-through; and
// how many operations of R2, where a bucket is bound. Exits with 1 where a pull in another data centre asks for content.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../tools/configuration.ts";
import { emptyCache, objectsIn, startDevServer, type DevServerOptions } from "../tools/dev-server.ts";
import { stopAll } from "../tools/processes.ts";
import { startRegistry } from "../registry/index.ts";
import type { SeededImage } from "../registry/types.ts";
import { readMeter, untilQuiet, writeMeteredEntry } from "./meter.ts";
import { Client, type Kind } from "./pulls.ts";
import { renderAllowance, renderRequests, type Row } from "./request-table.ts";

/** Bytes; all under CACHE_MAX_BLOB's default of 1 MiB. */
const LAYERS = [20_000, 200_000, 500_000, 800_000, 1_000_000];
/** Over it: only a bucket keeps this one. */
const LARGE_LAYER = 5_000_000;
/** A pull and what is written after it are over by then. */
const TAG_TTL_SECONDS = 5;
const KINDS: readonly Kind[] = ["docker", "containerd", "podman"];
const TROUBLE = { fail: 503, failToken: 503, failCdn: 503 } as const;
const NO_TROUBLE = { fail: null, failToken: null, failCdn: null } as const;

const COLD = ["cold", "warm", "within TAG_TTL", "stale"];
const ISOLATE = "another isolate";
const ELSEWHERE = "another data centre";
const ELSEWHERE_DOWN = "another data centre, registry down";
const IN_TROUBLE = ["stale", ELSEWHERE_DOWN];
/** The tag is not believed any more. */
const AFTER_TTL = ["warm", "stale"];

/** Who pulls what, through which proxy. */
interface Subject {
  readonly proxy: string;
  readonly lane: "public" | "client" | "–";
  readonly kind: Kind;
  readonly pull: string;
  readonly image: SeededImage;
}

const registry = await startRegistry({ users: { alice: "alice-password" } });
const docker = { upstream: registry.url, registry: "docker.io", realm: registry.tokenUrl, mirrors: [] };
const vars = { ROUTES: { docker }, TAG_TTL: TAG_TTL_SECONDS };
const folder = join(ROOT, ".wrangler/bench");
const rows: Row[] = [];
const faults: string[] = [];
try {
  await measureFerry();
  await measureBucket();
  await measurePassThrough();
} finally {
  await registry.close();
  await stopAll();
}
print();
if (faults.length > 0) process.exitCode = 1;

async function measureFerry(): Promise<void> {
  const state = freshState();
  await serving("bench", { vars, state }, async (port) => {
    for (const kind of KINDS) {
      await measure(port, subject("Registry Ferry", "public", kind), COLD);
      await measure(port, subject("Registry Ferry", "client", kind), ["cold", "warm"]);
    }
  });
}

/** Another data centre is a server that is started anew: an isolate and a cache that know nothing, over the same bucket. */
async function measureBucket(): Promise<void> {
  const state = freshState();
  const bucket = { vars: { ...vars, BUCKET_REPOSITORIES: "docker.io/**" }, main: writeMeteredEntry(), state };
  const proxy = "Registry Ferry, bucket";
  const pulls = KINDS.map((kind) => subject(proxy, "public", kind));
  pulls.push(subject(proxy, "public", "docker", LARGE_LAYER));
  const during = (work: (port: number) => Promise<void>): Promise<void> =>
    serving("bench-bucket", { ...bucket, bucket: true }, work);
  await during(async (port) => {
    for (const one of pulls) await measure(port, one, COLD, state);
    await measure(port, subject(proxy, "client", "docker"), ["cold", "warm"], state);
  });
  for (const elsewhere of [ISOLATE, ELSEWHERE, ELSEWHERE_DOWN]) {
    if (elsewhere !== ISOLATE) emptyCache(state);
    await during(async (port) => {
      for (const one of pulls) await measure(port, one, [elsewhere], state);
    });
  }
}

async function measurePassThrough(): Promise<void> {
  const main = join(ROOT, "test/bench/pass-through.ts");
  const passing = { vars: { UPSTREAM: registry.url, REALM: registry.tokenUrl }, main };
  await serving("bench-pass-through", passing, async (port) => {
    for (const kind of KINDS) {
      await measure(port, subject("plain pass-through", "–", kind), ["cold", "warm", "stale"]);
    }
  });
}

async function serving(
  name: string,
  options: DevServerOptions,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const worker = await startDevServer(name, options);
  try {
    await work(worker.port);
  } finally {
    await worker.stop();
  }
}

/** A folder for a server's stores, with nothing in it. */
function freshState(): string {
  return join(folder, `state-${Date.now()}`);
}

/** With an image of its own. @param more bytes of one more layer */
function subject(proxy: string, lane: Subject["lane"], kind: Kind, more?: number): Subject {
  const pull = more === undefined ? kind : `${kind}, and a layer of ${more / 1e6} MB`;
  const repository = `library/${`${proxy} ${lane} ${pull}`.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  const layers = more === undefined ? LAYERS : [...LAYERS, more];
  return { proxy, lane, kind, pull, image: registry.seedImage({ repository, layers }) };
}

/** Pulls in each state, one after the other. @param state where the server's bucket is, if it has one */
async function measure(
  port: number,
  subject: Subject,
  states: readonly string[],
  state?: string,
): Promise<void> {
  for (const name of states) {
    if (AFTER_TTL.includes(name) && subject.lane === "public") await sleep(1000 * TAG_TTL_SECONDS + 300);
    registry.configure(IN_TROUBLE.includes(name) ? TROUBLE : NO_TROUBLE);
    await measureOne(port, subject, name, state);
  }
  registry.configure(NO_TROUBLE);
}

async function measureOne(
  port: number,
  { image, kind, lane, proxy, pull }: Subject,
  name: string,
  state: string | undefined,
): Promise<void> {
  const before = state === undefined ? undefined : await readMeter(port);
  registry.resetCounters();
  const client = new Client(port, "docker.localhost", lane === "client" ? "alice:alice-password" : undefined);
  const failure = await client.pull(kind, image).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  // The copy that nothing is kept in may fail when the registry does; we may not.
  if (failure !== undefined && !(lane === "–" && IN_TROUBLE.includes(name))) throw failure;
  const { counters } = registry;
  if (state !== undefined) {
    await untilQuiet(async () => [await readMeter(port), objectsIn(state), counters]);
  }
  const after = before && (await readMeter(port));
  const counts = [client.requests, counters.registry, counters.token, counters.cdn, counters.manifestGet];
  const billed = before && after && { a: after.a - before.a, b: after.b - before.b };
  rows.push({ proxy, lane, pull, state: name, counts: failure === undefined ? counts : undefined, billed });
  if (name === ELSEWHERE) checkElsewhere(`${pull}: ${name}`);
}

/** The tag's HEAD is all that a registry is asked for an image that the bucket has. */
function checkElsewhere(title: string): void {
  const { blobGet, blobHead, cdn, manifestGet, manifestHead } = registry.counters;
  const asked = { manifestHead, manifestGet, blobHead, blobGet, cdn };
  if (manifestHead === 1 && manifestGet + blobHead + blobGet + cdn === 0) return;
  faults.push(
    `${title}: the registry was asked ${JSON.stringify(asked)}, and for one HEAD only it should be`,
  );
}

function print(): void {
  const table = renderRequests(rows);
  const allowance = renderAllowance(rows, ["cold", "warm", ISOLATE, ELSEWHERE]);
  const sizes = LAYERS.map((size) => `${(size / 1000).toFixed(0)} kB`).join(", ");
  console.log(
    `An index image with ${LAYERS.length} layers (${sizes}), TAG_TTL ${TAG_TTL_SECONDS} s:\n\n${table}\n`,
  );
  console.log(`R2's free allowance, 1,000,000 class A and 10,000,000 class B operations:\n\n${allowance}`);
  for (const fault of faults) console.error(`FAULT ${fault}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "requests.md"), `${table}\n\n${allowance}\n`);
}
