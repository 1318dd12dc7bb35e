// What every implementation of a store owes its readers, run against each of them.
import { env } from "cloudflare:workers";
import { onTestFinished, describe, expect, it, vi } from "vitest";
import { parseDigest, parseRepositoryName, parseTag } from "../../../src/distribution/reference.ts";
import { BucketStore } from "../../../src/store/bucket.ts";
import { CacheStore } from "../../../src/store/cache.ts";
import { keyOf, label, type Entry, type Words } from "../../../src/store/entry.ts";
import type { Store } from "../../../src/store/store.ts";
import { PublicResponse } from "../../../src/upstream/anonymous.ts";
import { digestOf } from "../client-ferry.ts";
import { hurry, plant, STORE, valid } from "./stage.ts";

const bucket = (env as unknown as { readonly BLOBS: R2Bucket }).BLOBS;
const CONTENT = "0123456789";
const UPSTREAM = "https://registry.example.com";
const repository = valid(parseRepositoryName("team/app"));
const digest = valid(parseDigest(await digestOf(CONTENT)));
const other = valid(parseDigest(await digestOf("another")));

/** An implementation, and the ways around it. */
interface Candidate {
  readonly name: string;
  open(): Store;
  /** Keeps `CONTENT`, as the public lane does. */
  keep(entry: Entry, words: Words): Promise<void>;
  /** Puts an object where the entry belongs, behind the store's back. */
  plant(entry: Entry, metadata: Words): Promise<void>;
  /** The same with a record. */
  plantRecord(entry: Entry, metadata: Words): Promise<void>;
  /** Makes every operation of the backing service fail until the test ends. */
  breakDown(): void;
}

/** An anonymous answer with the content: nothing else can be kept. */
async function anonymousAnswer(): Promise<PublicResponse> {
  const spy = vi.spyOn(globalThis, "fetch").mockImplementation(() => Promise.resolve(new Response(CONTENT)));
  const registry = {
    ...{ name: "registry.example.com", aliases: [], upstream: UPSTREAM, realms: [], mirrors: [] },
    ...{ library: false, search: undefined, uploadHosts: [], uploadPaths: [], store: true },
  };
  const request = { registry, repository, path: "/v2/x", method: "GET", conditions: {} } as const;
  const tokens = { get: () => Promise.resolve(undefined), set: () => undefined, forget: () => undefined };
  const trace = { upstreamMs: 0, upstreamRequests: 0 };
  const answer = await PublicResponse.fetch(request, { tokens, trace: trace as never, isOurs: () => false });
  spy.mockRestore();
  return answer;
}

function openBucket(): BucketStore {
  return new BucketStore(bucket, () => undefined);
}

const CANDIDATES: Candidate[] = [
  {
    name: "the Cache API",
    open: () => new CacheStore(() => undefined),
    keep: async (entry, words) => {
      const bytes = new TextEncoder().encode(CONTENT);
      const store: Store = new CacheStore(() => undefined);
      await store.writeContent(entry, words, bytes, 60, await anonymousAnswer());
    },
    plant: async (entry, metadata) => plant(STORE + (await keyOf(entry)), metadata, CONTENT),
    plantRecord: async (entry, metadata) => plant(STORE + (await keyOf(entry)), metadata, "x"),
    breakDown: () => {
      const spy = vi.spyOn(caches, "open").mockRejectedValue(new Error("out of order"));
      onTestFinished(() => {
        spy.mockRestore();
      });
    },
  },
  {
    name: "an R2 bucket",
    open: openBucket,
    keep: async (entry, words) => openBucket().writeContent(entry, words, new TextEncoder().encode(CONTENT)),
    plant: async (entry, metadata) => {
      await bucket.put(`public/${await keyOf(entry)}`, CONTENT, { customMetadata: { ...metadata } });
    },
    plantRecord: async (entry, metadata) => {
      await bucket.put(`public/${await keyOf(entry)}`, JSON.stringify(metadata));
    },
    breakDown: () => {
      const spies = (["get", "head", "put", "delete"] as const).map((method) =>
        vi.spyOn(bucket, method).mockRejectedValue(new Error("out of order")),
      );
      onTestFinished(() => {
        for (const spy of spies) spy.mockRestore();
      });
    },
  },
];

/** Another upstream for each test, so that none finds what another left. */
let count = 0;

function blob(): Extract<Entry, { kind: "manifest" | "blob" }> {
  count += 1;
  return { kind: "blob", upstream: `https://registry-${count}.example.com`, repository, digest };
}

function proof(): Extract<Entry, { kind: "proof" | "denial" }> {
  return { kind: "proof", upstream: blob().upstream, repository };
}

async function textOf(shelf: Store, entry: Entry, range?: { start: number; end: number }): Promise<unknown> {
  const found = await shelf.read(entry, range);
  return found === undefined ? undefined : new Response(found.body).text();
}

