// A bucket that an older version filled, which kept large blobs and nothing else; and one into which a later version wrote.
import { describe, expect, it } from "vitest";
import { keyOf } from "../../../src/store/entry.ts";
import type { Entry } from "../../../src/store/entry.ts";
import { parseDigest, parseRepositoryName, parseTag } from "../../../src/distribution/reference.ts";
import { digestOf } from "../client-ferry.ts";
import { BLOBS, moveAway, objects } from "./lasting-bucket.ts";
import { openScene, OUT, partsOf, type Scene } from "./lasting-scene.ts";
import { firstOf, HOUR, MINUTE, passTime, valid } from "./stage.ts";

interface OldScene extends Scene {
  /** Where the large layer is, and where it was put by the older version. */
  readonly path: string;
  readonly key: string;
}

/** The large layer as version 0.1.0 kept it: under a hash of its name, with that name as its words. */
async function openOld(
  variables: Record<string, unknown>,
  more: Record<string, string> = {},
): Promise<OldScene> {
  const scene = await openScene(variables);
  const { image, stage } = scene;
  const { digest } = valid(firstOf(image).layers[1]);
  const path = partsOf(image).large;
  const upstream = stage.registry.url;
  // By hand, and not by the code under test: older objects stay where they are.
  const name = JSON.stringify(["public", "blob", upstream, "library/app", digest]);
  const key = `public/${(await digestOf(name)).slice("sha256:".length)}`;
  const response = await fetch(`${upstream}/v2/${path}`, { headers: await tokenFor(scene) });
  await BLOBS.put(key, await response.arrayBuffer(), {
    customMetadata: {
      class: "public",
      kind: "blob",
      upstream,
      repository: "library/app",
      reference: digest,
      ...more,
    },
  });
  return { ...scene, path, key };
}

async function tokenFor({ stage }: Scene): Promise<Record<string, string>> {
  const url = new URL(stage.registry.tokenUrl);
  url.searchParams.set("scope", "repository:library/app:pull");
  const { token } = await (await fetch(url)).json<{ token: string }>();
  return { Authorization: `Bearer ${token}` };
}

const NAMED = { BUCKET_REPOSITORIES: "docker.io/library/*" };
const UNNAMED = { BUCKET_REPOSITORIES: undefined };

describe.each([
  ["of a repository that is named", NAMED],
  ["of one that is not", UNNAMED],
])("S11: a large blob of an older version, %s", (_, variables) => {
  it("is served, whole and in parts, and not written again", async () => {
    const { bucket, image, key, path, stage } = await openOld(variables);
    await stage.get(partsOf(image).tag);
    const before = await BLOBS.head(key);
    await stage.registry.reset();
    bucket.reset();
    for (const minutes of [0, 4, 4, 4]) {
      passTime(minutes * MINUTE);
      expect((await stage.get(path)).cache).toBe("hit");
      await stage.head(partsOf(image).tag);
    }
    const part = await stage.get(path, { headers: { Range: "bytes=1-3" } });
    expect([part.status, part.cache, part.headers.get("Content-Length")]).toEqual([206, "hit", "3"]);
    expect((await stage.registry.state()).counters.blobGet).toBe(0);
    expect((await BLOBS.head(key))?.etag).toBe(before?.etag);
    expect((await BLOBS.head(key))?.uploaded).toEqual(before?.uploaded);
    expect(bucket.billed.a).toBe(0);
  });

  it("is served while the registry is down, by a proof that was given since", async () => {
    const { image, path, stage } = await openOld(variables);
    await stage.get(partsOf(image).tag);
    await stage.registry.configure(OUT);
    passTime(HOUR);
    expect((await stage.get(path)).cache).toBe("stale");
  });

  it("is not served of a repository that nobody proved since", async () => {
    const { path, stage } = await openOld(variables);
    await stage.registry.configure(OUT);
    expect((await stage.get(path)).status).toBe(503);
  });

  it("is deleted when the registry has it no longer", async () => {
    const { image, key, path, stage } = await openOld(variables);
    await stage.get(partsOf(image).tag);
    await stage.registry.deleteBlob("library/app", path.split("/").at(-1) ?? "");
    passTime(6 * MINUTE);
    expect((await stage.get(path)).status).toBe(404);
    expect(await BLOBS.head(key)).toBeNull();
  });

  it("may have words that nobody knows", async () => {
    const { image, path, stage } = await openOld(variables, { codec: "zstd", version: "9" });
    await stage.get(partsOf(image).tag);
    expect((await stage.get(path)).cache).toBe("hit");
  });

  it.each([
    ["of another class", { class: "private" }],
    ["of another repository", { repository: "library/other" }],
    ["of another kind", { kind: "manifest" }],
  ])("is a miss with words %s", async (__, more) => {
    const { image, path, stage } = await openOld(variables, more);
    await stage.get(partsOf(image).tag);
    expect((await stage.get(path)).cache).toBe("miss");
  });
});

