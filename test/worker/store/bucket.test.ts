// Larger blobs in R2, where the owner bound a bucket: verified by R2 itself, and never needed.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { keyOf } from "../../../src/store/entry.ts";
import { forgetIsolate } from "../ferry.ts";
import { digestOf } from "../client-ferry.ts";
import { begin, HOUR, MINUTE, passTime, Played, Stage } from "./stage.ts";

const { BLOBS } = env as unknown as { BLOBS: R2Bucket };
const CONTENT = "a blob that is larger than the limit of this test";
const SIZE = String(CONTENT.length);
const LIMITS = { CACHE_MAX_BLOB: 10, BLOBS, BUCKET_REPOSITORIES: "**" };

async function withBlob(
  body: string = CONTENT,
  bucket: unknown = BLOBS,
): Promise<{ played: Played; path: string; key: string }> {
  const digest = await digestOf(CONTENT);
  const played = new Played(
    ({ method }) =>
      new Response(method === "HEAD" ? null : body, { headers: { "Content-Length": String(body.length) } }),
    {},
    { CACHE_MAX_BLOB: 10, BLOBS: bucket, BUCKET_REPOSITORIES: "**" },
  );
  const key = `public/${await keyOf(played.entry("blob", digest))}`;
  return { played, path: `team/app/blobs/${digest}`, key };
}

/** A bucket one of whose functions fails. */
function failing(name: "get" | "head" | "put"): unknown {
  const fail = (): Promise<never> => Promise.reject(new Error("R2 is down"));
  return {
    get: (...given: Parameters<R2Bucket["get"]>) => BLOBS.get(...given),
    head: (key: string) => BLOBS.head(key),
    put: (...given: Parameters<R2Bucket["put"]>) => BLOBS.put(...given),
    delete: (key: string) => BLOBS.delete(key),
    createMultipartUpload: (key: string) => BLOBS.createMultipartUpload(key),
    [name]: fail,
  };
}

