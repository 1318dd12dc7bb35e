// What was asked before a push or a deletion through here, and answered after it.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Handler } from "../internet.ts";
import { digestOf } from "../client-ferry.ts";
import { answerWith, imageDocument, isKept, notFound, passTime, realPause, SECOND } from "./stage.ts";
import { refusal, Warm } from "./warm.ts";

const { BLOBS } = env as unknown as { BLOBS: R2Bucket };
const LOGIN = { Authorization: "Bearer of.alice" };
const LATEST = "manifests/latest";

/** The first answer to that method and path waits until it is let go. */
function gateOn(
  warm: Warm,
  method: string,
  part: string,
  answer: Handler,
): { begun: () => boolean; release: () => void } {
  let letGo: (() => void) | undefined;
  let isFirst = true;
  const before = warm.played.serve;
  warm.played.serve = async (request) => {
    if (isFirst && request.method === method && request.url.pathname.includes(part)) {
      isFirst = false;
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
      return answer(request);
    }
    return before(request);
  };
  return { begun: () => letGo !== undefined, release: () => letGo?.() };
}

describe("S9: what is deleted or pushed through here is forgotten at once", () => {
  it("a blob that is on its way to a stranger is not kept after its deletion", async () => {
    const warm = await Warm.open();
    const body = `a blob that is deleted ${warm.played.origin}`;
    const digest = await digestOf(body);
    let isDeleted = false;
    let finish: (() => void) | undefined;
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    warm.played.serve = (request) => {
      if (!request.url.pathname.endsWith(digest)) return warm.registry(request);
      if (request.method === "DELETE") {
        isDeleted = true;
        return new Response(null, { status: 202 });
      }
      if (isDeleted) return notFound();
      void writer.write(new TextEncoder().encode(body.slice(0, 5)));
      finish = () => {
        void writer.write(new TextEncoder().encode(body.slice(5))).then(() => writer.close());
      };
      return new Response(readable, { headers: { "Content-Length": String(body.length) } });
    };
    const slow = warm.get(`blobs/${digest}`);
    while (finish === undefined) await realPause();
    passTime(SECOND);
    expect((await warm.get(`blobs/${digest}`, LOGIN, "DELETE")).status).toBe(202);
    finish();
    expect((await slow).body).toBe(body);
    expect(await isKept(await warm.played.keyUrl("blob", digest))).toBe(false);
    expect(await warm.source(`blobs/${digest}`)).toBe("404");
  });

  it("a manifest that was asked for before its deletion is not kept after it", async () => {
    const warm = await Warm.open();
    const document = await imageDocument(`deleted ${warm.played.origin}`);
    let isDeleted = false;
    warm.played.serve = (request) => {
      if (!request.url.pathname.endsWith(document.digest)) return warm.registry(request);
      if (request.method !== "DELETE") return isDeleted ? notFound() : answerWith(document, request);
      isDeleted = true;
      return new Response(null, { status: 202 });
    };
    const gate = gateOn(warm, "GET", document.digest, (request) => answerWith(document, request));
    const slow = warm.get(`manifests/${document.digest}`);
    while (!gate.begun()) await realPause();
    passTime(SECOND);
    expect((await warm.get(`manifests/${document.digest}`, LOGIN, "DELETE")).status).toBe(202);
    gate.release();
    await slow;
    expect(await warm.source(`manifests/${document.digest}`)).toBe("404");
  });

  it("a tag that was asked for before a push does not stand for the old image after it", async () => {
    const warm = await Warm.open();
    const old = warm.latest;
    const pushed = await imageDocument(`pushed ${warm.played.origin}`);
    let isPushed = false;
    const registry: Handler = (request) => {
      if (request.method === "PUT") {
        isPushed = true;
        return new Response(null, { status: 201 });
      }
      const reference = request.url.pathname.split("/").at(-1);
      const isIt = reference === pushed.digest || (isPushed && reference === "latest");
      return isIt ? answerWith(pushed, request) : warm.registry(request);
    };
    warm.played.serve = registry;
    passTime(61 * SECOND);
    const gate = gateOn(warm, "HEAD", "/latest", (request) => answerWith(old, request));
    const slow = warm.get(LATEST);
    while (!gate.begun()) await realPause();
    passTime(SECOND);
    expect((await warm.get(LATEST, LOGIN, "PUT")).status).toBe(201);
    gate.release();
    await slow;
    expect((await warm.get(LATEST)).headers.get("Docker-Content-Digest")).toBe(pushed.digest);
  });

  it("a blob that is on its way to a stranger is not served again after it was refused", async () => {
    const warm = await Warm.open();
    const body = `a blob that is closed ${warm.played.origin}`;
    const digest = await digestOf(body);
    let finish: (() => void) | undefined;
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    let isClosed = false;
    warm.played.serve = (request) => {
      if (!request.url.pathname.endsWith(digest)) return warm.registry(request);
      if (isClosed) return refusal(request);
      void writer.write(new TextEncoder().encode(body.slice(0, 5)));
      finish = () => {
        void writer.write(new TextEncoder().encode(body.slice(5))).then(() => writer.close());
      };
      return new Response(readable, { headers: { "Content-Length": String(body.length) } });
    };
    const slow = warm.get(`blobs/${digest}`);
    while (finish === undefined) await realPause();
    passTime(SECOND);
    isClosed = true;
    expect(await warm.source(`blobs/${digest}`)).toBe("401");
    finish();
    await slow;
    passTime(11 * SECOND);
    expect(await warm.source(`blobs/${digest}`)).toBe("401");
  });

  it("a blob that is on its way to the bucket is not there after its deletion", async () => {
    const warm = await Warm.open({}, { BLOBS, BUCKET_REPOSITORIES: "**", CACHE_MAX_BLOB: 1 });
    const body = `a large blob that is deleted ${warm.played.origin}`;
    const digest = await digestOf(body);
    let finish: (() => void) | undefined;
    let isDeleted = false;
    let asked = 0;
    const whole = (): Response => new Response(body, { headers: { "Content-Length": String(body.length) } });
    warm.played.serve = (request) => {
      if (!request.url.pathname.endsWith(digest)) return warm.registry(request);
      if (request.method === "DELETE") {
        isDeleted = true;
        return new Response(null, { status: 202 });
      }
      if (isDeleted) return notFound();
      asked += 1;
      if (asked === 1) return whole();
      const { readable, writable } = new IdentityTransformStream();
      const writer = writable.getWriter();
      void writer.write(new TextEncoder().encode(body.slice(0, 5)));
      finish = () => {
        void writer.write(new TextEncoder().encode(body.slice(5))).then(() => writer.close());
      };
      return new Response(readable, { headers: { "Content-Length": String(body.length) } });
    };
    const slow = warm.get(`blobs/${digest}`);
    while (finish === undefined) await realPause();
    passTime(SECOND);
    expect((await warm.get(`blobs/${digest}`, LOGIN, "DELETE")).status).toBe(202);
    finish();
    await slow;
    for (let turn = 0; turn < 5; turn += 1) await realPause();
    expect(await warm.source(`blobs/${digest}`)).toBe("404");
  });
});
