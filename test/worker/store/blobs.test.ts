// Blobs in the Cache API: which are kept, and how parts of them are served.
import { describe, expect, it } from "vitest";
import { digestOf } from "../client-ferry.ts";
import { ANONYMOUS, begin, isKept, MINUTE, passTime, Played, realPause, Stage } from "./stage.ts";
import { Warm } from "./warm.ts";

const CONTENT = "0123456789abcdefghij";
const SIZE = CONTENT.length;
const MIB = 1024 * 1024;

/** A registry whose only blob is `content`, whole, whatever is asked. */
async function withBlob(
  content: BodyInit = CONTENT,
  headers: Record<string, string> = {},
  digest?: string,
): Promise<{ played: Played; digest: string; path: string }> {
  const name = digest ?? (await digestOf(CONTENT));
  const played = new Played(
    ({ method }) =>
      new Response(method === "HEAD" ? null : content, {
        headers: { "Content-Length": String(SIZE), ...headers },
      }),
  );
  return { played, digest: name, path: `team/app/blobs/${name}` };
}

/** A body of unknown length, which may break off. */
function stream(text: string, breaks = false): ReadableStream {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (breaks) controller.error(new Error("connection lost"));
      else controller.close();
    },
  });
}

describe("CACHE_MAX_BLOB", () => {
  it.each([
    [SIZE - 1, false],
    [SIZE, true],
    [SIZE + 1, true],
    [0, false],
  ])("%i for a blob of 20 bytes: stored %s", async (limit, stored) => {
    const digest = await digestOf(CONTENT);
    const played = new Played(
      () => new Response(CONTENT, { headers: { "Content-Length": String(SIZE) } }),
      {},
      { CACHE_MAX_BLOB: limit },
    );
    const answer = await played.get(`team/app/blobs/${digest}`);
    expect([answer.status, answer.body]).toEqual([200, CONTENT]);
    expect(await isKept(await played.keyUrl("blob", digest))).toBe(stored);
    const again = await played.get(`team/app/blobs/${digest}`);
    expect([again.headers.get("X-Cache"), again.body]).toEqual([stored ? "hit" : "miss", CONTENT]);
  });

  it("1 MiB by default", async () => {
    const stage = await Stage.open();
    for (const [size, cache] of [
      [MIB, "hit"],
      [MIB + 1, "miss"],
    ] as const) {
      const { digest } = await stage.registry.seedBlob({
        repository: "library/app",
        content: new Uint8Array(size),
      });
      await stage.get(`library/app/blobs/${digest}`);
      const again = await stage.get(`library/app/blobs/${digest}`);
      expect([again.text.length, again.cache]).toEqual([size, cache]);
    }
  });
});

describe("S11: blobs that are passed, and not stored", () => {
  it.each<[string, BodyInit, Record<string, string>]>([
    ["a wrong body", "X123456789abcdefghij", {}],
    ["one byte less than it says", "0123456789abcdefghi", {}],
    ["one byte more than it says", `${CONTENT}k`, {}],
    ["no length", stream(CONTENT), { "Content-Length": "" }],
    ["a length that is none", CONTENT, { "Content-Length": "twenty" }],
    ["an encoding", CONTENT, { "Content-Encoding": "br" }],
  ])("%s", async (_, content, headers) => {
    const { played, digest, path } = await withBlob(content, headers);
    await played.get(path).catch(() => undefined);
    expect(await isKept(await played.keyUrl("blob", digest))).toBe(false);

    played.serve = () => new Response(CONTENT, { headers: { "Content-Length": String(SIZE) } });
    expect((await played.get(path)).headers.get("X-Cache")).toBe("miss");
    const good = await played.get(path);
    expect([good.headers.get("X-Cache"), good.body]).toEqual(["hit", CONTENT]);
  });

  it("a part, asked for or not", async () => {
    const { played, digest, path } = await withBlob();
    played.serve = () =>
      new Response("0123", {
        status: 206,
        headers: { "Content-Length": "4", "Content-Range": `bytes 0-3/${SIZE}` },
      });
    const { status, body } = await played.get(path, { Range: "bytes=0-3" });
    expect([status, body]).toEqual([206, "0123"]);
    await played.get(path);
    expect(await isKept(await played.keyUrl("blob", digest))).toBe(false);
  });

  it("one that the registry encodes in spite of identity", async () => {
    const stage = await Stage.open({ gzipEncode: true });
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: CONTENT });
    for (const round of ["first", "second"]) {
      const answer = await stage.get(`library/app/blobs/${digest}`);
      expect([answer.text, answer.cache], round).toEqual([CONTENT, "miss"]);
    }
  });

  it("one that breaks off, and the client sees that it does", async () => {
    const stage = await Stage.open({ breakBlobAfter: 10, breakBlobTimes: 1 });
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: CONTENT });
    const { response, settled } = await begin(stage.ferry, `library/app/blobs/${digest}`);
    // Chunk by chunk, as a connection reads.
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const readAll = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(readAll()).rejects.toThrow();
    await settled();
    expect((await stage.get(`library/app/blobs/${digest}`)).cache).toBe("miss");
    expect((await stage.get(`library/app/blobs/${digest}`)).cache).toBe("hit");
  });

  it.each(["blake3:00ff", "sha1:00ff", "sha256+b64:00ff"])("of %s", async (digest) => {
    const { played, path } = await withBlob(CONTENT, {}, digest);
    for (const count of [1, 2]) {
      expect((await played.get(path)).body).toBe(CONTENT);
      expect(played.count("GET", "/blobs/")).toBe(count);
    }
  });
});

