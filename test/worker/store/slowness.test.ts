// S18: what is slow is slow by itself, and a registry is out only where it is silent to us too.
import { describe, expect, it, vi } from "vitest";
import { unauthorized, type Handler } from "../internet.ts";
import { MINUTE, passTime, realPause, SECOND } from "./stage.ts";
import { refusal, Warm } from "./warm.ts";

const never: Handler = () => new Promise<never>(() => undefined);
const SLOW = "manifests/second";
const LATEST = "manifests/latest";

/** Timers are the test's from here on. */
async function warmAfter(minutes: number): Promise<Warm> {
  const warm = await Warm.open();
  vi.useFakeTimers({ now: Date.now() + minutes * MINUTE, toFake: ["Date", "setTimeout", "clearTimeout"] });
  return warm;
}

/** A registry of which one tag never answers. */
async function withSlowTag(): Promise<Warm> {
  const warm = await warmAfter(2);
  warm.played.serve = (request) =>
    request.url.pathname.endsWith("/second") ? never(request) : warm.registry(request);
  return warm;
}

/** What comes of a request, and the seconds until then, as the log has them: what is deferred is not counted. */
async function timed(warm: Warm, path: string): Promise<[string, number]> {
  const source = await come(warm.source(path));
  const line = JSON.parse(warm.played.internet.log.at(-1) ?? "") as { total_ms: number };
  return [source, Math.round(line.total_ms / SECOND)];
}

/** Lets time pass until it is there. */
async function come<T>(promise: Promise<T>): Promise<T> {
  const state = { isThere: false };
  const done = promise.finally(() => {
    state.isThere = true;
  });
  for (let second = 0; second < 60; second += 1) {
    await realPause();
    if (state.isThere) break;
    await vi.advanceTimersByTimeAsync(SECOND);
  }
  return done;
}

function asked({ played }: Warm, path: string): number {
  return played.count("HEAD", path);
}

describe("F17: one tag that takes more than five seconds", () => {
  it("is served stale, and not asked again for 30 seconds", async () => {
    const warm = await withSlowTag();
    expect(await come(warm.source(SLOW))).toBe("stale");
    const before = asked(warm, "/second");
    vi.setSystemTime(Date.now() + 20 * SECOND);
    expect(await come(warm.source(SLOW))).toBe("stale");
    expect(asked(warm, "/second")).toBe(before);
    vi.setSystemTime(Date.now() + 11 * SECOND);
    expect(await come(warm.source(SLOW))).toBe("stale");
    expect(asked(warm, "/second")).toBe(before + 1);
  });

  it("is no outage of the registry: other references are asked as ever", async () => {
    const warm = await withSlowTag();
    await come(warm.source(SLOW));
    const before = asked(warm, "/latest");
    expect(await come(warm.source(LATEST))).toBe("hit");
    expect(asked(warm, "/latest")).toBe(before + 1);
  });

  it("and hides no revocation", async () => {
    const warm = await withSlowTag();
    await come(warm.source(SLOW));
    warm.played.serve = (request) =>
      request.url.pathname.endsWith("/second") ? never(request) : refusal(request);
    expect(await come(warm.source(LATEST))).toBe("401");
  });
});

describe("F17: a registry whose /v2/ is silent too", () => {
  it("is out for 30 seconds: what is stored is served without asking, and then it is asked again", async () => {
    const warm = await withSlowTag();
    warm.ping = never;
    await come(warm.source(SLOW));
    const before = asked(warm, "/latest");
    vi.setSystemTime(Date.now() + 20 * SECOND);
    expect(await come(warm.source(LATEST))).toBe("stale");
    expect(asked(warm, "/latest")).toBe(before);
    vi.setSystemTime(Date.now() + 11 * SECOND);
    expect(await come(warm.source(LATEST))).toBe("hit");
    expect(asked(warm, "/latest")).toBe(before + 1);
  });

  it("a /v2/ that says anything at all is not silent", async () => {
    const warm = await withSlowTag();
    warm.ping = () => new Response(null, { status: 503 });
    await come(warm.source(SLOW));
    expect(await come(warm.source(LATEST))).toBe("hit");
  });

  it("it is asked by ourselves: at /v2/, without a token and without a client's words", async () => {
    const warm = await withSlowTag();
    const before = warm.played.internet.requests.length;
    await come(warm.source(SLOW, { "User-Agent": "docker/29" }));
    const pings = warm.played.internet.requests.slice(before).filter(({ url }) => url.pathname === "/v2/");
    expect(pings).toHaveLength(1);
    expect([...(pings[0]?.headers.keys() ?? [])].sort()).toEqual(["accept", "accept-encoding", "x-real-ip"]);
  });
});

