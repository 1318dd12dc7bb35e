// What the CPU benchmark measures, row by row, and the budget of each. A row's name says what is known when it is asked.

import type { Ask } from "./cpu-load.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const OUR_BEARER = "Bearer ferry.anonymous";
const CLIENTS_TOKEN = `Bearer client-${"0123456789abcdef".repeat(32)}`;
const LOGIN = `Basic ${Buffer.from("alice:alice-password").toString("base64")}`;
const SCOPE = "service=registry.test&scope=repository%3Ateam%2Fapp%3Apull";
/** A small image's manifest. */
const SMALL = 2 * KIB;
/** Nearly the largest that is kept. */
const LARGE = 256 * KIB - 64;

/** What a row may cost. */
export interface Budget {
  /** Milliseconds a request. */
  readonly ms: number;
  /** True of a bound on all that it takes, and not on what it takes more than the other. */
  readonly inAll?: true;
}

/** What a row is made with. */
export interface Scene {
  /** @returns the digests of new contents of the registry */
  add(kind: "manifest" | "blob", size: number, count: number): Promise<readonly string[]>;
  /** Has the answers kept: by another isolate over the same cache, where one remembers more than its cache. */
  fill(asks: readonly Ask[]): Promise<void>;
  /** Asks the one that will be measured. */
  ask(asks: readonly Ask[]): Promise<void>;
  /** A name that was never used. */
  repository(): string;
}

export interface Row {
  readonly name: string;
  readonly beside: "bare" | "floor";
  readonly budget?: Budget;
  /** How many in one measurement. */
  readonly requests: number;
  /** True where it is asked over one connection only. */
  readonly isAlone?: true;
  /** Bytes of what each request must leave in the cache. */
  readonly keeps?: number;
  /** Bytes of each body, where its speed is of interest. */
  readonly speedOf?: number;
  /** Makes all ready for one measurement, and what is to be asked in it. */
  prepare(scene: Scene, requests: number): Promise<readonly Ask[]>;
}

const NEAR_BARE: Budget = { ms: 0.5 };

/** The same request again and again. */
function repeated(name: string, ask: Ask, budget: Budget): Row {
  return {
    name,
    beside: "bare",
    budget,
    requests: 250,
    prepare: (_, requests) => Promise.resolve(Array<Ask>(requests).fill(ask)),
  };
}

const ANSWERED_HERE: readonly Row[] = [
  repeated("page", { host: "localhost", path: "/" }, { ms: 1, inAll: true }),
  repeated("ping without credentials (401)", { path: "/v2/", status: 401 }, NEAR_BARE),
  repeated("ping, our bearer", { path: "/v2/", authorization: OUR_BEARER }, NEAR_BARE),
  repeated("ping, a client's own token", { path: "/v2/", authorization: CLIENTS_TOKEN }, NEAR_BARE),
  repeated("token, anonymous", { path: `/v2/auth?${SCOPE}` }, NEAR_BARE),
  repeated(
    "token, with a login",
    { path: `/v2/auth?account=alice&${SCOPE}`, authorization: LOGIN },
    NEAR_BARE,
  ),
];

/** What is asked of a content. */
interface About {
  readonly kind: "manifest" | "blob";
  readonly size: number;
  readonly by?: "tag";
  readonly method?: "HEAD";
}

function askFor(about: About, repository: string, digest: string, cache: Ask["cache"]): Ask {
  const reference = about.by === "tag" ? digest.slice("sha256:".length) : digest;
  const { method = "GET" } = about;
  return {
    method,
    path: `/v2/${repository}/${about.kind}s/${reference}`,
    authorization: OUR_BEARER,
    cache,
    bytes: method === "HEAD" ? 0 : about.size,
  };
}

/** With a client's own token: nothing is kept, and the same thing is asked for again and again. */
function clientLane(name: string, about: About, requests: number, budget: Budget): Row {
  return {
    name,
    beside: "bare",
    budget,
    requests,
    prepare: async (scene, count) => {
      const [digest = ""] = await scene.add(about.kind, about.size, 1);
      const ask = askFor(about, scene.repository(), digest, undefined);
      return Array<Ask>(count).fill({ ...ask, authorization: CLIENTS_TOKEN });
    },
  };
}

/** Each asked once, and kept. @param isProved whether the repository was proved to be public before */
function filling(name: string, about: About, requests: number, isProved: boolean, budget?: Budget): Row {
  return {
    name,
    beside: "floor",
    ...(budget === undefined ? {} : { budget }),
    requests,
    keeps: about.size,
    prepare: async (scene, count) => {
      const digests = await scene.add(about.kind, about.size, count);
      const repository = scene.repository();
      if (isProved) {
        // Of another size, so that it is not taken for one of those that are measured.
        const [proof = ""] = await scene.add("manifest", SMALL + 1, 1);
        await scene.ask([askFor({ kind: "manifest", size: SMALL + 1 }, repository, proof, "miss")]);
      }
      return digests.map((digest) =>
        askFor(about, isProved ? repository : scene.repository(), digest, "miss"),
      );
    },
  };
}

