// Attacks by which one caller, a mirror or another isolate changes what somebody else is given.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import worker from "../../../src/index.ts";
import type { Handler } from "../internet.ts";
import { forgetIsolate } from "../ferry.ts";
import {
  ANONYMOUS,
  answerWith,
  documentOf,
  DOCKER_IMAGE,
  HOUR,
  isKept,
  MINUTE,
  notFound,
  OCI_IMAGE,
  passTime,
  Played,
  realPause,
  SECOND,
} from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const LATEST = "manifests/latest";
const MIRROR = "https://mirror.example";

describe("S18: a stranger who leaves while witnesses are asked", () => {
  /** He is refused, and the witnesses are asked for him; he is not waited for. */
  async function strangerAsks(warm: Warm): Promise<{ settled: Promise<unknown> }> {
    const asked = warm.witnessesAsked();
    const context = createExecutionContext();
    const request = new Request("https://reg.example.com/v2/team/app/manifests/made-up", {
      headers: { ...ANONYMOUS },
    });
    void worker.fetch(request as never, warm.played.ferry.env as never, context);
    for (let turn = 0; turn < 20 && warm.witnessesAsked() === asked; turn += 1) await realPause();
    return { settled: waitOnExecutionContext(context) };
  }

  it("does not take their answers with him: what they mean is concluded all the same", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    const { promise: gate, resolve: release } = Promise.withResolvers<undefined>();
    warm.played.serve = async (request) => {
      if (request.method === "HEAD" && request.url.pathname.includes("/manifests/sha256:")) await gate;
      return refusal(request);
    };
    const { settled } = await strangerAsks(warm);
    let isOver = false;
    const over = settled.then(() => {
      isOver = true;
    });
    for (let turn = 0; turn < 5; turn += 1) await realPause();
    expect(isOver, "what is deferred ends before the witnesses have answered").toBe(false);
    release(undefined);
    await over;
    passTime(11 * SECOND);
    expect(await warm.source(LATEST)).toBe("401");
    expect(await isKept(await warm.played.keyUrl("denial"))).toBe(true);
  });

  /** As if even what is deferred were cut: the witness that a stranger has asked for never answers. */
  it("does not keep a closed repository readable", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    let isStranger = false;
    const never = new Promise<Response>(() => undefined);
    warm.played.serve = (request) => {
      const isWitness = request.method === "HEAD" && request.url.pathname.includes("/manifests/sha256:");
      return isStranger && isWitness ? never : refusal(request);
    };
    const seen: string[] = [];
    for (let round = 0; round < 6; round += 1) {
      isStranger = true;
      await strangerAsks(warm);
      isStranger = false;
      seen.push(await warm.source(LATEST));
      passTime(11 * SECOND);
    }
    expect(seen.slice(3)).toEqual(["401", "401", "401"]);
    expect(await isKept(await warm.played.keyUrl("denial"))).toBe(true);
  });
});

describe("S9, S11: what a mirror says of a manifest", () => {
  /** OCI's documents need not say their type themselves. */
  it("its type is not kept for when the registry is back", async () => {
    const body = JSON.stringify({
      schemaVersion: 2,
      config: {
        mediaType: "application/vnd.oci.image.config.v1+json",
        digest: `sha256:${"1".repeat(64)}`,
        size: 2,
      },
      layers: [],
    });
    const document = await documentOf(body, OCI_IMAGE);
    const other = await documentOf(body.replace('"layers":[]', '"layers":[],"annotations":{}'), OCI_IMAGE);
    const all = [document, other];
    const registry: Handler = (request) => {
      const reference = request.url.pathname.split("/").at(-1);
      const found = reference === "latest" ? other : all.find(({ digest }) => digest === reference);
      return found === undefined ? notFound() : answerWith(found, request);
    };
    const played = new Played(registry, { mirrors: [MIRROR] });
    const type = `${DOCKER_IMAGE}; x=${"y".repeat(300)}`;
    played.internet.host(MIRROR, (request) =>
      request.url.pathname === "/v2/"
        ? Response.json({})
        : answerWith(document, request, { "Content-Type": type }),
    );
    await played.get(`team/app/${LATEST}`);
    played.serve = outage;
    const path = `team/app/manifests/${document.digest}`;
    expect((await played.get(path)).headers.get("X-Cache")).toBe("mirror");
    played.serve = registry;
    passTime(MINUTE);
    forgetIsolate();
    const answer = await played.get(path);
    expect([answer.headers.get("X-Cache"), answer.headers.get("Content-Type")]).toEqual([
      expect.any(String),
      OCI_IMAGE,
    ]);
  });
});

