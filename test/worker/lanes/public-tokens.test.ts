// The challenge and the token that the public lane needs for a read: what is said when they cannot be had, and for how
// long a token is used.
import { afterEach, describe, expect, it, vi } from "vitest";
import { OCI_IMAGE } from "../../registry/accept.ts";
import { AnonymousFerry, codeOf, fakeUpstream } from "../client-ferry.ts";
import {
  DIGEST,
  expectAfter,
  failure,
  HOST,
  HTML,
  JSON_TYPE,
  LIMITS,
  PAGE,
  play,
  READS,
  say,
  SCOPE,
  type Player,
} from "../played-registry.ts";
import { Warm } from "../store/warm.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe("the challenge and the token that a read needs", () => {
  const path = `/v2/team/app/blobs/${DIGEST}`;
  const never: Player = () => expect.unreachable("no token, no request");

  it.each([429, 500, 503])(
    "a registry that answers %i when asked for its challenge: that, and 503",
    async (status) => {
      fakeUpstream((request) => say(request, failure, status, { ...JSON_TYPE, ...LIMITS }));
      const ferry = new AnonymousFerry({ harbor: { upstream: "https://registry.example.net" } });
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(status === 429 ? 429 : 503);
      for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
      expect(await codeOf(response)).toBe(status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE");
    },
  );

  it("a registry that is silent when asked for its challenge: 503 after 10 seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    fakeUpstream(() => new Promise(() => undefined));
    const ferry = new AnonymousFerry({ harbor: { upstream: "https://registry.example.net" } });
    await expectAfter(10, ferry.fetch(HOST + path));
  });

  it("a silent token service: 503 after 10 seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { ferry } = play("wants tokens", never, () => new Promise(() => undefined));
    await expectAfter(10, ferry.fetch(HOST + path));
  });

  describe.each(READS)("%s", (what, read) => {
    it.each([401, 403])("a token service that refuses with %i: 401 insufficient_scope", async (status) => {
      const { ferry } = play("wants tokens", never, (request) => say(request, failure, status, JSON_TYPE));
      const response = await ferry.fetch(HOST + read);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(
        `Bearer realm="${HOST}/v2/auth",service="s",` +
          `${what === "the catalog" ? 'scope="registry:catalog:*"' : SCOPE},error="insufficient_scope"`,
      );
    });

    it.each([429, 500, 502, 503])(
      "a token service in trouble: its own %i, with its limits",
      async (status) => {
        for (const type of [JSON_TYPE, HTML]) {
          const { ferry } = play("wants tokens", never, (request) =>
            say(request, type === HTML ? PAGE : failure, status, { ...type, ...LIMITS }),
          );
          const response = await ferry.fetch(HOST + read);
          expect(response.status).toBe(status);
          for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
          expect(response.headers.get("WWW-Authenticate")).toBeNull();
          expect(await codeOf(response)).toBe(status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE");
        }
      },
    );

    it("a dropped connection to the token service: 503", async () => {
      const { ferry } = play("wants tokens", never, () => Promise.reject(new TypeError("lost")));
      expect((await ferry.fetch(HOST + read)).status).toBe(503);
    });
  });

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["an empty token", '{"token":""}'],
    ["a number", '{"token":1}'],
    ["a page", PAGE],
    ["nothing", ""],
    ["more than 64 KiB", JSON.stringify({ token: "x".repeat(64 * 1024) })],
  ])("S17: a token answer that is %s is 502", async (_, body) => {
    const { ferry } = play("wants tokens", never, () => new Response(body));
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("UNKNOWN");
  });

  it.each([301, 302, 303, 307, 308])("S4: a token service's %i is not followed: 502", async (status) => {
    const { ferry, departed } = play(
      "wants tokens",
      never,
      () => new Response(null, { status, headers: { Location: "https://evil.example.org/token" } }),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(502);
    expect(departed.filter(({ url }) => url.host === "evil.example.org")).toEqual([]);
  });

  it.each([
    '{"token":"t"}',
    '{"access_token":"t"}',
    '{"token":"t","expires_in":0}',
    '{"token":"","access_token":"t"}',
  ])("the token of %s is used", async (body) => {
    const { ferry, asked } = play(
      "wants tokens",
      () => new Response("x"),
      () => new Response(body),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(200);
    expect(asked.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer t"]);
  });

  it("a kept token that ended is replaced by a fresh one, once", async () => {
    // A manifest, whose digest and type prove the repository: only then a token is kept.
    const manifest = { "Content-Type": OCI_IMAGE, "Content-Length": "9", "Docker-Content-Digest": DIGEST };
    let issued = 0;
    const { ferry, asked } = play(
      "wants tokens",
      (request) =>
        request.headers.get("Authorization") === `Bearer t${issued}` && issued !== 2
          ? new Response(null, { headers: manifest })
          : say(request, failure, 401, JSON_TYPE),
      () => Response.json({ token: `t${(issued += 1)}`, expires_in: 300 }),
    );
    const read = async (tag: string): Promise<number> => {
      const init = { method: "HEAD", headers: { Accept: OCI_IMAGE } };
      return (await ferry.fetch(`${HOST}/v2/team/app/manifests/${tag}`, init)).status;
    };
    expect(await read("one")).toBe(200);
    issued = 2;
    expect(await read("two")).toBe(200);
    expect(asked.map(({ headers }) => headers.get("Authorization"))).toEqual([
      "Bearer t1",
      "Bearer t1",
      "Bearer t3",
    ]);
  });

  it("S18: what nobody proved costs two requests at the most each time, and no token is kept for it", async () => {
    const { ferry, departed } = play("wants tokens", (request) => say(request, failure, 404, JSON_TYPE));
    await ferry.fetch(HOST + path);
    for (let count = 0; count < 3; count += 1) {
      const before = departed.length;
      expect((await ferry.fetch(HOST + path)).status).toBe(404);
      expect(departed.length - before).toBeLessThanOrEqual(2);
    }
  });

  it("a fresh token that is refused is the last word", async () => {
    const { ferry, asked, departed } = play("wants tokens", (request) =>
      say(request, failure, 401, JSON_TYPE),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(401);
    expect(asked).toHaveLength(1);
    expect(departed.filter(({ url }) => url.pathname === "/token")).toHaveLength(1);
  });
});

describe("S18: a list of a proved repository", () => {
  it.each(["tags/list", `referrers/${DIGEST}`])("asks for no second token: %s", async (list) => {
    const warm = await Warm.open();
    const tokens = (): number =>
      warm.played.internet.requests.filter(({ url }) => url.pathname === "/token").length;
    expect(tokens(), "one for all that was pulled").toBe(1);
    for (let count = 0; count < 2; count += 1) await warm.get(list);
    expect(warm.played.count("GET", list)).toBeGreaterThan(0);
    expect(tokens()).toBe(1);
  });
});