describe.each(CANDIDATES.map((candidate) => [candidate.name, candidate] as const))("%s", (_, candidate) => {
  it("gives back what was kept: bytes, words, size", async () => {
    const [shelf, entry] = [candidate.open(), blob()];
    await candidate.keep(entry, { mediaType: "a/b" });
    expect(await textOf(shelf, entry)).toBe(CONTENT);
    const description = await shelf.describe(entry);
    expect(description).toMatchObject({ size: CONTENT.length, words: { mediaType: "a/b" } });
  });

  it("gives a part of it, both ends included, and says the size of the whole", async () => {
    const [shelf, entry] = [candidate.open(), blob()];
    await candidate.keep(entry, {});
    expect(await textOf(shelf, entry, { start: 2, end: 4 })).toBe("234");
    const part = await shelf.read(entry, { start: 9, end: 9 });
    expect(part?.size).toBe(CONTENT.length);
    await part?.body.cancel();
  });

  it("misses what was never kept, and what was deleted", async () => {
    const [shelf, entry] = [candidate.open(), blob()];
    expect([await shelf.read(entry), await shelf.describe(entry)]).toEqual([undefined, undefined]);
    await candidate.keep(entry, {});
    await shelf.delete(entry);
    expect([await shelf.read(entry), await shelf.describe(entry)]).toEqual([undefined, undefined]);
    await shelf.delete(entry);
  });

  it("S10: keeps every field of a name apart from every other", async () => {
    const [shelf, entry] = [candidate.open(), blob()];
    await candidate.keep(entry, {});
    const others: Entry[] = [
      { ...entry, kind: "manifest" },
      { ...entry, upstream: `${entry.upstream}:8443` },
      { ...entry, repository: valid(parseRepositoryName("team/app2")) },
      { ...entry, digest: other },
      { kind: "proof", upstream: entry.upstream, repository },
      { kind: "denial", upstream: entry.upstream, repository },
      { kind: "tag", upstream: entry.upstream, repository, tag: valid(parseTag("a")) },
      { kind: "token", upstream: entry.upstream, scope: digest },
    ];
    expect(new Set(await Promise.all([entry, ...others].map((entry) => keyOf(entry)))).size).toBe(
      others.length + 1,
    );
    for (const one of others) expect(await shelf.describe(one), JSON.stringify(one)).toBeUndefined();
  });

  it("S10: refuses a hit that names another thing, field by field, or says nothing of itself", async () => {
    const shelf = candidate.open();
    const entry = blob();
    await candidate.plant(entry, label(entry, { planted: "yes" }));
    expect(await textOf(shelf, entry), "the planting itself works").toBe(CONTENT);
    for (const field of Object.keys(label(entry, {}))) {
      for (const value of ["", "x", undefined]) {
        const planted = blob();
        const metadata = { ...label(planted, {}) } as Record<string, string>;
        if (value === undefined) Reflect.deleteProperty(metadata, field);
        else metadata[field] = value;
        await candidate.plant(planted, metadata);
        expect(await textOf(shelf, planted), `${field}: ${String(value)}`).toBeUndefined();
        expect(await shelf.describe(planted), `${field}: ${String(value)}`).toBeUndefined();
      }
    }
    const nameless = blob();
    await candidate.plant(nameless, {});
    expect(await shelf.describe(nameless)).toBeUndefined();
  });

  it("gives back a record's words, and misses it when it is deleted", async () => {
    const [shelf, entry] = [candidate.open(), proof()];
    expect(await shelf.readRecord(entry)).toBeUndefined();
    await shelf.writeRecord(entry, { provenAt: "1", witnesses: "{}" }, 60);
    expect(await shelf.readRecord(entry)).toMatchObject({ provenAt: "1", witnesses: "{}" });
    await shelf.writeRecord(entry, { provenAt: "2" }, 60);
    expect(await shelf.readRecord(entry)).toMatchObject({ provenAt: "2" });
    await shelf.delete(entry);
    expect(await shelf.readRecord(entry)).toBeUndefined();
  });

  it("S10: refuses a record that names another thing, field by field", async () => {
    const shelf = candidate.open();
    const entry = proof();
    await candidate.plantRecord(entry, label(entry, { provenAt: "1" }));
    expect(await shelf.readRecord(entry), "the planting itself works").toMatchObject({ provenAt: "1" });
    for (const field of Object.keys(label(entry, {}))) {
      const planted = proof();
      await candidate.plantRecord(planted, { ...label(planted, { provenAt: "1" }), [field]: "x" });
      expect(await shelf.readRecord(planted), field).toBeUndefined();
    }
  });

  it("S9: tells a record that cannot be read from one that is not there", async () => {
    const shelf = candidate.open();
    candidate.breakDown();
    await expect(shelf.readRecord(proof())).rejects.toThrow();
  });

  it("S10: words cannot speak for the name", async () => {
    const [shelf, entry] = [candidate.open(), blob()];
    await candidate.keep(entry, { repository: "team/other", reference: other });
    expect(await textOf(shelf, entry)).toBe(CONTENT);
  });

  it("is a miss when it is out of order, and never throws", async () => {
    hurry();
    const [shelf, entry] = [candidate.open(), blob()];
    await candidate.keep(entry, {});
    candidate.breakDown();
    expect([await shelf.read(entry), await shelf.describe(entry)]).toEqual([undefined, undefined]);
    await candidate.keep(entry, {});
    await shelf.delete(entry);
  });
});

it("both keep under keys that are hashes, out of everybody's reach", async () => {
  const entry = blob();
  expect(await keyOf(entry)).toMatch(/^[0-9a-f]{64}$/);
  expect(new URL(STORE).hostname).toMatch(/\.invalid$/);
});
