// F2: a stored manifest is hashed at each read and not parsed, and a large one is not stored.
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import { DataCentre } from "./data-centre.ts";
import {
  answerWith,
  documentOf,
  isKept,
  notFound,
  OCI_IMAGE,
  plant,
  Played,
  type Document,
} from "./stage.ts";
import { Warm } from "./warm.ts";

/** What is parsed as JSON until the test ends. */
function parsed(): string[] {
  const texts: string[] = [];
  const { parse } = JSON;
  const spy = vi.spyOn(JSON, "parse").mockImplementation((text: string, reviver) => {
    texts.push(text);
    return parse(text, reviver) as unknown;
  });
  onTestFinished(() => spy.mockRestore());
  return texts;
}

describe("F2: a stored manifest (S10, S11)", () => {
  it.each(["GET", "HEAD"])("is not parsed by a warm %s", async (method) => {
    const warm = await Warm.open();
    const texts = parsed();
    for (const isolate of ["same", "new"]) {
      if (isolate === "new") forgetIsolate();
      for (const reference of [warm.latest.digest, "latest"]) {
        expect(await warm.source(`manifests/${reference}`, {}, method)).toBe("hit");
      }
    }
    expect(texts.filter((text) => text.includes("schemaVersion"))).toEqual([]);
  });

  it("nor before it is stored; what else is JSON is (the tests of this can fail)", async () => {
    const texts = parsed();
    const warm = await Warm.open();
    expect(texts.length).toBeGreaterThan(0);
    expect(texts).not.toContain(warm.latest.body);
  });

  it("is hashed at each read: other bytes under its key are a miss, and deleted", async () => {
    const warm = await Warm.open();
    const url = await warm.played.keyUrl("manifest", warm.latest.digest);
    const words = warm.played.labelled("manifest", warm.latest.digest, { mediaType: warm.latest.mediaType });
    await plant(url, words, warm.latest.body.replace("2", "3"));
    forgetIsolate();
    const answer = await warm.get(`manifests/${warm.latest.digest}`);
    expect([answer.headers.get("X-Cache"), answer.body]).toEqual(["miss", warm.latest.body]);
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("hit");
  });
});

describe("F2: a manifest of more than 256 KiB", () => {
  const KIB = 1024;
  const ofSize = (size: number): Promise<Document> => {
    const start = `{"schemaVersion":2,"config":{},"layers":[],"note":"`;
    return documentOf(`${start.padEnd(size - 2, "x")}"}`, OCI_IMAGE);
  };

  it.each([
    [256 * KIB, true],
    [256 * KIB + 1, false],
    [4096 * KIB, false],
  ])("of %i bytes passes, and is stored: %s", async (size, isStored) => {
    const document = await ofSize(size);
    const played = new Played((request) =>
      /latest$|sha256:/.test(request.url.pathname) ? answerWith(document, request) : notFound(),
    );
    for (const reference of ["latest", document.digest, document.digest]) {
      const { status, body } = await played.get(`team/app/manifests/${reference}`);
      expect([status, body === document.body]).toEqual([200, true]);
      expect(await isKept(await played.keyUrl("manifest", document.digest))).toBe(isStored);
    }
    expect(await isKept(await played.keyUrl("proof")), "it is proof all the same").toBe(true);
  });
});

describe("S9: a manifest of the cache whose body stalls", () => {
  it("is a miss after 500 ms, as one of the bucket is", { timeout: 40_000 }, async () => {
    const centre = new DataCentre();
    const { match } = centre.cache;
    vi.stubGlobal("caches", centre.caches);
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    const warm = await Warm.open();
    forgetIsolate();
    centre.cache.match = async (question) => {
      const found = await match(question);
      if (found?.headers.get("X-Ferry-Metadata")?.includes("%22manifest%22") !== true) return found;
      const { readable, writable } = new IdentityTransformStream();
      void writable
        .getWriter()
        .write(new TextEncoder().encode("{"))
        .catch(() => undefined);
      return new Response(readable, { headers: found.headers });
    };
    const begunAt = performance.now();
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("miss");
    expect(performance.now() - begunAt).toBeLessThan(500 + 1500);
  });
});
