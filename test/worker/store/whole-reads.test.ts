// What is read whole: how much is held for it, for how long, and whom it keeps from being served.
import { createExecutionContext } from "cloudflare:test";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import worker from "../../../src/index.ts";
import { readCapped } from "../../../src/distribution/body.ts";
import { readHead } from "../../../src/distribution/body-head.ts";
import { Place } from "../../../src/lanes/reading-room.ts";
import { Ferry, forgetIsolate } from "../ferry.ts";
import { Internet, type Handler } from "../internet.ts";
import { LastingBucket, moveAway } from "./lasting-bucket.ts";
import {
  ANONYMOUS,
  answerWith,
  documentOf,
  HOUR,
  MINUTE,
  notFound,
  OCI_IMAGE,
  passTime,
  realPause,
  restoreClock,
  SECOND,
  type Document,
} from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Chunks of one byte, as a hostile registry sends them. */
function drips(count: number): ReadableStream {
  const { readable, writable } = new IdentityTransformStream();
  const writer = writable.getWriter();
  void (async () => {
    for (let sent = 0; sent < count; sent += 1) await writer.write(new Uint8Array([32]));
    await writer.close();
  })().catch(() => undefined);
  return readable;
}

/** Bytes of all buffers that a reader was given. */
async function heldWhile(read: () => Promise<unknown>): Promise<number> {
  const buffers = new Set<ArrayBufferLike>();
  const original: ReadableStreamDefaultReader["read"] = Reflect.get(
    ReadableStreamDefaultReader.prototype,
    "read",
  );
  const spy = vi.spyOn(ReadableStreamDefaultReader.prototype, "read").mockImplementation(async function (
    this: ReadableStreamDefaultReader,
  ) {
    const result = await original.call(this);
    if (result.value instanceof Uint8Array) buffers.add(result.value.buffer);
    return result;
  });
  await read();
  spy.mockRestore();
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

describe("S17: a body in chunks of one byte holds about what it has", () => {
  it.each([
    ["readCapped", (body: ReadableStream) => readCapped(body, 64 * KIB)],
    ["readHead", (body: ReadableStream) => readHead(body, 64 * KIB)],
  ])("%s", async (_, read) => {
    const size = 4 * KIB;
    expect(await heldWhile(() => read(drips(size)))).toBeLessThan(16 * size);
  });
});

describe("S17, S18: lists that must be read whole", () => {
  const BAD = "https://bad-lists.example";
  const GOOD = "https://good-lists.example";
  const list = (length: number): string =>
    JSON.stringify({ tags: ["x".repeat(length)], name: "library/app" });

  function stage(): { ferry: Ferry; held: () => number } {
    restoreClock();
    let held = 0;
    new Internet()
      .host(GOOD, ({ url }) => (url.pathname === "/v2/" ? Response.json({}) : new Response(list(400 * KIB))))
      .host(BAD, ({ url }) => {
        if (url.pathname === "/v2/") return Response.json({});
        // Four that are nearly 4 MiB, and one that takes what is left of 16.
        const size = Math.floor((held < 4 ? 3.9 : 1.6) * MIB);
        held += 1;
        const { readable, writable } = new IdentityTransformStream();
        const writer = writable.getWriter();
        void writer.write(new TextEncoder().encode(`{"tags":["${"x".repeat(size)}`)).catch(() => undefined);
        return new Response(readable);
      });
    const rowOf = (upstream: string): unknown => ({ upstream, mirrors: [], library: true });
    return { ferry: new Ferry({ bad: rowOf(BAD), good: rowOf(GOOD) }), held: () => held };
  }

  async function ask(ferry: Ferry, label: string): Promise<number | "waits"> {
    const request = new Request(`https://${label}.example.com/v2/app/tags/list`, { headers: ANONYMOUS });
    const answer = worker.fetch(request as never, ferry.env as never, createExecutionContext());
    const waits = (async () => {
      for (let turn = 0; turn < 20; turn += 1) await realPause();
      return "waits" as const;
    })();
    const first = await Promise.race([answer, waits]);
    if (first === "waits") return first;
    await first.body?.cancel();
    return first.status;
  }

  it("those of one registry that stall keep no list of another registry from being served", async () => {
    const { ferry } = stage();
    expect(await ask(ferry, "good")).toBe(200);
    for (let count = 0; count < 5; count += 1) await ask(ferry, "bad");
    expect(await ask(ferry, "good")).toBe(200);
  });

  it("those that stall are not held beyond the bound, however long they stall", async () => {
    const { ferry } = stage();
    const answers: (number | "waits")[] = [];
    for (let round = 0; round < 3; round += 1) {
      for (let count = 0; count < 5; count += 1) answers.push(await ask(ferry, "bad"));
      passTime(31 * SECOND);
    }
    expect(answers.filter((answer) => answer === "waits").length * 3.9).toBeLessThan(17);
  });
});

describe("S9: a body that stalls is silence", () => {
  async function stalls(): Promise<Warm> {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    return warm;
  }
  const stalling = (): ReadableStream => {
    const { readable, writable } = new IdentityTransformStream();
    void writable
      .getWriter()
      .write(new TextEncoder().encode("{"))
      .catch(() => undefined);
    return readable;
  };
  /** Waits in vain after so many milliseconds, by the clock of the Worker's timers. */
  const within = (answer: Promise<string>, milliseconds: number): Promise<string> =>
    Promise.race([
      answer,
      new Promise<string>((resolve) => setTimeout(() => resolve("waits"), milliseconds)),
    ]);
  /** All timers go off ten times as early, until the test ends: what counts is which of them does first. */
  function quicken(): void {
    const set = setTimeout;
    vi.stubGlobal("setTimeout", (run: () => void, milliseconds = 0) => set(run, milliseconds / 10));
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
  }

  it("of the token service: what is stored is served stale", { timeout: 40_000 }, async () => {
    const warm = await stalls();
    quicken();
    passTime(HOUR_OF_TOKENS);
    warm.played.token = () => new Response(stalling(), { headers: { "Content-Type": "application/json" } });
    expect(await within(warm.source("manifests/latest"), 15_000)).toBe("stale");
  });

  it("of a refusal: what is stored is served stale, or refused", { timeout: 40_000 }, async () => {
    const warm = await stalls();
    quicken();
    warm.played.serve = ({ method }) =>
      method === "HEAD" ? new Response(null, { status: 405 }) : new Response(stalling(), { status: 401 });
    expect(await within(warm.source("manifests/latest"), 15_000)).not.toBe("waits");
  });
});

const HOUR_OF_TOKENS = 2 * 60 * MINUTE;

/** A manifest that takes a place while it is held. */
function largeManifest(): Promise<Document> {
  return documentOf(
    `{"schemaVersion":2,"config":{},"layers":[],"note":"${"x".repeat(64 * KIB)}"}`,
    OCI_IMAGE,
  );
}

/** True where nothing is held: who finds nobody else may have it all. */
async function isRoomEmpty(): Promise<boolean> {
  await realPause();
  const all = new Place("https://nobody.example");
  const isEmpty = all.tryTake(16 * MIB);
  all.end();
  return isEmpty;
}

describe("S17: what was read and is not shown takes no room any more", () => {
  beforeEach(forgetIsolate);
  const MIRROR = "https://mirror.example";

  it.each(["digest", "tag"])("of a mirror that has other bytes under a %s", async (by) => {
    const document = await largeManifest();
    const warm = await Warm.open({ mirrors: [MIRROR] });
    warm.played.serve = outage;
    warm.played.internet.host(MIRROR, (request) =>
      answerWith({ ...document, body: document.body.replace("x", "y") }, request),
    );
    expect(await isRoomEmpty()).toBe(true);
    expect(await warm.source(`manifests/${by === "tag" ? "unknown" : document.digest}`)).toBe("503");
    expect(warm.played.internet.to(MIRROR).length).toBeGreaterThan(0);
    expect(await isRoomEmpty()).toBe(true);
  });

  it("of a mirror that has a document under a tag that means two things", async () => {
    const body = `{"manifests":[],"layers":[],"config":{},"note":"${"x".repeat(64 * KIB)}"}`;
    const document = await documentOf(body, OCI_IMAGE);
    const warm = await Warm.open({ mirrors: [MIRROR] });
    warm.played.serve = outage;
    warm.played.internet.host(MIRROR, (request) => answerWith(document, request));
    expect(await warm.source("manifests/unknown")).toBe("503");
    expect(await isRoomEmpty()).toBe(true);
  });

  /** A large manifest of a bucket, read by an isolate that must ask whether it may be shown. */
  async function inBucket(): Promise<{ warm: Warm; document: Document; path: string }> {
    const bucket = await LastingBucket.open();
    const warm = await Warm.open({}, { BLOBS: bucket.binding, BUCKET_REPOSITORIES: "**" });
    const document = await largeManifest();
    const path = `manifests/${document.digest}`;
    warm.played.serve = (request) => answerWith(document, request);
    expect(await warm.source(path)).toBe("miss");
    moveAway();
    passTime(6 * MINUTE);
    expect(await isRoomEmpty()).toBe(true);
    return { warm, document, path };
  }

  const withoutHead: Handler = () => new Response(null, { status: 405 });
  it.each<[string, Handler, number, string]>([
    ["refuses", refusal, 0, "401"],
    ["has it no longer", notFound, 0, "404"],
    ["does not answer a day later", outage, 25 * HOUR, "503"],
    ["has no HEAD", withoutHead, 0, "405"],
  ])("of the bucket, where the registry %s", async (_, serve, later, expected) => {
    const { path, warm } = await inBucket();
    passTime(later);
    warm.played.serve = (request) => {
      const { body, headers, status } = serve(request) as Response;
      return new Response(request.method === "HEAD" ? null : body, { headers, status });
    };
    expect(await warm.source(path)).toBe(expected);
    expect(await isRoomEmpty()).toBe(true);
  });

  it("of the bucket, for those who waited for another's answer and read it again", async () => {
    const { document, path, warm } = await inBucket();
    warm.played.serve = async (request) => {
      await realPause();
      return answerWith(document, request);
    };
    expect(await Promise.all([warm.source(path), warm.source(path)])).toEqual(["hit", "hit"]);
    expect(await isRoomEmpty()).toBe(true);
  });
});
