// The nearest level: small manifests in the isolate, which are served as those of the store are, and without reading it (S9, S17).
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { forgetIsolate } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import { DataCentre } from "./data-centre.ts";
import {
  answerWith,
  documentOf,
  MINUTE,
  notFound,
  OCI_INDEX,
  passTime,
  SECOND,
  type Document,
} from "./stage.ts";
import { outage, refusal, Warm } from "./warm.ts";

const KIB = 1024;
const ALICE = { Authorization: "Bearer of-alice" };

interface Scene {
  readonly warm: Warm;
  readonly centre: DataCentre;
  /** The path of the manifest that `latest` stands for. */
  readonly path: string;
}

/** A repository that was pulled, over a store that is played. */
async function scene(rowOptions: Record<string, unknown> = {}): Promise<Scene> {
  const centre = new DataCentre();
  vi.stubGlobal("caches", centre.caches);
  onTestFinished(() => {
    vi.unstubAllGlobals();
  });
  const warm = await Warm.open(rowOptions);
  return { warm, centre, path: `manifests/${warm.latest.digest}` };
}

/** The same, whose manifests are in memory and nowhere else. */
async function inMemoryAlone(): Promise<Scene> {
  const made = await scene();
  made.centre.drop("manifest");
  expect(await made.warm.source(made.path)).toBe("hit");
  return made;
}

describe("a warm isolate", () => {
  it("serves tags and manifests without looking into the store", async () => {
    const { centre, path, warm } = await scene();
    const read = vi.spyOn(centre.cache, "match");
    const write = vi.spyOn(centre.cache, "put");
    const asked = warm.played.internet.requests.length;
    for (const method of ["GET", "HEAD"]) {
      for (const wanted of ["manifests/latest", path]) {
        const answer = await warm.get(wanted, {}, method);
        expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "hit"]);
        expect(answer.headers.get("Docker-Content-Digest")).toBe(warm.latest.digest);
        expect(answer.headers.get("Content-Type")).toBe(warm.latest.mediaType);
        expect(answer.headers.get("Content-Length")).toBe(String(warm.latest.size));
        expect(answer.body).toBe(method === "GET" ? warm.latest.body : "");
      }
    }
    expect([read.mock.calls.length, write.mock.calls.length]).toEqual([0, 0]);
    expect(warm.played.internet.requests.length).toBe(asked);
    forgetIsolate();
    expect(await warm.source(path)).toBe("hit");
    expect(read.mock.calls.length, "another isolate reads it").toBeGreaterThan(0);
  });

  it("of which the store has nothing any more serves them all the same", async () => {
    const { path, warm } = await inMemoryAlone();
    for (const wanted of ["manifests/latest", path]) expect(await warm.source(wanted)).toBe("hit");
    expect(warm.played.count("GET", path)).toBe(1);
    forgetIsolate();
    expect(await warm.source(path)).toBe("miss");
  });

  it("has what it read from the store, too", async () => {
    const { centre, path, warm } = await scene();
    forgetIsolate();
    expect(await warm.source(path)).toBe("hit");
    centre.drop("manifest");
    expect(await warm.source(path)).toBe("hit");
  });
});

describe("S9: without a fresh proof, what is in memory is", () => {
  it("served once the registry was asked by HEAD, and said yes", async () => {
    const { path, warm } = await inMemoryAlone();
    passTime(6 * MINUTE);
    const before = [warm.played.count("HEAD", path), warm.played.count("GET", path)];
    expect(await warm.source(path)).toBe("hit");
    const [heads = 0, gets] = before;
    expect([warm.played.count("HEAD", path), warm.played.count("GET", path)]).toEqual([heads + 1, gets]);
  });

  it("not served stale: another isolate may have ended what is not in the store any more", async () => {
    const { path, warm } = await inMemoryAlone();
    passTime(6 * MINUTE);
    warm.played.serve = outage;
    expect(await warm.source(path)).toBe("503");
  });

  it("not served where that record is gone", async () => {
    const { centre, path, warm } = await inMemoryAlone();
    passTime(6 * MINUTE);
    warm.played.serve = outage;
    centre.drop("proof");
    expect(await warm.source(path)).toBe("503");
  });

  it("not served under another repository's", async () => {
    const { path, warm } = await inMemoryAlone();
    const second = warm.images.get("second");
    if (second === undefined) throw new TypeError("not seeded");
    warm.played.serve = (request) =>
      request.url.pathname.endsWith("/latest") ? answerWith(second, request) : notFound();
    const other = `team/other/manifests/latest`;
    expect((await warm.played.get(other, {}, "HEAD")).status).toBe(200);
    expect((await warm.played.get(`team/other/${path}`)).status).toBe(404);
  });
});

