// S18: a token service that gives anonymity no token needs no witness, is believed the second time, and not where it refuses
// us altogether.
import { describe, expect, it } from "vitest";
import type { Handler } from "../internet.ts";
import { HOUR, isKept, MINUTE, passTime, SECOND } from "./stage.ts";
import { refusal, Warm } from "./warm.ts";

const LATEST = "manifests/latest";
const REFUSED: Handler = () => Response.json({ errors: [{ code: "DENIED" }] }, { status: 401 });

/** A registry whose token service gives tokens for a minute, and now refuses `team/app`; its registry refuses old ones. */
async function refused(): Promise<Warm> {
  const warm = await Warm.open();
  warm.played.token = (request) =>
    isOf(request.url, "team/app") ? REFUSED(request) : Response.json({ token: "t", expires_in: 60 });
  warm.played.serve = (request) =>
    request.url.pathname.includes("team/app") ? refusal(request) : warm.registry(request);
  passTime(6 * MINUTE);
  return warm;
}

function isOf(url: URL, repository: string): boolean {
  return url.searchParams.get("scope") === `repository:${repository}:pull`;
}

async function isDenied({ played }: Warm): Promise<boolean> {
  return isKept(await played.keyUrl("denial"));
}

describe("S18: the token service refuses one repository", () => {
  it("its first refusal is trouble, its second a denial, and no witness is asked", async () => {
    const warm = await refused();
    const asked = warm.witnessesAsked();
    expect(await warm.source(LATEST)).toBe("stale");
    passTime(9 * SECOND);
    expect(await warm.source(LATEST)).toBe("stale");
    expect(await isDenied(warm)).toBe(false);
    passTime(SECOND);
    expect(await warm.source(LATEST)).toBe("401");
    expect(await isDenied(warm)).toBe(true);
    expect(warm.witnessesAsked()).toBe(asked);
  });

  it("what nobody has stored is the 401 of a challenge, each time", async () => {
    const warm = await refused();
    for (const pause of [0, SECOND, 11 * SECOND]) {
      passTime(pause);
      const { status, headers } = await warm.get("manifests/unknown");
      expect([status, headers.get("WWW-Authenticate")]).toEqual([
        401,
        expect.stringContaining("insufficient_scope"),
      ]);
    }
  });

  it("a 429 or 5xx of the token service is no refusal", async () => {
    for (const status of [429, 503]) {
      const warm = await refused();
      warm.played.token = () => new Response(null, { status });
      for (const pause of [0, 11 * SECOND]) {
        passTime(pause);
        expect(await warm.source(LATEST)).toBe("stale");
      }
      expect(await isDenied(warm)).toBe(false);
    }
  });

  it.each<[string, Handler]>([
    [
      "with Retry-After",
      () => Response.json({ errors: [] }, { status: 403, headers: { "Retry-After": "9" } }),
    ],
    [
      "with limit headers",
      () => Response.json({ errors: [] }, { status: 401, headers: { "RateLimit-Remaining": "0;w=60" } }),
    ],
    [
      "that is a page",
      () => new Response("<html>no</html>", { status: 403, headers: { "Content-Type": "text/html" } }),
    ],
    ["that is no JSON object", () => new Response("blocked", { status: 403 })],
  ])("a 401 or 403 %s is no refusal", async (_, answer) => {
    const warm = await refused();
    const { token } = warm.played;
    warm.played.token = (request) => (isOf(request.url, "team/app") ? answer(request) : token(request));
    for (const pause of [0, 11 * SECOND, MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("stale");
    }
    expect(await isDenied(warm)).toBe(false);
  });

  it("/v2/ that answers otherwise than when it was learned holds the denial back", async () => {
    const warm = await refused();
    warm.ping = () => new Response(null, { status: 403 });
    for (const pause of [0, 11 * SECOND, MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("stale");
    }
    expect(await isDenied(warm)).toBe(false);
  });
});

describe("S18: the token service refuses two proven repositories within a minute", () => {
  /** Both were pulled, and then refused. */
  async function both(): Promise<Warm> {
    const warm = await Warm.open();
    await warm.played.get("team/other/manifests/latest");
    warm.played.token = REFUSED;
    warm.played.serve = refusal;
    passTime(6 * MINUTE);
    return warm;
  }

  it("then it is we who are refused: no denial, for an hour at the most", async () => {
    const warm = await both();
    await warm.source(LATEST);
    passTime(30 * SECOND);
    await warm.played.get("team/other/manifests/latest");
    for (const pause of [11 * SECOND, 10 * MINUTE, 20 * MINUTE, 29 * MINUTE]) {
      passTime(pause);
      expect(await warm.source(LATEST)).toBe("stale");
    }
    expect(await isDenied(warm)).toBe(false);
    // Both go on being refused; the hour is over, and is not begun again.
    passTime(5 * MINUTE);
    expect(await warm.source(LATEST)).toBe("stale");
    await warm.played.get("team/other/manifests/latest");
    passTime(11 * SECOND);
    expect(await warm.source(LATEST)).toBe("401");
    expect(await isDenied(warm)).toBe(true);
  });

  it("one after the other, with more than a minute between: each is judged by itself", async () => {
    const warm = await both();
    await warm.source(LATEST);
    passTime(61 * SECOND);
    await warm.played.get("team/other/manifests/latest");
    passTime(61 * SECOND);
    expect(await warm.source(LATEST)).toBe("401");
  });

  it("a repository that nobody proved is none of the two: strangers make such names up", async () => {
    const warm = await both();
    await warm.source(LATEST);
    passTime(11 * SECOND);
    for (const name of ["made", "up"]) await warm.played.get(`team/${name}/manifests/latest`);
    expect(await warm.source(LATEST)).toBe("401");
    expect(await isDenied(warm)).toBe(true);
  });

  it("nor is one whose last proof is more than a day old", async () => {
    const warm = await Warm.open();
    await warm.played.get("team/old/manifests/latest");
    passTime(25 * HOUR);
    await warm.get(LATEST);
    warm.played.token = REFUSED;
    warm.played.serve = refusal;
    passTime(6 * MINUTE);
    await warm.source(LATEST);
    passTime(11 * SECOND);
    await warm.played.get("team/old/manifests/latest");
    expect(await warm.source(LATEST)).toBe("401");
    expect(await isDenied(warm)).toBe(true);
  });
});
