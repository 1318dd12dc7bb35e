// S18: what is slow is slow by itself, and a registry is out only where it is silent to us too.
import { describe, expect, it, vi } from "vitest";
import type { Handler } from "../internet.ts";
import { MINUTE, passTime, realPause, SECOND } from "./stage.ts";
import { refusal, Warm } from "./warm.ts";

const never: Handler = () => new Promise<never>(() => undefined);
const SLOW = "manifests/second";
const LATEST = "manifests/latest";

/** A registry of which one tag never answers. Timers are the test's from here on. */
async function withSlowTag(): Promise<Warm> {
  const warm = await Warm.open();
  warm.played.serve = (request) =>
    request.url.pathname.endsWith("/second") ? never(request) : warm.registry(request);
  vi.useFakeTimers({ now: Date.now() + 2 * MINUTE, toFake: ["Date", "setTimeout", "clearTimeout"] });
  return warm;
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