describe("a stored blob", () => {
  async function stored(): Promise<{ played: Played; path: string; digest: string }> {
    const blob = await withBlob();
    await blob.played.get(blob.path);
    return blob;
  }

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/20"],
    ["bytes=19-", "j", "bytes 19-19/20"],
    ["bytes=-4", "ghij", "bytes 16-19/20"],
    ["bytes=-99", CONTENT, "bytes 0-19/20"],
    ["bytes=5-99", "56789abcdefghij", "bytes 5-19/20"],
  ])("answers Range: %s from the store", async (range, body, contentRange) => {
    const { played, path } = await stored();
    const answer = await played.get(path, { Range: range });
    expect([answer.status, answer.body, answer.headers.get("X-Cache")]).toEqual([206, body, "hit"]);
    expect(answer.headers.get("Content-Range")).toBe(contentRange);
    expect(answer.headers.get("Content-Length")).toBe(String(body.length));
    expect(played.count("GET", "/blobs/")).toBe(1);
  });

  it.each(["bytes=20-", "bytes=99-100", "bytes=-0"])("answers 416 to Range: %s", async (range) => {
    const { played, path } = await stored();
    const answer = await played.get(path, { Range: range });
    expect([answer.status, answer.headers.get("Content-Range")]).toEqual([416, "bytes */20"]);
  });

  it.each([
    { Range: "bytes=0-1,4-5" },
    { Range: "bytes=5-2" },
    { Range: "lines=1-2" },
    { Range: "bytes=0-3", "If-Range": '"something else"' },
  ])("answers the whole to %j", async (headers) => {
    const { played, path } = await stored();
    const answer = await played.get(path, headers);
    expect([answer.status, answer.body, answer.headers.get("Content-Range")]).toEqual([200, CONTENT, null]);
  });

  it("answers HEAD, whatever Range says", async () => {
    const { played, path, digest } = await stored();
    const { status, headers, body } = await played.get(path, { Range: "bytes=0-3" }, "HEAD");
    expect([status, body, headers.get("X-Cache")]).toEqual([200, "", "hit"]);
    expect(headers.get("Content-Length")).toBe("20");
    expect(headers.get("Accept-Ranges")).toBe("bytes");
    expect(headers.get("Docker-Content-Digest")).toBe(digest);
    expect(played.count("HEAD", "/blobs/")).toBe(0);
  });

  it("is confirmed by HEAD once its proof has ended, and not fetched again", async () => {
    const stage = await Stage.open();
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: CONTENT });
    await stage.get(`library/app/blobs/${digest}`);
    passTime(6 * MINUTE);
    await stage.registry.reset();
    expect((await stage.get(`library/app/blobs/${digest}`)).cache).toBe("hit");
    const { counters } = await stage.registry.state();
    expect([counters.blobHead, counters.blobGet]).toEqual([1, 0]);
  });

  it("that the registry deleted ends once it is asked again", async () => {
    const stage = await Stage.open();
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: CONTENT });
    await stage.get(`library/app/blobs/${digest}`);
    await stage.registry.deleteBlob("library/app", digest);
    passTime(6 * MINUTE);
    expect((await stage.get(`library/app/blobs/${digest}`)).status).toBe(404);
    await stage.registry.configure({ fail: 503 });
    expect((await stage.get(`library/app/blobs/${digest}`)).status).toBe(503);
  });
});

