// S7: what of a client's request reaches a registry through the public lane.
import { afterEach, describe, expect, it, vi } from "vitest";
import { DIGEST, HOST, JSON_TYPE, KINDS, play, READS, say } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("S7: nothing of a client travels on but what it accepts, which part, and on what condition", () => {
  const SECRETS = {
    Cookie: "canary0cookie",
    "User-Agent": "canary0agent",
    "X-Docker-Token": "canary0token",
    "X-Registry-Auth": "canary0auth",
    "Proxy-Authorization": "Basic canary0proxy",
    "X-Forwarded-For": "192.0.2.7",
    "CF-Connecting-IP": "192.0.2.7",
    Referer: "https://canary0referer.example.com/",
    Origin: "https://canary0origin.example.com",
    "Docker-Distribution-Api-Version": "canary0version",
    "Content-Type": "canary/type",
    "Accept-Encoding": "gzip",
    "Accept-Language": "canary0language",
    "Cache-Control": "canary0control",
  };
  const ALLOWED = ["accept", "accept-encoding", "authorization", "range", "user-agent", "x-real-ip"];

  it.each(KINDS)("of a registry that %s", async (kind) => {
    for (const method of ["GET", "HEAD"]) {
      for (const [what, path] of READS) {
        const { ferry, departed, asked } = play(kind, (request) => say(request, "x", 200, JSON_TYPE));
        await ferry.fetch(HOST + path, {
          method,
          headers: { ...SECRETS, Accept: "a/b", Range: "bytes=0-0", "If-Range": '"x"' },
        });
        expect(asked.length).toBeGreaterThan(0);
        for (const { headers, url, body } of departed) {
          expect([...headers.keys()].filter((name) => !ALLOWED.includes(name))).toEqual([]);
          expect(headers.get("Accept-Encoding")).toBe("identity");
          expect(headers.get("User-Agent") ?? "registry-ferry").toBe("registry-ferry");
          expect(`${url.href} ${[...headers.values()].join(" ")}`).not.toMatch(/canary|192\.0\.2/);
          expect(body ?? null).toBeNull();
        }
        // An unknown Accept is the tag's alone, and passes there; all else is asked in our own words (S18).
        const accept = asked[0]?.headers.get("Accept");
        expect(accept === "a/b").toBe(what === "a tag");
      }
    }
  });

  it.each([
    ["bytes=0-0", null, "bytes=0-0"],
    ["Bytes=007-9", null, "bytes=7-9"],
    ["bytes=-5", null, "bytes=-5"],
    ["bytes=0-", null, null],
    ["bytes=0-0", '"another version"', null],
    ["bytes=0-0", `"${DIGEST}"`, "bytes=0-0"],
    ["bytes=x", null, null],
    ["bytes=0-1, 5-6", null, "bytes=0-1,5-6"],
  ])(
    "S18: Range %s with If-Range %s goes for a blob as %s, and nowhere else",
    async (range, ifRange, words) => {
      for (const [what, path] of READS) {
        const { ferry, asked } = play("wants tokens", (request) => say(request, "{}", 200, JSON_TYPE));
        const headers = { Range: range, ...(ifRange === null ? {} : { "If-Range": ifRange }) };
        await ferry.fetch(HOST + path, { headers });
        for (const request of asked) {
          expect(request.headers.get("Range")).toBe(what === "a blob" ? words : null);
          expect(request.headers.get("If-Range")).toBeNull();
        }
      }
    },
  );

  it("the query of a list is byte-exact but for ns=, and a manifest or blob has none", async () => {
    for (const [what, path] of READS) {
      const { ferry, asked, upstream } = play("wants tokens", (request) =>
        say(request, "{}", 200, JSON_TYPE),
      );
      const ns = new URL(upstream).host;
      await ferry.fetch(`${HOST}${path}?n=2&last=a%2Fb%7e+c&x&y=&ns=${ns}`);
      const isList = ["tags", "referrers", "the catalog"].includes(what);
      expect(asked[0]?.url.search).toBe(isList ? "?n=2&last=a%2Fb%7e+c&x&y=" : "");
    }
  });
});
