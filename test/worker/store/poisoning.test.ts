// S10, S11: what does not fit its digest, or means two things, is neither stored nor served from the store.
import { describe, expect, it } from "vitest";
import type { Words } from "../../../src/store/entry.ts";
import { forgetIsolate } from "../ferry.ts";
import type { Handler } from "../internet.ts";
import { digestOf } from "../client-ferry.ts";
import {
  answerWith,
  DOCKER_IMAGE,
  documentOf,
  imageDocument,
  isKept,
  notFound,
  OCI_IMAGE,
  OCI_INDEX,
  plant,
  Played,
  type Document,
} from "./stage.ts";

const GOOD = JSON.stringify({ schemaVersion: 2, mediaType: OCI_IMAGE, config: {}, layers: [] });
const SCHEMA1 = "application/vnd.docker.distribution.manifest.v1+prettyjws";

/** Bodies under their right digest that mean two things, or nothing, or are of another kind. */
const AMBIGUOUS: readonly (readonly [string, string, string])[] = [
  ["both index and layers", '{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}', OCI_INDEX],
  ["both, said to be an image", '{"schemaVersion":2,"manifests":[],"layers":[],"config":{}}', OCI_IMAGE],
  ["an image with manifests behind an escape", '{"config":{},"layers":[],"\\u006danifests":[]}', OCI_IMAGE],
  ["an index said to be an image", '{"schemaVersion":2,"manifests":[]}', OCI_IMAGE],
  ["an image said to be an index", GOOD, OCI_INDEX],
  ["another mediaType than its header", GOOD, DOCKER_IMAGE],
  ["a mediaType that is no text", '{"mediaType":1,"config":{},"layers":[]}', OCI_IMAGE],
  ["a key twice", '{"config":{},"layers":[],"layers":[{}]}', OCI_IMAGE],
  ["a key twice, once escaped", '{"config":{},"layers":[],"layer\\u0073":[{}]}', OCI_IMAGE],
  ["something behind its end", `${GOOD}{}`, OCI_IMAGE],
  ["a zero byte behind its end", `${GOOD}\0`, OCI_IMAGE],
  ["a byte order mark", `\uFEFF${GOOD}`, OCI_IMAGE],
  ["a list at the top", `[${GOOD}]`, OCI_IMAGE],
  ["schema 1", '{"schemaVersion":1,"fsLayers":[],"history":[]}', SCHEMA1],
  ["schema 1 said to be schema 2", '{"schemaVersion":1,"fsLayers":[],"manifests":[]}', DOCKER_IMAGE],
  ["no manifest's type", GOOD, "application/json"],
];

/** Serves a document at its digest and at the tag `latest`. */
function serving(document: Document, headers: Record<string, string> = {}, body = document.body): Handler {
  return (request) =>
    request.url.pathname.endsWith(`/manifests/${document.digest}`) ||
    request.url.pathname.endsWith("/manifests/latest")
      ? answerWith({ ...document, body }, request, headers)
      : notFound();
}

async function expectNotKept(played: Played, digest: string): Promise<void> {
  expect(await isKept(await played.keyUrl("manifest", digest))).toBe(false);
  const before = played.count("GET", "/manifests/");
  const again = await played.get(`team/app/manifests/${digest}`);
  expect(again.headers.get("X-Cache")).not.toBe("hit");
  expect(played.count("GET", "/manifests/"), "asked again").toBeGreaterThan(before);
}

