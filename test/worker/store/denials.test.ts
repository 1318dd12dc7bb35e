// S18: what it takes to deny a repository, and what does not: witnesses, twice, and whether it is we who are refused.
import { describe, expect, it } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import { HOUR, isKept, MINUTE, passTime, SECOND } from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const LATEST = "manifests/latest";

/** A warm repository that its registry closed six minutes ago. */
async function closed(tags?: readonly string[]): Promise<Warm> {
  const warm = await Warm.open({}, {}, tags);
  warm.played.serve = refusal;
  passTime(6 * MINUTE);
  return warm;
}

/** What is written in the store of the repository: a proof, a denial. */
async function kept({ played }: Warm): Promise<string[]> {
  const kinds = ["proof", "denial"] as const;
  const found = await Promise.all(kinds.map(async (kind) => isKept(await played.keyUrl(kind))));
  return kinds.filter((_, index) => found[index]);
}

describe("S18: everything is refused", () => {
  it("twice: then nothing that is stored is served, not even while the registry is away", async () => {
    const warm = await closed();
    expect(await warm.source(LATEST)).toBe("401");
    expect(await kept(warm), "once is not enough").toEqual(["proof"]);
    passTime(11 * SECOND);
    expect(await warm.source(LATEST)).toBe("401");
    expect(await kept(warm)).toEqual(["denial"]);
    warm.played.serve = outage;
    passTime(11 * SECOND);
    expect(await warm.pull()).toEqual(new Set(["503"]));
    forgetIsolate();
    expect(await warm.pull()).toEqual(new Set(["503"]));
  });

  it.each([
    ["nine seconds", [0, 9 * SECOND], ["proof"]],
    ["ten seconds", [0, 10 * SECOND], ["denial"]],
    ["an hour", [0, HOUR], ["denial"]],
    ["more than an hour", [0, HOUR + SECOND], ["proof"]],
  ])("%s apart", async (_, pauses, expected) => {
    const warm = await closed();
    for (const pause of pauses) {
      passTime(0);
      passTime(pause);
      await warm.source("manifests/other");
    }
    expect(await kept(warm)).toEqual(expected);
  });

  it("the second time may be another isolate's", async () => {
    const warm = await closed();
    for (const pause of [0, 11 * SECOND]) {
      passTime(pause);
      forgetIsolate();
      await warm.source(LATEST);
    }
    expect(await kept(warm)).toEqual(["denial"]);
  });

  it("a positive answer between the two times makes the second the first", async () => {
    const warm = await closed();
    for (const expected of ["proof", "proof"]) {
      await warm.source(LATEST);
      passTime(11 * SECOND);
      expect(await kept(warm)).toEqual([expected]);
      warm.played.serve = warm.registry;
      expect(await warm.source("manifests/second")).toBe("hit");
      passTime(11 * SECOND);
      warm.played.serve = refusal;
    }
  });

  it("F18: a denial is kept longer than any proof holds, and leads back to what was kept when it is lifted", async () => {
    const warm = await closed();
    const lifetime = async (kind: "proof" | "denial"): Promise<string | null | undefined> => {
      const cache = await caches.open("registry-ferry-1");
      const found = await cache.match(await warm.played.keyUrl(kind));
      await found?.body?.cancel();
      return found?.headers.get("Cache-Control");
    };
    expect(await lifetime("proof")).toBe(`public, max-age=${String((24 * HOUR) / SECOND)}`);
    for (const pause of [0, 11 * SECOND]) {
      passTime(pause);
      await warm.source(LATEST);
    }
    expect(await lifetime("denial")).toBe(`public, max-age=${String((48 * HOUR) / SECOND)}`);
    warm.played.serve = outage;
    for (const pause of [23 * HOUR, 24 * HOUR, 2 * HOUR]) {
      passTime(pause);
      forgetIsolate();
      expect(await warm.pull()).toEqual(new Set(["503"]));
    }
    warm.played.serve = warm.registry;
    const before = warm.played.count("GET", "/manifests/");
    passTime(MINUTE);
    expect(await warm.pull()).toEqual(new Set(["hit"]));
    expect(warm.played.count("GET", "/manifests/"), "found again, and not fetched").toBe(before);
  });
});