describe("S9: in memory, at once, a manifest is ended by", () => {
  const deletion =
    (answer: Handler) =>
    async ({ path, warm }: Scene): Promise<void> => {
      warm.played.serve = (request) =>
        request.method === "DELETE" ? answer(request) : warm.registry(request);
      await warm.get(path, ALICE, "DELETE");
    };
  const word =
    (answer: Handler) =>
    async ({ path, warm }: Scene): Promise<void> => {
      passTime(6 * MINUTE);
      warm.played.serve = (request) =>
        request.url.pathname.endsWith(path) ? answer(request) : warm.registry(request);
      expect(await warm.source(path)).toBe(String((await answer({ method: "HEAD" } as never)).status));
      passTime(11 * SECOND);
    };

  it.each<[string, (made: Scene) => Promise<void>, string]>([
    ["the registry's 404", word(notFound), "miss"],
    ["the registry's refusal", word(refusal), "miss"],
    ["a deletion through the proxy", deletion(() => new Response(null, { status: 202 })), "miss"],
    ["no deletion that the registry refused", deletion(() => new Response(null, { status: 403 })), "hit"],
  ])("%s", async (_, end, source) => {
    const made = await inMemoryAlone();
    await end(made);
    made.warm.played.serve = made.warm.registry;
    made.centre.drop("manifest");
    expect(await made.warm.source(made.path)).toBe(source);
  });

  it("a deletion while it is on its way", async () => {
    const made = await inMemoryAlone();
    const { centre, path, warm } = made;
    const remove = deletion(() => new Response(null, { status: 202 }));
    await remove(made);
    passTime(SECOND);
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
    const { promise: isAsked, resolve: ask } = Promise.withResolvers<undefined>();
    warm.played.serve = async (request) => {
      ask(undefined);
      await gate;
      return warm.registry(request);
    };
    const late = warm.source(path);
    await isAsked;
    passTime(SECOND);
    await remove(made);
    open(undefined);
    expect(await late).toBe("miss");
    centre.drop("manifest");
    warm.played.serve = warm.registry;
    expect(await warm.source(path)).toBe("miss");
  });

  it("the repository's denial, whatever manifest it is, until the registry says yes again", async () => {
    const { path, warm } = await inMemoryAlone();
    const second = `manifests/${warm.images.get("second")?.digest ?? ""}`;
    passTime(6 * MINUTE);
    warm.played.serve = refusal;
    for (let round = 0; round < 2; round += 1) {
      expect(await warm.source(path)).toBe("401");
      passTime(11 * SECOND);
    }
    warm.played.serve = outage;
    expect([await warm.source(path), await warm.source(second)]).toEqual(["503", "503"]);
    passTime(11 * SECOND);
    warm.played.serve = warm.registry;
    expect(await warm.source("manifests/third")).toBe("hit");
    expect([await warm.source(path), await warm.source(second)]).toEqual(["miss", "hit"]);
  });
});

/** An index of exactly so many bytes. */
async function indexOf(size: number, seed = ""): Promise<Document> {
  const text = (fill: string): string =>
    JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], annotations: { seed, fill } });
  return documentOf(text("x".repeat(size - text("").length)), OCI_INDEX);
}

/** Pulls documents, and then takes them from the store. @returns those that are served without it */
async function kept({ centre, warm }: Scene, documents: readonly Document[]): Promise<Document[]> {
  const all = new Map(documents.map((document) => [document.digest, document]));
  const serve: Handler = (request) => {
    const found = all.get(request.url.pathname.split("/").at(-1) ?? "");
    return found === undefined ? warm.registry(request) : answerWith(found, request);
  };
  warm.played.serve = serve;
  for (const { digest } of documents) expect(await warm.source(`manifests/${digest}`)).toBe("miss");
  centre.drop("manifest");
  // What is not there is not fetched again, which would push out what is.
  warm.played.serve = (request) => (request.method === "GET" ? outage(request) : serve(request));
  const found: Document[] = [];
  for (const document of documents) {
    const source = await warm.source(`manifests/${document.digest}`);
    expect(["hit", "503"]).toContain(source);
    if (source === "hit") found.push(document);
  }
  return found;
}

describe("S17: the isolate's memory of manifests", () => {
  it("has those of 32 KiB at the most", async () => {
    const made = await scene();
    const documents = [await indexOf(32 * KIB), await indexOf(32 * KIB + 1), await indexOf(200 * KIB)];
    expect((await kept(made, documents)).map(({ size }) => size)).toEqual([32 * KIB]);
  });

  it("has 8 MiB of them at the most, the last ones", async () => {
    const made = await scene();
    const documents = [];
    for (let index = 0; index < 280; index += 1) documents.push(await indexOf(31 * KIB, String(index)));
    const found = await kept(made, documents);
    const bytes = found.reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(8 * KIB * KIB);
    expect(bytes).toBeGreaterThan(7.5 * KIB * KIB);
    expect(found).toEqual(documents.slice(-found.length));
  });

  it("has nothing of a registry of which nothing is kept", async () => {
    const { path, warm } = await scene({ store: false });
    const before = warm.played.count("GET", path);
    for (const wanted of [path, "manifests/latest", path]) expect(await warm.source(wanted)).toBe("miss");
    expect(warm.played.count("GET", path)).toBe(before + 3);
  });
});