describe("R2: blobs over CACHE_MAX_BLOB", () => {
  it("are kept, under metadata that says what they are, and served by another isolate too", async () => {
    const { played, path, key } = await withBlob();
    const first = await played.get(path);
    expect([first.body, first.headers.get("X-Cache")]).toEqual([CONTENT, "miss"]);
    expect((await BLOBS.head(key))?.customMetadata).toMatchObject({
      upstream: played.origin,
      repository: "team/app",
    });
    forgetIsolate();
    const before = played.count("GET", "/blobs/");
    const again = await played.get(path);
    expect([again.body, again.headers.get("X-Cache"), again.headers.get("Content-Length")]).toEqual([
      CONTENT,
      "hit",
      SIZE,
    ]);
    expect(played.count("GET", "/blobs/")).toBe(before);
  });

  it.each([
    ["bytes=0-5", 206, "a blob"],
    ["bytes=-4", 206, "test"],
    ["bytes=45-", 206, "test"],
    ["bytes=0-1,3-4", 200, CONTENT],
    ["bytes=999-", 416, undefined],
  ])("answer Range: %s", async (range, status, body) => {
    const { played, path } = await withBlob();
    await played.get(path);
    const answer = await played.get(path, { Range: range });
    expect(answer.status).toBe(status);
    if (body !== undefined) expect(answer.body).toBe(body);
    expect(answer.headers.get("X-Cache")).toBe("hit");
  });

  it.each([
    ["a wrong digest", CONTENT.replace("a", "A")],
    ["a shorter body", CONTENT.slice(1)],
    ["a longer body", `${CONTENT}!`],
  ])("%s leaves no object", async (_, body) => {
    const { played, path, key } = await withBlob(body);
    await played.get(path);
    expect(await BLOBS.head(key)).toBeNull();
    played.serve = () => new Response(CONTENT, { headers: { "Content-Length": SIZE } });
    // What failed is tried again after ten minutes, or by another isolate.
    expect((await played.get(path)).headers.get("X-Cache")).toBe("miss");
    expect(await BLOBS.head(key)).toBeNull();
    forgetIsolate();
    expect((await played.get(path)).headers.get("X-Cache")).toBe("miss");
    expect((await played.get(path)).headers.get("X-Cache")).toBe("hit");
  });

  it("S11: are abandoned when the client leaves, leave no object, and are filled by one that stays ten minutes later", async () => {
    const stage = await Stage.open({}, {}, LIMITS);
    const content = "x".repeat(300_000);
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content });
    const path = `library/app/blobs/${digest}`;
    const before = (await BLOBS.list()).objects.length;
    await stage.registry.configure({ latencyMs: 100 });
    const { response, settled } = await begin(stage.ferry, path);
    await response.body?.cancel();
    await settled();
    expect((await BLOBS.list()).objects).toHaveLength(before);
    expect((await stage.get(path)).text).toBe(content);
    expect((await BLOBS.list()).objects, "not tried again so soon").toHaveLength(before);
    passTime(10 * MINUTE);
    expect((await stage.get(path)).text).toBe(content);
    expect((await BLOBS.list()).objects).toHaveLength(before + 1);
  });

  it("S11, F26: fifteen clients that leave at once have the blob fetched sixteen times, not thirty", async () => {
    const stage = await Stage.open({}, {}, LIMITS);
    const content = "y".repeat(300_000);
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content });
    await stage.registry.configure({ latencyMs: 100 });
    await stage.registry.reset();
    const comeAndLeave = async (): Promise<void> => {
      const { response, settled } = await begin(stage.ferry, `library/app/blobs/${digest}`);
      await response.body?.cancel();
      await settled();
    };
    for (let count = 0; count < 15; count += 1) await comeAndLeave();
    expect((await stage.registry.state()).counters.blobGet).toBe(16);
  });

  it("HEAD, a part, and a body of unknown length fill nothing", async () => {
    const { played, path, key } = await withBlob();
    await played.get(path, {}, "HEAD");
    played.serve = () => new Response("a", { status: 206, headers: { "Content-Length": "1" } });
    await played.get(path, { Range: "bytes=0-0" });
    played.serve = () => new Response(new Response(CONTENT).body);
    await played.get(path);
    expect(await BLOBS.head(key)).toBeNull();
  });

  it("an object whose words are not those asked for is a miss", async () => {
    const { played, path, key } = await withBlob();
    await played.get("team/app/tags/list");
    await BLOBS.put(key, "garbage", {
      customMetadata: { upstream: played.origin, repository: "team/other" },
    });
    expect((await played.get(path)).body).toBe(CONTENT);
  });

  it.each(["get", "head", "put"] as const)("a bucket whose %s fails is a miss", async (name) => {
    const { played, path } = await withBlob(CONTENT, failing(name));
    // A bucket is looked at by `head` where no bytes are wanted.
    const rounds = name === "head" ? ["GET", "HEAD"] : ["GET", "GET"];
    for (const method of rounds) {
      const { status, body, headers } = await played.get(path, {}, method);
      const expected = [200, method === "HEAD" ? "" : CONTENT, "miss"];
      expect([status, body, headers.get("X-Cache")], method).toEqual(expected);
    }
  });

  it("holds no secrets: what credentials fetched does not arrive there, and a denial hides what did", async () => {
    const stage = await Stage.open({ private: ["library/secret"] }, {}, LIMITS);
    const { digest } = await stage.registry.seedBlob({ repository: "library/secret", content: CONTENT });
    const path = `library/secret/blobs/${digest}`;
    const headers = await stage.login("repository:library/secret:pull");
    const before = (await BLOBS.list()).objects.length;
    expect((await stage.ask(path, { headers })).status).toBe(200);
    expect((await BLOBS.list()).objects).toHaveLength(before);
    await stage.registry.setPrivate([]);
    passTime(MINUTE);
    await stage.get(path);
    expect((await stage.get(path)).cache).toBe("hit");
    await stage.registry.setPrivate(["library/secret"]);
    passTime(6 * MINUTE);
    expect((await stage.get(path)).status).toBe(401);
    await stage.registry.configure({ fail: 503 });
    // Remembered for ten seconds; and what nobody proved is not stale afterwards either.
    expect((await stage.get(path)).status).toBe(401);
    passTime(11_000);
    expect((await stage.get(path)).status).toBe(503);
  });

  it("serves while the registry is down, for a day", async () => {
    const stage = await Stage.open({}, {}, LIMITS);
    const { digest } = await stage.registry.seedBlob({ repository: "library/app", content: CONTENT });
    // A blob proves itself alone, and never for longer than five minutes.
    await stage.pull(await stage.registry.seedImage({ repository: "library/app", layers: [] }));
    await stage.get(`library/app/blobs/${digest}`);
    await stage.registry.configure({ fail: "drop" });
    passTime(23 * HOUR);
    expect((await stage.get(`library/app/blobs/${digest}`)).cache).toBe("stale");
    passTime(2 * HOUR);
    expect((await stage.get(`library/app/blobs/${digest}`)).status).toBe(503);
  });
});