/** Kept before the measurement. @param from where it is found: in the isolate that is asked, or only in the cache */
function warm(row: Omit<Row, "prepare">, about: About, from: "memory" | "cache"): Row {
  return {
    ...row,
    prepare: async (scene, count) => {
      const repository = scene.repository();
      const [proof = ""] = await scene.add("manifest", SMALL + 1, 1);
      await scene.fill([askFor({ kind: "manifest", size: SMALL + 1 }, repository, proof, "miss")]);
      const digests = await scene.add(about.kind, about.size, from === "memory" ? 1 : count);
      const whole = { kind: about.kind, size: about.size, ...(about.by && { by: about.by }) };
      await scene.fill(digests.map((digest) => askFor(whole, repository, digest, "miss")));
      const asks = digests.map((digest) => askFor(about, repository, digest, "hit"));
      if (from === "cache") return asks;
      await scene.ask([...asks, ...asks]);
      return Array.from({ length: count }, () => asks).flat();
    },
  };
}

function warmManifest(
  name: string,
  about: Omit<About, "kind">,
  from: "memory" | "cache",
  requests = 200,
): Row {
  const row = { name, beside: "bare", budget: NEAR_BARE, requests } as const;
  return warm(row, { kind: "manifest", ...about }, from);
}

const SMALL_BY_TAG = { kind: "manifest", size: SMALL, by: "tag" } as const;
const SMALL_BY_DIGEST = { kind: "manifest", size: SMALL } as const;
const LARGE_BY_DIGEST = { kind: "manifest", size: LARGE } as const;

const MANIFESTS: readonly Row[] = [
  clientLane("manifest, client lane", SMALL_BY_DIGEST, 250, NEAR_BARE),
  filling("manifest by tag, cold, repository unknown", SMALL_BY_TAG, 150, false),
  filling("manifest by tag, cold, repository proved", SMALL_BY_TAG, 150, true),
  filling("manifest by digest, cold, repository unknown", SMALL_BY_DIGEST, 150, false),
  filling("manifest by digest, cold, repository proved", SMALL_BY_DIGEST, 150, true),
  warmManifest("manifest by tag, warm from memory", { size: SMALL, by: "tag" }, "memory"),
  warmManifest("manifest by tag, warm from the cache", { size: SMALL, by: "tag" }, "cache"),
  warmManifest("manifest by digest, warm from memory", { size: SMALL }, "memory"),
  warmManifest("manifest by digest, warm from the cache", { size: SMALL }, "cache"),
  warmManifest("HEAD by tag, warm from memory", { size: SMALL, by: "tag", method: "HEAD" }, "memory"),
  warmManifest("HEAD by tag, warm from the cache", { size: SMALL, by: "tag", method: "HEAD" }, "cache"),
  filling("largest manifest, cold, repository proved", LARGE_BY_DIGEST, 60, true, { ms: 5 }),
  warmManifest("largest manifest, warm from memory", { size: LARGE }, "memory", 80),
  warmManifest("largest manifest, warm from the cache", { size: LARGE }, "cache", 80),
];

/** A blob of some size: passed with a client's token, filling, and from the cache. @param warmBudget if it has one */
function blobRows(name: string, size: number, requests: number, warmBudget?: Budget): Row[] {
  const about = { kind: "blob", size } as const;
  const warmRow = { name: `${name} blob, warm`, beside: "floor", requests } as const;
  return [
    clientLane(`${name} blob, client lane`, about, requests, { ms: 1 }),
    filling(`${name} blob, filling, repository proved`, about, requests, true, {
      // For each MiB that is begun.
      ms: 2 * Math.ceil(size / MIB),
    }),
    warm(warmBudget === undefined ? warmRow : { ...warmRow, budget: warmBudget }, about, "cache"),
  ];
}

export const ROWS: readonly Row[] = [
  ...ANSWERED_HERE,
  ...MANIFESTS,
  ...blobRows("64 KiB", 64 * KIB, 150, { ms: 0.7 }),
  ...blobRows("1 MiB", MIB, 60),
  ...blobRows("2 MiB", 2 * MIB, 60),
  {
    ...clientLane("1 GiB blob, client lane", { kind: "blob", size: 1024 * MIB }, 1, { ms: 1 }),
    isAlone: true,
    speedOf: 1024 * MIB,
  },
];