describe("S11: manifests that are passed, and not stored", () => {
  it.each(AMBIGUOUS)("%s", async (_, body, mediaType) => {
    const document = await documentOf(body, mediaType);
    const played = new Played(serving(document));
    for (const reference of [document.digest, "latest"]) {
      const { status, headers } = await played.get(`team/app/manifests/${reference}`);
      expect(status).toBe(200);
      expect(headers.get("Docker-Content-Digest")).toBe(document.digest);
      expect(headers.get("Content-Type")).toBe(mediaType);
    }
    await expectNotKept(played, document.digest);
  });

  it.each([
    ["a wrong digest", {}, `${GOOD} `],
    ["a wrong body of the right length", {}, GOOD.replace("[]", "{}")],
  ])("%s", async (_, headers, body) => {
    const document = await documentOf(GOOD, OCI_IMAGE);
    const played = new Played(serving(document, { "Content-Length": String(body.length), ...headers }, body));
    for (const reference of [document.digest, "latest"]) {
      const answer = await played.get(`team/app/manifests/${reference}`);
      expect(answer.headers.get("X-Cache")).toBe("bypass");
      expect(answer.body, "it is passed for the client to refuse").toBe(body);
    }
    await expectNotKept(played, document.digest);
    expect(await isKept(await played.keyUrl("manifest", await digestOf(body)))).toBe(false);

    played.serve = serving(document);
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("miss");
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
  });

  it("a body that breaks off is 503, and the next good answer is stored", async () => {
    const document = await documentOf(GOOD, OCI_IMAGE);
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(GOOD.slice(0, 20)));
        controller.error(new Error("connection lost"));
      },
    });
    const played = new Played(() => new Response(broken, { headers: { "Content-Type": OCI_IMAGE } }));
    expect((await played.get(`team/app/manifests/${document.digest}`)).status).toBe(503);
    expect(await isKept(await played.keyUrl("manifest", document.digest))).toBe(false);
    played.serve = serving(document);
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("miss");
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
  });

  it.each([
    ["a document", `{"schemaVersion":2,"x":"${"x".repeat(5 * 1024 * 1024)}"}`, 200],
    ["a page without a type", `<html>${" ".repeat(5 * 1024 * 1024)}</html>`, 502],
  ])("%s of 5 MiB, with a length and without", async (_, text, status) => {
    const stream = (): ReadableStream | null => new Response(text).body;
    for (const [body, headers] of [
      [() => text, { "Content-Length": String(text.length) }],
      [stream, {}],
    ] as const) {
      const played = new Played(
        () => new Response(body(), { headers: { "Content-Type": OCI_IMAGE, ...headers } }),
      );
      const answer = await played.get(`team/app/manifests/sha256:${"a".repeat(64)}`);
      expect(answer.status).toBe(status);
      if (status === 200) {
        expect(answer.headers.get("Content-Length")).toBe(headers["Content-Length"] ?? null);
        expect(answer.body).toBe(text);
      }
    }
  });

  it.each(["blake3:abc", "sha1:abc", "md5:abc", "sha256+b64:abc"])(
    "of %s nothing is stored",
    async (digest) => {
      const document = { ...(await documentOf(GOOD, OCI_IMAGE)), digest };
      const played = new Played(serving(document));
      for (let count = 1; count <= 2; count += 1) {
        const { status, headers } = await played.get(`team/app/manifests/${digest}`);
        expect([status, headers.get("X-Cache")]).toEqual([200, "bypass"]);
        expect(played.count("GET", "/manifests/")).toBe(count);
      }
    },
  );

  it.each([`${OCI_IMAGE}; charset=utf-8`, OCI_IMAGE.toUpperCase()])(
    "parameters and case of a type do not matter: %s is stored",
    async (mediaType) => {
      const document = await documentOf(GOOD, mediaType);
      const played = new Played(serving(document));
      await played.get(`team/app/manifests/${document.digest}`);
      expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
    },
  );
});

function proof(): Words {
  return { provenAt: String(Date.now()), refusedAt: "0", witnesses: "{}" };
}