describe("a stored blob without bytes", () => {
  it("S9: is a 200 to bytes=0- from the store as from the registry", async () => {
    const warm = await Warm.open();
    const digest = await digestOf("");
    warm.played.serve = (request) =>
      request.url.pathname.endsWith(digest)
        ? new Response(request.method === "HEAD" ? null : "", { headers: { "Content-Length": "0" } })
        : warm.registry(request);
    const statuses = [];
    for (let round = 0; round < 3; round += 1) {
      const { status, headers } = await warm.get(`blobs/${digest}`, { Range: "bytes=0-" });
      statuses.push(`${status} ${headers.get("X-Cache") ?? ""}`);
    }
    expect(statuses).toEqual(["200 miss", "200 hit", "200 hit"]);
  });
});

describe("two clients at once", () => {
  it.each(["with credentials first", "without credentials first"])(
    "%s: each by its own way",
    async (order) => {
      const stage = await Stage.open({ private: ["library/secret"] });
      const { digest } = await stage.registry.seedBlob({ repository: "library/secret", content: CONTENT });
      const path = `library/secret/blobs/${digest}`;
      const user = await stage.login("repository:library/secret:pull");
      const both = order.startsWith("without") ? [ANONYMOUS, user] : [user, ANONYMOUS];
      const answers = await Promise.all(both.map((headers) => stage.ask(path, { headers })));
      const expected = both.map((headers) => (headers === user ? 200 : 401));
      expect(answers.map(({ status }) => status)).toEqual(expected);
      expect((await stage.get(path)).status).toBe(401);
    },
  );

  it("one arrives while the other with credentials streams: it gets nothing of that", async () => {
    const stage = await Stage.open({ private: ["library/secret"] });
    const content = new Uint8Array(MIB);
    const { digest } = await stage.registry.seedBlob({ repository: "library/secret", content });
    const path = `library/secret/blobs/${digest}`;
    const headers = await stage.login("repository:library/secret:pull");
    const { response, settled } = await begin(stage.ferry, path, { headers });
    expect((await stage.get(path)).status).toBe(401);
    expect((await response.arrayBuffer()).byteLength).toBe(MIB);
    await settled();
    expect((await stage.get(path)).status).toBe(401);
  });

  it("both without credentials: both get it whole, and it is stored", async () => {
    const { played, path } = await withBlob();
    const answers = await Promise.all([
      played.get(path),
      played.get(path),
      played.get(path, { Range: "bytes=0-3" }),
    ]);
    expect(answers.slice(0, 2).map(({ body }) => body)).toEqual([CONTENT, CONTENT]);
    expect((await played.get(path)).headers.get("X-Cache")).toBe("hit");
  });

  it("one that breaks off at half leaves the store whole, and the other unharmed", async () => {
    const stage = await Stage.open();
    const content = new Uint8Array(MIB).fill(7);
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content });
    const path = `library/app/blobs/${digest}`;
    const { response, settled } = await begin(stage.ferry, path);
    const other = stage.get(path);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await settled();
    expect((await other).text).toHaveLength(MIB);
    const again = await stage.get(path);
    expect([again.cache, again.text.length]).toEqual(["hit", MIB]);
    expect(again.headers.get("Content-Length")).toBe(String(MIB));
  });
});

describe("S11: at most 16 MiB of fills in flight", () => {
  it("beyond that a blob streams past unstored, and later ones are stored again", async () => {
    const limit = { CACHE_MAX_BLOB: 8 * MIB };
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const big = `sha256:${"b".repeat(64)}`;
    const small = await digestOf(CONTENT);
    const played = new Played(
      ({ url }) => {
        if (!url.pathname.endsWith(big))
          return new Response(CONTENT, { headers: { "Content-Length": String(SIZE) } });
        const body = new ReadableStream({
          async pull(controller) {
            await held;
            controller.close();
          },
        });
        // Both halves of it: all of the 16 MiB.
        return new Response(body, { headers: { "Content-Length": String(8 * MIB) } });
      },
      {},
      limit,
    );
    await played.get("team/app/tags/list");
    const pending = played.get(`team/app/blobs/${big}`).catch(() => undefined);
    for (let turn = 0; turn < 50 && played.count("GET", big) === 0; turn += 1) await realPause();
    await realPause();

    expect((await played.get(`team/app/blobs/${small}`)).body).toBe(CONTENT);
    expect(await isKept(await played.keyUrl("blob", small)), "no room").toBe(false);
    release();
    await pending;
    await played.get(`team/app/blobs/${small}`);
    expect(await isKept(await played.keyUrl("blob", small)), "room again").toBe(true);
  });
});