describe("S18: witnesses", () => {
  it("one that is answered saves the repository: only the refused reference is ended", async () => {
    const warm = await closed();
    warm.played.serve = (request) =>
      request.url.pathname.endsWith("/latest") ? refusal(request) : warm.registry(request);
    for (const pause of [0, 11 * SECOND, 10 * MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("401");
    }
    expect(await kept(warm)).toEqual(["proof"]);
    warm.played.serve = outage;
    passTime(11 * SECOND);
    expect(await warm.source(LATEST), "a refused reference is not served stale").toBe("503");
    expect(await warm.source("manifests/second")).toBe("stale");
  });

  it("the refused tag's own digest is none: it speaks for what is refused", async () => {
    const warm = await closed(["latest"]);
    await warm.source(LATEST);
    expect(warm.witnessesAsked()).toBe(0);
  });

  it("nor does it speak the second time, when the tag is forgotten: with two tags the proof goes, without a denial", async () => {
    const warm = await closed(["second", "latest"]);
    for (const pause of [0, 11 * SECOND]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("401");
    }
    expect(await kept(warm)).toEqual([]);
  });

  it.each([
    ["one", ["latest"]],
    ["two, of which one is what is refused", ["second", "latest"]],
  ])("with %s the proof goes, and there is no denial", async (_, tags) => {
    const warm = await closed(tags);
    for (const pause of [0, 11 * SECOND]) {
      passTime(pause);
      expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("401");
    }
    expect(await kept(warm)).toEqual([]);
    passTime(11 * SECOND);
    warm.played.serve = outage;
    expect(await warm.pull()).toEqual(new Set(["503"]));
    // Where nothing was denied, nothing needs to be lifted.
    warm.played.serve = warm.registry;
    expect(await warm.source(LATEST)).toBe("miss");
    expect(await warm.source(LATEST)).toBe("hit");
  });

  it("in trouble they decide nothing", async () => {
    const warm = await closed();
    warm.played.serve = (request) =>
      request.url.pathname.endsWith("/other") ? refusal(request) : outage(request);
    for (const pause of [0, 11 * SECOND, MINUTE]) {
      passTime(pause);
      expect(await warm.source("manifests/other")).toBe("401");
    }
    expect(await warm.pull()).toEqual(new Set(["stale"]));
  });

  it("that are gone are dropped: with the last one the proof ends (registries that hide by 404)", async () => {
    const warm = await closed();
    warm.played.serve = () => Response.json({ errors: [] }, { status: 404 });
    const digests = [...warm.images.values()].map(({ digest }) => digest);
    for (const digest of digests) {
      expect(await kept(warm)).toEqual(["proof"]);
      expect(await warm.source(`manifests/${digest}`)).toBe("404");
    }
    expect(await kept(warm)).toEqual([]);
  });

  it("are asked once in ten seconds, whatever is refused meanwhile", async () => {
    const warm = await closed();
    for (const [pause, asked] of [
      [0, 3],
      [3 * SECOND, 3],
      [6 * SECOND, 3],
      [2 * SECOND, 6],
    ] as const) {
      passTime(pause);
      await warm.source(`manifests/other-${String(Date.now())}`);
      expect(warm.witnessesAsked()).toBe(asked);
    }
  });
});

describe("S18: a refusal that is none", () => {
  const others: [string, Handler][] = [
    ["with Retry-After", () => Response.json({}, { status: 403, headers: { "Retry-After": "60" } })],
    ["with limits", () => Response.json({}, { status: 403, headers: { "RateLimit-Remaining": "0;w=60" } })],
    ["as HTML", () => new Response("<html>", { status: 403, headers: { "Content-Type": "text/html" } })],
    [
      "with limits of another name",
      () => Response.json({}, { status: 401, headers: { "X-RateLimit-Reset": "9" } }),
    ],
  ];

  it.each(others)("%s is trouble: what is stored is served, and no witness is asked", async (_, answer) => {
    const warm = await closed();
    const asked = warm.played.count("HEAD", "/manifests/sha256:");
    warm.played.serve = (request) => {
      const { status, headers, body } = answer(request) as Response;
      return new Response(request.method === "HEAD" ? null : body, { status, headers });
    };
    for (const pause of [0, 11 * SECOND, MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("stale");
    }
    expect(warm.witnessesAsked()).toBe(asked);
    expect(await kept(warm)).toEqual(["proof"]);
  });
});

describe("S18: is it we who are refused?", () => {
  const pings: [string, Handler][] = [
    ["a block page", () => new Response("<html>", { status: 403, headers: { "Content-Type": "text/html" } })],
    ["503", outage],
    ["200, where it asked for tokens", () => Response.json({})],
    [
      "another token service",
      () =>
        new Response(null, {
          status: 401,
          headers: { "WWW-Authenticate": 'Bearer realm="https://x.example/t"' },
        }),
    ],
    ["Basic", () => new Response(null, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } })],
  ];

  it.each(pings)("/v2/ answers %s, and not as when it was learned: no denial", async (_, ping) => {
    const warm = await closed();
    warm.ping = ping;
    for (const pause of [0, 11 * SECOND, MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("stale");
    }
    expect(await kept(warm)).toEqual(["proof"]);
    warm.ping = undefined;
    for (const pause of [11 * SECOND, 11 * SECOND]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("401");
    }
    expect(await kept(warm)).toEqual(["denial"]);
  });

  it("a registry that is open at /v2/, and challenges at its repositories, is denied like any other", async () => {
    const warm = await Warm.open({}, {}, undefined, () => Response.json({}));
    expect(await warm.pull()).toEqual(new Set(["hit"]));
    warm.played.serve = refusal;
    passTime(6 * MINUTE);
    for (const pause of [0, 11 * SECOND]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("401");
    }
    expect(await kept(warm)).toEqual(["denial"]);
  });

  it("it is asked without a token, and once in ten seconds for all its repositories", async () => {
    const warm = await closed();
    const pings = (): number =>
      warm.played.internet.to(warm.played.origin).filter(({ url }) => url.pathname === "/v2/").length;
    const before = pings();
    await warm.source(LATEST);
    expect(pings()).toBe(before + 1);
    passTime(5 * SECOND);
    await warm.source("manifests/second");
    expect(pings()).toBe(before + 1);
    const asked = warm.played.internet.to(warm.played.origin).filter(({ url }) => url.pathname === "/v2/");
    expect(asked.map(({ headers }) => headers.get("Authorization"))).toEqual(asked.map(() => null));
  });
});
