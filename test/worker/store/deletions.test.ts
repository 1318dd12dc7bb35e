// S9: what is deleted through the proxy is gone from this data centre and the bucket at once, and nothing else is.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { keyOf } from "../../../src/store/entry.ts";
import type { Answer, Handler } from "../internet.ts";
import { answerWith, isKept, type Document } from "./stage.ts";
import { Warm } from "./warm.ts";

const { BLOBS } = env as unknown as { BLOBS: R2Bucket };
const ALICE = { Authorization: "Bearer of-alice" };
const accepted: Handler = () => new Response(null, { status: 202 });

/** Deletes with credentials of a client's own. @param answer what the registry says to it */
async function remove(warm: Warm, path: string, answer: Handler = accepted): Promise<Answer> {
  const { registry } = warm;
  warm.played.serve = (request) => (request.method === "DELETE" ? answer(request) : registry(request));
  const answered = await warm.get(path, ALICE, "DELETE");
  warm.played.serve = registry;
  return answered;
}

async function kept({
  played,
  latest,
  blob,
}: Warm): Promise<{ manifest: boolean; blob: boolean; tag: boolean }> {
  return {
    manifest: await isKept(await played.keyUrl("manifest", latest.digest)),
    blob: await isKept(await played.keyUrl("blob", blob.digest)),
    tag: await isKept(await played.keyUrl("tag", "latest")),
  };
}

const ALL = { manifest: true, blob: true, tag: true };

describe("F30: a DELETE that the registry took (202)", () => {
  it("of a blob: it is gone at once, in the store and for clients", async () => {
    const warm = await Warm.open();
    expect(await kept(warm)).toEqual(ALL);
    expect((await remove(warm, `blobs/${warm.blob.digest}`)).status).toBe(202);
    expect(await kept(warm)).toEqual({ ...ALL, blob: false });
    const before = warm.played.count("GET", "/blobs/");
    expect(await warm.source(`blobs/${warm.blob.digest}`)).toBe("miss");
    expect(warm.played.count("GET", "/blobs/")).toBe(before + 1);
  });

  it("of a larger blob: it is gone from the bucket at once", async () => {
    const warm = await Warm.open({}, { BLOBS, BUCKET_REPOSITORIES: "**", CACHE_MAX_BLOB: 10 });
    const key = `public/${await keyOf(warm.played.entry("blob", warm.blob.digest))}`;
    expect(await BLOBS.head(key)).not.toBeNull();
    await remove(warm, `blobs/${warm.blob.digest}`);
    expect(await BLOBS.head(key)).toBeNull();
    expect(await warm.source(`blobs/${warm.blob.digest}`)).toBe("miss");
  });

  it("of a manifest by its digest: it is gone at once; the blob stays", async () => {
    const warm = await Warm.open();
    await remove(warm, `manifests/${warm.latest.digest}`);
    expect(await kept(warm)).toEqual({ ...ALL, manifest: false });
    expect(await warm.source(`manifests/${warm.latest.digest}`)).toBe("miss");
  });

  it("of a tag: the tag is gone at once; manifest and blob stay", async () => {
    const warm = await Warm.open();
    await remove(warm, "manifests/latest");
    expect(await kept(warm)).toEqual({ ...ALL, tag: false });
  });

  it("of one manifest leaves the others: only what was deleted is forgotten", async () => {
    const warm = await Warm.open();
    const second = warm.images.get("second") as Document;
    await remove(warm, `manifests/${second.digest}`);
    expect(await kept(warm)).toEqual(ALL);
    expect(await warm.pull()).toEqual(new Set(["hit"]));
  });
});

describe("F30: what forgets nothing", () => {
  const others: [string, Handler][] = [
    ["200", () => new Response(null, { status: 200 })],
    ["201", () => new Response(null, { status: 201 })],
    ["204", () => new Response(null, { status: 204 })],
    [
      "202 with a page",
      () => new Response("<html>", { status: 202, headers: { "Content-Type": "text/html" } }),
    ],
    ["404", () => new Response(null, { status: 404 })],
    ["500", () => new Response(null, { status: 500 })],
    [
      "a redirect to another origin, which would take it",
      () => new Response(null, { status: 307, headers: { Location: "https://elsewhere.example/" } }),
    ],
  ];

  it.each(others)("%s to DELETE", async (_, answer) => {
    const warm = await Warm.open();
    warm.played.internet.host("https://elsewhere.example", accepted);
    const { latest, blob } = warm;
    for (const path of [`blobs/${blob.digest}`, `manifests/${latest.digest}`, "manifests/latest"]) {
      await remove(warm, path, answer);
    }
    expect(await kept(warm)).toEqual(ALL);
    expect(warm.played.internet.to("https://elsewhere.example")).toEqual([]);
  });

  it.each([200, 202, 204])("%i to PUT of a tag: only 201 is a change", async (status) => {
    const warm = await Warm.open();
    const { registry } = warm;
    warm.played.serve = (request) =>
      request.method === "PUT" ? new Response(null, { status }) : registry(request);
    await warm.get("manifests/latest", ALICE, "PUT");
    expect(await kept(warm)).toEqual(ALL);
  });

  it("201 to PUT of a tag forgets the tag, and no content", async () => {
    const warm = await Warm.open();
    const { registry } = warm;
    warm.played.serve = (request) =>
      request.method === "PUT" ? new Response(null, { status: 201 }) : registry(request);
    await warm.get("manifests/latest", ALICE, "PUT");
    expect(await kept(warm)).toEqual({ ...ALL, tag: false });
  });

  it("a DELETE with our own bearer never leaves", async () => {
    const warm = await Warm.open();
    const { status } = await warm.get(`blobs/${warm.blob.digest}`, {}, "DELETE");
    expect([status, warm.played.count("DELETE", "/blobs/")]).toEqual([401, 0]);
    expect(await kept(warm)).toEqual(ALL);
  });

  it("202 from where the registry led to says nothing: a GET in between is an answer of its own", async () => {
    const warm = await Warm.open();
    warm.played.internet.host("https://elsewhere.example", (request) => answerWith(warm.blob, request));
    warm.played.serve = () =>
      new Response(null, { status: 307, headers: { Location: "https://elsewhere.example/blob" } });
    await warm.get(`blobs/${warm.blob.digest}`, ALICE);
    expect(await kept(warm)).toEqual(ALL);
  });
});