describe("S18: who can be served without the registry waits five seconds for all that an answer takes", () => {
  it("where its token service is silent", async () => {
    const warm = await warmAfter(120);
    warm.played.token = never;
    expect(await timed(warm, LATEST)).toEqual(["stale", 5]);
  });

  it("where its /v2/ is silent when it is learned again", async () => {
    const warm = await warmAfter(120);
    warm.ping = never;
    expect(await timed(warm, LATEST)).toEqual(["stale", 5]);
  });

  it("where /v2/, the token service and the tag take three seconds each", async () => {
    const warm = await warmAfter(120);
    const slowly =
      (handler: Handler): Handler =>
      async (request) => {
        await new Promise((resolve) => setTimeout(resolve, 3 * SECOND));
        return handler(request);
      };
    warm.ping = slowly(() => unauthorized(`Bearer realm="${warm.played.origin}/token",service="played"`));
    warm.played.token = slowly(warm.played.token);
    warm.played.serve = slowly(warm.registry);
    expect(await timed(warm, LATEST)).toEqual(["stale", 5]);
  });

  it("and who cannot waits as long as ever", async () => {
    const warm = await warmAfter(120);
    warm.played.token = never;
    expect(await timed(warm, "manifests/unknown")).toEqual(["503", 10]);
  });
});

describe("S4: what was learned of a registry stands in where /v2/ says nothing an hour later", () => {
  const outage: Handler = () => new Response(null, { status: 503 });
  const page: Handler = () => new Response("<html>", { headers: { "Content-Type": "text/html" } });

  it.each([
    ["trouble", outage],
    ["a page", page],
  ])("of %s: the registry is asked as ever, and /v2/ once a minute", async (_, ping) => {
    const warm = await warmAfter(120);
    warm.ping = ping;
    const { requests } = warm.played.internet;
    const pings = (): number => requests.filter(({ url }) => url.pathname === "/v2/").length;
    const before = pings();
    expect(await come(warm.source(LATEST))).toBe("hit");
    expect(await come(warm.source("manifests/third"))).toBe("hit");
    expect(pings()).toBe(before + 1);
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    expect(await come(warm.source(LATEST))).toBe("hit");
    expect(pings()).toBe(before + 2);
  });

  it("of silence: after those who waited for it, nobody waits", async () => {
    const warm = await warmAfter(120);
    warm.ping = never;
    expect(await timed(warm, "manifests/unknown")).toEqual(["404", 10]);
    expect(await timed(warm, LATEST)).toEqual(["hit", 0]);
  });

  it("for a day, and no longer", async () => {
    const warm = await warmAfter(25 * 60);
    warm.ping = outage;
    expect(await come(warm.source(LATEST))).toBe("503");
  });

  it("and a challenge that names another token service is refused at once", async () => {
    const warm = await warmAfter(120);
    warm.ping = () => unauthorized('Bearer realm="https://evil.example/token",service="played"');
    await come(warm.source(LATEST));
    expect(warm.played.internet.requests.filter(({ url }) => url.host === "evil.example")).toEqual([]);
    expect(await come(warm.source("manifests/unknown"))).toBe("502");
  });
});

describe("S18: slowness is for those who can be served without the registry", () => {
  it("where nothing is stored it is waited for, and nothing is concluded", async () => {
    const warm = await withSlowTag();
    warm.played.serve = (request) =>
      request.url.pathname.endsWith("/unknown") ? never(request) : warm.registry(request);
    expect(await come(warm.source("manifests/unknown"))).toBe("503");
    passTime(0);
    expect(await warm.source(LATEST)).toBe("hit");
  });
});