describe("S9: a tag that one isolate heard to be gone", () => {
  it("is not brought back by what another remembers", async () => {
    const warm = await Warm.open();
    const { played } = warm;
    vi.resetModules();
    const { default: second } = await import("../../../src/index.ts");
    const bySecond = async (accept: string, path = LATEST): Promise<string> => {
      const request = new Request(`https://reg.example.com/v2/team/app/${path}`, {
        headers: { ...ANONYMOUS, Accept: accept },
      });
      const context = createExecutionContext();
      const answer = await second.fetch(request as never, played.ferry.env as never, context);
      await answer.arrayBuffer();
      await waitOnExecutionContext(context);
      return answer.status === 200 ? String(answer.headers.get("X-Cache")) : String(answer.status);
    };
    const full = ANONYMOUS["Accept"] ?? "";
    passTime(2 * MINUTE);
    expect(await bySecond(full)).toBe("hit");
    // The first hears that the tag is gone for clients as docker is one; the registry has it for others still.
    const isFull = (accept: string | null): boolean => accept?.includes("list") === true;
    passTime(2 * MINUTE);
    played.serve = (request) =>
      request.url.pathname.endsWith("/latest") && isFull(request.headers.get("Accept"))
        ? notFound()
        : warm.registry(request);
    expect(await warm.source(LATEST)).toBe("404");
    // The second is asked by a client of another class.
    expect(await bySecond(OCI_IMAGE)).toBe("hit");
    played.serve = outage;
    passTime(MINUTE);
    const { headers, status } = await warm.get(LATEST);
    // What another class was told may do; the class's own word is of before the 404.
    expect([status, headers.get("X-Cache")]).toEqual([200, "stale"]);
    const words = await storedClasses(await played.keyUrl("tag", "latest"));
    expect(words).not.toContain("ilmd");
  });

  it("a tag that was deleted here is not brought back by what another remembers", async () => {
    const warm = await Warm.open();
    const { played } = warm;
    vi.resetModules();
    const { default: second } = await import("../../../src/index.ts");
    const bySecond = async (accept: string): Promise<void> => {
      const request = new Request(`https://reg.example.com/v2/team/app/${LATEST}`, {
        headers: { ...ANONYMOUS, Accept: accept },
      });
      const context = createExecutionContext();
      const answer = await second.fetch(request as never, played.ferry.env as never, context);
      await answer.arrayBuffer();
      await waitOnExecutionContext(context);
    };
    const full = ANONYMOUS["Accept"] ?? "";
    passTime(2 * MINUTE);
    await bySecond(full);
    played.serve = (request) =>
      request.method === "DELETE" ? new Response(null, { status: 202 }) : warm.registry(request);
    const login = { Authorization: "Bearer of.alice" };
    expect((await warm.get(LATEST, login, "DELETE")).status).toBe(202);
    expect(await isKept(await played.keyUrl("tag", "latest"))).toBe(false);
    // The tag is gone for all but one odd class, whose answer makes the second write what it remembers.
    played.serve = (request) =>
      request.url.pathname.endsWith("/latest") && request.headers.get("Accept") !== OCI_IMAGE
        ? notFound()
        : warm.registry(request);
    await bySecond(OCI_IMAGE);
    expect(await storedClasses(await played.keyUrl("tag", "latest"))).not.toContain("ilmd");
  });
});

async function storedClasses(url: string): Promise<string> {
  const cache = await caches.open("registry-ferry-1");
  const found = await cache.match(url);
  await found?.body?.cancel();
  const words = decodeURIComponent(found?.headers.get("X-Ferry-Metadata") ?? "%7B%7D");
  return (JSON.parse(words) as Record<string, string>)["classes"] ?? "";
}

describe("S18: an isolate that began while everything is refused", () => {
  it("does not take a 401 without a challenge at /v2/ for what the registry always said", async () => {
    const warm = await Warm.open();
    const { internet, origin } = warm.played;
    internet.host(origin, () => Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401 }));
    passTime(6 * MINUTE);
    forgetIsolate();
    for (let round = 0; round < 3; round += 1) {
      await warm.source("manifests/made-up");
      passTime(11 * SECOND);
    }
    expect(await isKept(await warm.played.keyUrl("denial"))).toBe(false);
  });
});

describe("S14: store = false, one caller and another", () => {
  it("a caller whom the registry refuses does not take the mirror away from one whom it serves", async () => {
    const warm = await Warm.open({ store: false, mirrors: [MIRROR] });
    warm.played.internet.host(MIRROR, (request) =>
      request.url.pathname === "/v2/" ? Response.json({}) : warm.registry(request),
    );
    warm.played.serve = outage;
    const before = await warm.source(LATEST);
    passTime(MINUTE);
    warm.played.serve = warm.registry;
    await warm.get(LATEST);
    warm.played.serve = refusal;
    for (let round = 0; round < 3; round += 1) {
      passTime(12 * SECOND);
      await warm.get(LATEST);
    }
    warm.played.serve = outage;
    passTime(HOUR / 60);
    expect(await warm.source(LATEST)).toBe(before);
  });
});
