// S9: who serves without the registry must find the proof where every isolate sees it, and no proof erases a later denial.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import type { Answer, Handler } from "../internet.ts";
import { CACHE, isKept, MINUTE, passTime, plant, realPause, SECOND } from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const LATEST = "manifests/latest";
const MIRROR = "https://mirror.example";

/** A question whose answer is yes, and stays under way until it is let go. */
interface Held {
  /** Lets the answer come, and waits until all is written that comes of it. */
  readonly release: () => Promise<Answer>;
}

/** Asks for a tag; all that is asked later is answered by `then`. */
async function hold(warm: Warm, tag: string, then: Handler): Promise<Held> {
  let letGo: (() => void) | undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let asked = 0;
  warm.played.serve = async (request) => {
    asked += 1;
    await gate;
    return warm.registry(request);
  };
  const answer = warm.get(`manifests/${tag}`, {}, "HEAD");
  while (asked === 0) await realPause();
  warm.played.serve = then;
  return {
    release: () => {
      letGo?.();
      return answer;
    },
  };
}

/** The first write to that address comes after all that is written until it is let go. */
function holdFirstWrite(url: string): { hasBegun: () => boolean; release: () => void } {
  let letGo: (() => void) | undefined;
  const put: Cache["put"] = Reflect.get(Cache.prototype, "put");
  const spy = vi.spyOn(Cache.prototype, "put").mockImplementation(async function (
    this: Cache,
    request,
    response,
  ) {
    const isIt = (request instanceof Request ? request.url : String(request)) === url;
    if (isIt && letGo === undefined) {
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    }
    return put.call(this, request, response);
  });
  onTestFinished(() => spy.mockRestore());
  return { hasBegun: () => letGo !== undefined, release: () => letGo?.() };
}

async function deny(warm: Warm): Promise<void> {
  for (const pause of [SECOND, 11 * SECOND]) {
    passTime(pause);
    expect(await warm.source("manifests/other")).toBe("401");
  }
  passTime(11 * SECOND);
}

async function isDenied({ played }: Warm): Promise<boolean> {
  return isKept(await played.keyUrl("denial"));
}

describe("F15: a proof that was asked earlier and is written later does not erase a denial", () => {
  it.each(["in one isolate", "across isolates"])("%s", async (where) => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    const held = await hold(warm, "second", refusal);
    // What the question holds on to is its own; what the isolate remembers is another's from now on.
    if (where === "across isolates") forgetIsolate();
    await deny(warm);
    if (where === "across isolates") forgetIsolate();
    expect((await held.release()).status).toBe(200);
    expect(await isDenied(warm)).toBe(true);
    warm.played.serve = outage;
    // The other isolate knows of no denial while its proof is fresh; that is what five minutes are promised for.
    if (where === "across isolates") passTime(5 * MINUTE);
    for (const isolate of ["same", "new"]) {
      if (isolate === "new") forgetIsolate();
      expect(await warm.pull(), `${isolate} isolate`).toEqual(new Set(["503"]));
    }
  });

  it.each(["in one isolate", "across isolates"])(
    "%s, where it is the writing that is late",
    async (where) => {
      const warm = await Warm.open();
      passTime(6 * MINUTE);
      const writing = holdFirstWrite(await warm.played.keyUrl("proof"));
      const answer = warm.get("manifests/second", {}, "HEAD");
      while (!writing.hasBegun()) await realPause();
      if (where === "across isolates") forgetIsolate();
      warm.played.serve = refusal;
      await deny(warm);
      writing.release();
      expect((await answer).status).toBe(200);
      warm.played.serve = outage;
      for (const isolate of ["same", "new"]) {
        if (isolate === "new") forgetIsolate();
        expect(await warm.pull(), `${isolate} isolate`).toEqual(new Set(["503"]));
      }
    },
  );

  it("a proof that was asked later does lift it, for every isolate at once", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    warm.played.serve = refusal;
    await deny(warm);
    const held = await hold(warm, "second", outage);
    await held.release();
    forgetIsolate();
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("hit");
    expect(await warm.source(`blobs/${warm.blob.digest}`)).toBe("hit");
  });
});

describe("S9: what is served stale needs the proof in the store", () => {
  it("it was evicted: nothing is served, though this isolate remembers it", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    await (await caches.open(CACHE)).delete(await warm.played.keyUrl("proof"));
    warm.played.serve = outage;
    expect(await warm.pull()).toEqual(new Set(["503"]));
  });

  it.each([
    [100, "stale"],
    [900, "503"],
  ])("the store takes %i ms to say it: %s", async (milliseconds, expected) => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    warm.played.serve = outage;
    const url = await warm.played.keyUrl("proof");
    const match: Cache["match"] = Reflect.get(Cache.prototype, "match");
    const spy = vi.spyOn(Cache.prototype, "match").mockImplementation(async function (this: Cache, request) {
      if ((request instanceof Request ? request.url : String(request)) === url) {
        await new Promise((resolve) => {
          setTimeout(resolve, milliseconds);
        });
      }
      return match.call(this, request);
    });
    onTestFinished(() => spy.mockRestore());
    expect(await warm.source(LATEST)).toBe(expected);
  });

  it("another isolate's denial is read there too: nothing stale, and no mirror is asked", async () => {
    const warm = await Warm.open({ mirrors: [MIRROR] });
    warm.played.internet.host(MIRROR, (request) =>
      request.url.pathname === "/v2/" ? Response.json({}) : warm.registry(request),
    );
    passTime(2 * MINUTE);
    const words = warm.played.labelled("denial", "", { deniedAt: String(Date.now()) });
    await plant(await warm.played.keyUrl("denial"), words, "d");
    await (await caches.open(CACHE)).delete(await warm.played.keyUrl("proof"));
    passTime(SECOND);
    warm.played.serve = outage;
    expect(await warm.source(LATEST)).toBe("503");
    expect(await warm.source(`manifests/sha256:${"7".repeat(64)}`)).toBe("503");
    expect(warm.played.internet.to(MIRROR)).toEqual([]);
  });

  it("(and without a denial the mirror is asked)", async () => {
    const warm = await Warm.open({ mirrors: [MIRROR] });
    warm.played.internet.host(MIRROR, () => new Response(null, { status: 404 }));
    passTime(2 * MINUTE);
    warm.played.serve = outage;
    await warm.source(`manifests/sha256:${"7".repeat(64)}`);
    expect(warm.played.internet.to(MIRROR)).not.toEqual([]);
  });

  it("a record of more than a minute in the future is none", async () => {
    const warm = await Warm.open();
    forgetIsolate();
    const record = async (ahead: number): Promise<void> => {
      const at = String(Date.now() + ahead);
      const words = { provenAt: at, refusedAt: "0", witnesses: "{}" };
      await plant(await warm.played.keyUrl("proof"), warm.played.labelled("proof", "", words), "p");
    };
    warm.played.serve = outage;
    await record(61 * SECOND);
    expect(await warm.pull()).toEqual(new Set(["503"]));
    await record(59 * SECOND);
    expect(await warm.pull()).not.toContain("503");
  });
});
