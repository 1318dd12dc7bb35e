// S17, S18: names that nobody proved cost little, are written nowhere, and push out nothing of those that are proved.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import { answerWith, imageDocument, MINUTE, notFound, passTime, Played, SECOND } from "./stage.ts";
import { refusal, Warm } from "./warm.ts";

const KIB = 1024;

/** What is written into the store until the test ends, by its address. */
function writes(): string[] {
  const addresses: string[] = [];
  const put: Cache["put"] = Reflect.get(Cache.prototype, "put");
  const spy = vi.spyOn(Cache.prototype, "put").mockImplementation(function (this: Cache, request, response) {
    addresses.push(request instanceof Request ? request.url : String(request));
    return put.call(this, request, response);
  });
  onTestFinished(() => spy.mockRestore());
  return addresses;
}

describe("S18: a name that nobody proved", () => {
  const answers: [string, Handler][] = [
    ["404", notFound],
    ["401", refusal],
    ["403", () => Response.json({}, { status: 403 })],
    ["a page", () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
    ["429", () => new Response(null, { status: 429 })],
  ];
  const paths = ["manifests/latest", `manifests/sha256:${"5".repeat(64)}`, `blobs/sha256:${"5".repeat(64)}`];

  it.each(answers)("costs two upstream requests at most, and no write: %s", async (_, answer) => {
    const { played } = await Warm.open();
    const written = writes();
    played.serve = (request) => {
      const { status, headers, body } = answer(request) as Response;
      return new Response(request.method === "HEAD" ? null : body, { status, headers });
    };
    for (const path of paths) {
      for (const method of ["GET", "HEAD"]) {
        passTime(11 * SECOND);
        const before = played.internet.requests.length;
        await played.get(`team/made-up/${path}`, {}, method);
        expect(played.internet.requests.length - before, `${method} ${path}`).toBeLessThanOrEqual(2);
      }
    }
    expect(written).toEqual([]);
  });

  it("(and one that is proved is written: the test above can fail)", async () => {
    const written = writes();
    await Warm.open();
    expect(written).not.toEqual([]);
  });
});

describe("F28: what is remembered is bounded in bytes (S17)", () => {
  const issue =
    (token: string): Handler =>
    () =>
      Response.json({ token, expires_in: 3600 });

  it.each([
    [16 * KIB, 1],
    [16 * KIB + 1, 3],
  ])("a token of %i bytes is asked %i times for three questions", async (length, asked) => {
    const document = await imageDocument("token");
    const played = new Played((request) => answerWith(document, request), {}, { TAG_TTL: 0 });
    played.token = issue("t".repeat(length));
    for (let count = 0; count < 3; count += 1) {
      if (count === 2) forgetIsolate();
      expect((await played.get("team/app/manifests/latest", {}, "HEAD")).status).toBe(200);
    }
    const tokens = played.internet.requests.filter(({ url }) => url.pathname === "/token");
    expect(tokens).toHaveLength(asked);
  });

  it("300 made-up names with tokens of 16 KiB push out no token and no proof", async () => {
    const warm = await Warm.open();
    const { played } = warm;
    played.token = issue("t".repeat(16 * KIB));
    played.serve = (request) =>
      request.url.pathname.includes("made-up") ? notFound() : warm.registry(request);
    // Only what the isolate remembers counts here.
    const spy = vi.spyOn(Cache.prototype, "match").mockResolvedValue(undefined);
    onTestFinished(() => spy.mockRestore());
    for (let index = 0; index < 300; index += 1) {
      await played.get(`team/made-up-${String(index)}/manifests/latest`, {}, "HEAD");
    }
    spy.mockRestore();
    const before = played.internet.requests.length;
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("hit");
    expect(played.internet.requests.length, "its proof is there").toBe(before);
    await (await caches.open("registry-ferry-1")).delete(await played.keyUrl("proof"));
    passTime(6 * MINUTE);
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("hit");
    const asked = played.internet.requests.slice(before);
    expect(
      asked.map(({ url }) => url.pathname),
      "and its token",
    ).not.toContain("/token");
  });
});

describe("S18: a refusal is remembered for ten seconds", () => {
  it("of the same question alone, and the registry is asked again afterwards", async () => {
    const { played } = await Warm.open();
    played.serve = refusal;
    const path = "team/other/manifests/latest";
    const ask = async (pause: number, asking = path, method = "HEAD"): Promise<number> => {
      passTime(pause);
      const before = played.count("HEAD", "/other/") + played.count("GET", "/other/");
      expect((await played.get(asking, {}, method)).status).toBe(401);
      return played.count("HEAD", "/other/") + played.count("GET", "/other/") - before;
    };
    passTime(0);
    expect(await ask(0)).toBe(1);
    expect(await ask(SECOND)).toBe(0);
    expect(await ask(SECOND, "team/other/manifests/next"), "another tag").toBe(1);
    expect(await ask(0, `team/other/blobs/sha256:${"5".repeat(64)}`), "another kind").toBe(1);
    expect(await ask(7 * SECOND)).toBe(0);
    expect(await ask(SECOND), "ten seconds after").toBe(1);
  });

  it("of other words of Accept another question is made", async () => {
    const { played } = await Warm.open();
    played.serve = refusal;
    const path = "team/other/manifests/latest";
    await played.get(path, {}, "HEAD");
    await played.get(path, { Accept: "application/vnd.oci.image.manifest.v1+json" }, "HEAD");
    expect(played.count("HEAD", "/other/")).toBe(2);
  });
});