describe("S9, S10: records of a later version", () => {
  /** Writes over a record of the image's repository. */
  async function plant(
    { image, stage }: Scene,
    kind: "denial" | "proof" | "tag",
    body: string,
  ): Promise<void> {
    const about = {
      upstream: stage.registry.url,
      repository: valid(parseRepositoryName("library/app")),
    };
    const entry: Entry =
      kind === "tag" ? { kind, ...about, tag: valid(parseTag(image.tag)) } : { kind, ...about };
    await BLOBS.put(`public/${await keyOf(entry)}`, body);
  }

  /** What stands there, with other words in place of some. */
  async function changed(kind: string, words: Record<string, unknown>): Promise<string> {
    const found = (await objects()).find((object) => object.words["kind"] === kind);
    return JSON.stringify({ ...found?.words, ...words });
  }

  it("with words that nobody knows are read", async () => {
    const scene = await openScene();
    const { image, stage } = scene;
    await stage.pull(image);
    for (const kind of ["proof", "tag"] as const) {
      await plant(scene, kind, await changed(kind, { version: "9", more: { deep: [1] } }));
    }
    moveAway();
    await stage.registry.configure(OUT);
    passTime(HOUR);
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
  });

  const future = String(Date.UTC(2100, 0, 1));
  it.each([
    ["a proof that is no document", "proof", "\u0000binary"],
    ["a proof that is a list", "proof", "[]"],
    ["an empty proof", "proof", ""],
    ["a proof without a name", "proof", JSON.stringify({ provenAt: "1", refusedAt: "0" })],
    ["a proof that is too long", "proof", { more: "x".repeat(70_000) }],
    ["a proof whose time is a number", "proof", { provenAt: 1_700_000_000_000 }],
    ["a proof of the future", "proof", { provenAt: future }],
    ["a proof without its time", "proof", { provenAt: undefined }],
    ["a proof of another repository", "proof", { repository: "library/other" }],
    ["a tag that is no document", "tag", "<!doctype html>"],
    ["a tag whose classes are a list", "tag", { classes: "[1, 2]" }],
    ["a tag whose answers are a table", "tag", { answers: "{}" }],
    ["a tag with a digest of another kind", "tag", { answers: '[["blake9:00","a/b",1]]' }],
  ] as const)("%s is a miss, and written anew", async (_, kind, change) => {
    const scene = await openScene();
    const { image, stage } = scene;
    await stage.pull(image);
    await plant(scene, kind, typeof change === "string" ? change : await changed(kind, change));
    moveAway();
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect((await stage.get(partsOf(image).tag)).status).toBe(503);
    await stage.registry.configure({ fail: null, failToken: null, failCdn: null });
    moveAway();
    expect(await stage.pull(image)).toEqual(Array(6).fill("hit"));
    moveAway();
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
  });

  it.each([
    ["no document", "no document"],
    ["of the future", { deniedAt: future }],
    ["without its time", { more: "words" }],
  ])("a denial that is %s is none", async (_, change) => {
    const scene = await openScene();
    const { image, stage } = scene;
    await stage.pull(image);
    const name = { kind: "denial", deniedAt: undefined, ...(typeof change === "string" ? {} : change) };
    await plant(scene, "denial", typeof change === "string" ? change : await changed("proof", name));
    moveAway();
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
  });

  it("a manifest whose bytes are others is a miss, and deleted", async () => {
    const scene = await openScene();
    const { bucket, image, stage } = scene;
    await stage.pull(image);
    const digest = valid(parseDigest(image.digest));
    const { key, words } = valid((await objects()).find((object) => object.words["reference"] === digest));
    await BLOBS.put(key, "{}", { customMetadata: words });
    moveAway();
    bucket.reset();
    await stage.registry.reset();
    expect((await stage.get(partsOf(image).index)).status).toBe(200);
    expect((await stage.registry.state()).counters.manifestGet).toBe(1);
    expect((await BLOBS.head(key))?.size).not.toBe(2);
  });

  it("S10: memory takes no manifest from the bucket but one that has its digest", async () => {
    const { image, stage } = await openScene();
    await stage.pull(image);
    const { index } = partsOf(image);
    const { key, words } = valid(
      (await objects()).find((object) => object.words["reference"] === image.digest),
    );
    const right = await (await BLOBS.get(key))?.text();
    const put = (text: string): Promise<unknown> => BLOBS.put(key, text, { customMetadata: words });
    moveAway();
    await stage.registry.configure(OUT);
    for (let time = 1; time <= 2; time += 1) {
      await put("{}");
      expect((await stage.get(index)).status).toBe(503);
    }
    await put(right ?? "");
    expect((await stage.get(index)).text).toBe(right);
    await put("{}");
    expect((await stage.get(index)).text).toBe(right);
  });
});