describe("S10: what is read back from the store must be what was asked for", () => {
  const named = (played: Played, { digest, mediaType }: Document): Words =>
    played.labelled("manifest", digest, { mediaType });

  it("what is written so is served: the tests below can fail", async () => {
    const document = await imageDocument("planted");
    const other = await imageDocument("other");
    const played = new Played(serving(other));
    await played.get("team/app/manifests/latest");
    await plant(await played.keyUrl("manifest", document.digest), named(played, document), document.body);
    const answer = await played.get(`team/app/manifests/${document.digest}`);
    expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "hit"]);
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ["garbage", {}, "garbage"],
    ["nothing", {}, ""],
    ["a longer body", {}, `${GOOD} `],
    ["another upstream's", { upstream: "https://elsewhere.example" }, undefined],
    ["another repository's", { repository: "team/other" }, undefined],
    ["another digest's", { reference: `sha256:${"0".repeat(64)}` }, undefined],
    ["of a page's type", { mediaType: "text/html" }, undefined],
    ["without a size", { size: "many" }, undefined],
  ])("%s: a miss, and the good answer is stored in its place", async (_, metadata, body) => {
    const document = await documentOf(GOOD, OCI_IMAGE);
    const played = new Played(serving(document));
    await played.get("team/app/manifests/latest", {}, "HEAD");
    const url = await played.keyUrl("manifest", document.digest);
    await plant(url, { ...named(played, document), ...metadata }, body ?? document.body);
    const first = await played.get(`team/app/manifests/${document.digest}`);
    expect([first.headers.get("X-Cache"), first.body]).toEqual(["miss", GOOD]);
    expect((await played.get(`team/app/manifests/${document.digest}`)).headers.get("X-Cache")).toBe("hit");
  });

  it.each<[string, Record<string, string>]>([
    ["another repository's", { repository: "team/other" }],
    ["another digest's", { reference: `sha256:${"0".repeat(64)}` }],
    ["another upstream's", { upstream: "https://elsewhere.example" }],
  ])("a blob that says that it is %s is a miss", async (_, metadata) => {
    const content = "the right bytes";
    const digest = await digestOf(content);
    const played = new Played(() => new Response(content, { headers: { "Content-Length": "15" } }));
    await played.get("team/app/tags/list");
    const words = { ...played.labelled("blob", digest), ...metadata };
    await plant(await played.keyUrl("blob", digest), words, "the wrong bytes");
    expect((await played.get(`team/app/blobs/${digest}`)).body).toBe(content);
  });

  it.each<[string, Words]>([
    ["another tag's words", { reference: "latestx", classes: "{}" }],
    ["no JSON", { classes: "{" }],
    ["null", { classes: "null" }],
    ["a class that is null", { classes: '{"0.1.2.3":null}' }],
    ["a digest that is none", { classes: '{"0.1.2.3":{"digest":"x","mediaType":"y","size":1,"at":9e12}}' }],
  ])("a tag's record with %s is a miss", async (_, words) => {
    const document = await imageDocument("tagged");
    const played = new Played(serving(document));
    await plant(await played.keyUrl("tag", "latest"), { ...played.labelled("tag", "latest"), ...words }, "x");
    const answer = await played.get("team/app/manifests/latest");
    expect([answer.status, answer.body]).toEqual([200, document.body]);
  });

  it.each<[string, () => Words]>([
    ["another repository's", () => ({ repository: "team/appx", ...proof() })],
    ["numbers that are none", () => ({ ...proof(), provenAt: "soon" })],
    [
      "a time more than a minute in the future",
      () => ({ ...proof(), provenAt: String(Date.now() + 70_000) }),
    ],
    ["no time", () => ({ refusedAt: "0", witnesses: "{}" })],
  ])("a record of visibility with %s proves nothing", async (_, words) => {
    const document = await imageDocument("hidden");
    const played = new Played(() => Response.json({ errors: [] }, { status: 401 }));
    const planted = { ...played.labelled("proof", ""), ...words() };
    await plant(await played.keyUrl("proof"), planted, "x");
    await plant(await played.keyUrl("manifest", document.digest), named(played, document), document.body);
    expect((await played.get(`team/app/manifests/${document.digest}`)).status).toBe(401);
  });

  it("a record of visibility that is right is believed: the test above can fail", async () => {
    const document = await imageDocument("shown");
    const played = new Played(() => Response.json({ errors: [] }, { status: 401 }));
    await plant(await played.keyUrl("proof"), { ...played.labelled("proof", ""), ...proof() }, "x");
    await plant(await played.keyUrl("manifest", document.digest), named(played, document), document.body);
    expect((await played.get(`team/app/manifests/${document.digest}`)).status).toBe(200);
  });

  it("another isolate reads the same, and hashes it again", async () => {
    const document = await imageDocument("shared");
    const played = new Played(serving(document));
    await played.get(`team/app/manifests/${document.digest}`);
    await plant(await played.keyUrl("manifest", document.digest), named(played, document), GOOD);
    forgetIsolate();
    const answer = await played.get(`team/app/manifests/${document.digest}`);
    expect([answer.body, answer.headers.get("X-Cache")]).toEqual([document.body, "miss"]);
  });

  it("nothing in the store can be asked for from outside by its key", async () => {
    const document = await imageDocument("raw");
    const played = new Played(serving(document));
    await played.get(`team/app/manifests/${document.digest}`);
    const url = await played.keyUrl("manifest", document.digest);
    expect(await isKept(url)).toBe(true);
    const { pathname } = new URL(url);
    for (const address of [url, `https://reg.example.com${pathname}`, `https://x.workers.dev${pathname}`]) {
      expect((await played.internet.ask(played.ferry, address)).status).toBe(404);
    }
  });
});
