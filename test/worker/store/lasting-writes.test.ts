// What the bucket costs its owner: each write is counted, and each look (S11: strangers must not write the owner's bill).
import { describe, expect, it } from "vitest";
import { LastingBucket, moveAway, objects } from "./lasting-bucket.ts";
import { openScene, OUT, partsOf, Site, type Scene } from "./lasting-scene.ts";
import { HOUR, MINUTE, passTime, SECOND, type Stage } from "./stage.ts";

const NOWHERE = `sha256:${"0".repeat(64)}`;

/** What a step cost. */
async function costOf(
  bucket: LastingBucket,
  step: () => Promise<unknown>,
): Promise<{ a: number; b: number }> {
  bucket.reset();
  await step();
  return bucket.billed;
}

/** The kinds of what is in the bucket, and how often each. */
async function kinds(): Promise<Record<string, number>> {
  const all = (await objects()).map(({ words }) => words["kind"] ?? "?");
  return Object.fromEntries(
    [...new Set(all)].sort().map((kind) => [kind, all.filter((k) => k === kind).length]),
  );
}

/** Everything of the image at once, so many times. */
async function crowd(stage: Stage, { image }: Scene, times: number): Promise<Set<number>> {
  const seen = new Set<number>();
  for (const path of Object.values(partsOf(image))) {
    const all = await Promise.all(Array.from({ length: times }, () => stage.get(path)));
    for (const { status } of all) seen.add(status);
  }
  return seen;
}

/** A tag of the repository stands for another image. */
async function moveTag({ stage }: Scene): Promise<string> {
  return (await stage.registry.seedImage({ repository: "library/app", layers: [1000, 5000], seed: "moved" }))
    .digest;
}

describe("S11: what a pull costs the bucket's owner", () => {
  it.each([
    ["tag", { a: 3, b: 6 }],
    ["manifest", { a: 2, b: 4 }],
    ["config", { a: 1, b: 4 }],
  ] as const)("the first look at a %s", async (part, cost) => {
    const { stage, bucket, image } = await openScene();
    expect(await costOf(bucket, () => stage.get(partsOf(image)[part]))).toEqual(cost);
  });

  it("a cold pull: one write for each thing, the proof and the tag; and a look before each", async () => {
    const { stage, bucket, image } = await openScene();
    expect(await costOf(bucket, () => stage.pull(image))).toEqual({ a: 7, b: 14 });
    expect(await kinds()).toEqual({ blob: 3, manifest: 2, proof: 1, tag: 1 });
  });

  it("a warm pull: a look for what only the bucket takes, and nothing else", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    expect(await costOf(bucket, () => stage.pull(image))).toEqual({ a: 0, b: 1 });
    passTime(4 * MINUTE);
    expect(await costOf(bucket, () => stage.pull(image))).toEqual({ a: 0, b: 1 });
  });

  it("a pull within the hour in another data centre: no write, and one look for each thing and record", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    for (const minutes of [0, 2, 20, 30]) {
      passTime(minutes * MINUTE);
      moveAway();
      const cost = await costOf(bucket, () => stage.pull(image));
      expect([minutes, cost.a]).toEqual([minutes, 0]);
      expect(cost.b, `after ${minutes} minutes`).toBeLessThanOrEqual(9);
    }
  });

  it("the same pulled again and again within the hour: no write", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    bucket.reset();
    for (let minutes = 0; minutes < 54; minutes += 6) {
      passTime(6 * MINUTE);
      expect(await stage.pull(image)).toEqual(Array(6).fill("hit"));
    }
    expect(bucket.billed.a).toBe(0);
  });

  it("a pull after an hour: one proof and one tag, and no content", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    const before = await objects();
    for (let hours = 1; hours <= 3; hours += 1) {
      passTime(HOUR + MINUTE);
      expect((await costOf(bucket, () => stage.pull(image))).a, `hour ${hours}`).toBe(2);
      expect((await costOf(bucket, () => stage.pull(image))).a).toBe(0);
    }
    const changed = (await objects()).filter(
      ({ key, words }) =>
        JSON.stringify(words) !== JSON.stringify(before.find((one) => one.key === key)?.words),
    );
    expect(changed.map(({ words }) => words["kind"]).sort()).toEqual(["proof", "tag"]);
  });

  it("a tag that moved: one write at once, and its new content; elsewhere it is what it is now", async () => {
    const scene = await openScene();
    const { stage, bucket, image } = scene;
    await stage.pull(image);
    passTime(2 * MINUTE);
    const digest = await moveTag(scene);
    const { tag } = partsOf(image);
    expect((await costOf(bucket, () => stage.head(tag))).a).toBe(1);
    expect((await costOf(bucket, () => stage.get(tag))).a, "its manifest").toBe(1);
    expect((await costOf(bucket, () => stage.get(tag))).a).toBe(0);
    moveAway();
    await stage.registry.configure(OUT);
    passTime(2 * MINUTE);
    const stale = await stage.get(tag);
    expect([stale.cache, stale.headers.get("Docker-Content-Digest")]).toEqual(["stale", digest]);
  });

  it("another tag of a repository that is proved: its own write, and no proof before the hour has passed", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    await stage.registry.seedImage({ repository: "library/app", tag: "next", seed: "next", layers: [] });
    passTime(MINUTE);
    expect((await costOf(bucket, () => stage.head("library/app/manifests/next"))).a).toBe(1);
    expect(await kinds()).toMatchObject({ proof: 1, tag: 2 });
  });
});

describe("S11: many at once, and in several places", () => {
  it("fifty who ask for everything at once cost one write for each thing", async () => {
    const scene = await openScene();
    const { stage, bucket } = scene;
    expect(await crowd(stage, scene, 50)).toEqual(new Set([200]));
    expect(bucket.billed.a).toBe(7);
    passTime(HOUR + MINUTE);
    bucket.reset();
    expect(await crowd(stage, scene, 50)).toEqual(new Set([200]));
    expect(bucket.billed.a, "after an hour").toBe(2);
  });

  it("content that two data centres fetch is written once: it is looked for first", async () => {
    const scene = await openScene();
    const { stage, bucket, image } = scene;
    await stage.pull(image);
    // Nothing is found where it is read, so that everything is fetched from the registry once more.
    bucket.trouble("fail", ["get"]);
    moveAway();
    await stage.registry.reset();
    const { a } = await costOf(bucket, () => stage.pull(image));
    const { counters } = await stage.registry.state();
    // The large one is looked for before it is fetched for the bucket; records that cannot be read are written.
    expect([counters.manifestGet, counters.blobGet]).toEqual([2, 3]);
    expect(await kinds()).toEqual({ blob: 3, manifest: 2, proof: 1, tag: 1 });
    expect(a, "the proof and the tag").toBe(2);
  });

  it("two data centres that take turns write no more than one", async () => {
    const { stage, bucket, image } = await openScene();
    const sites = [await Site.beside(stage), await Site.beside(stage)] as const;
    for (const site of sites) await site.pull(image);
    expect(bucket.billed.a).toBe(7);
    bucket.reset();
    for (let hours = 1; hours <= 3; hours += 1) {
      passTime(HOUR + MINUTE);
      for (const site of sites) expect(await site.pull(image)).toEqual(Array(6).fill("hit"));
    }
    expect(bucket.billed.a).toBe(3 * 2);
  });

  it("what the bucket has is not written when the data centre that has it too is told of the bucket", async () => {
    const { stage, bucket, image } = await openScene({ BLOBS: undefined });
    await stage.pull(image);
    stage.ferry.env = { ...stage.ferry.env, BLOBS: bucket.binding };
    passTime(6 * MINUTE);
    // All but the large layer, which is fetched and kept with its own pull.
    expect((await costOf(bucket, () => stage.pull(image))).a).toBe(7);
    expect((await costOf(bucket, () => stage.pull(image))).a).toBe(0);
  });
});

describe("S11: names that nobody proved", () => {
  const MADE_UP = ["manifests/a", `manifests/${NOWHERE}`, `blobs/${NOWHERE}`];

  it.each(MADE_UP)(
    "%s of made-up repositories within a pattern: no write, and at most four looks each",
    async (path) => {
      const { stage, bucket } = await openScene();
      for (let count = 0; count < 20; count += 1) {
        expect((await stage.get(`library/none-${count}/${path}`)).status).toBe(404);
      }
      expect(bucket.billed.a).toBe(0);
      expect(bucket.billed.b).toBeLessThanOrEqual(20 * 4);
      expect(await objects()).toEqual([]);
    },
  );

  it("of repositories that no pattern names: no operation at all", async () => {
    const { stage, bucket } = await openScene({ BUCKET_REPOSITORIES: "docker.io/library/app" });
    for (const path of MADE_UP) await stage.get(`library/none/${path}`);
    expect(bucket.counts).toEqual({ delete: 0, get: 0, head: 0, put: 0 });
  });

  it("made-up references of a repository that is kept: no write", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    bucket.reset();
    for (let count = 0; count < 10; count += 1) {
      passTime(SECOND);
      expect((await stage.get(`library/app/manifests/none-${count}`)).status).toBe(404);
      const digest = `sha256:${String(count).repeat(64)}`;
      expect((await stage.get(`library/app/manifests/${digest}`)).status).toBe(404);
      expect((await stage.get(`library/app/blobs/${digest}`)).status).toBe(404);
    }
    expect(bucket.billed.a).toBe(0);
    expect(bucket.billed.b).toBeLessThanOrEqual(3 * 10 * 2);
  });

  it("refusals, lists, and what a user's credentials got: no write", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.registry.setPrivate(["library/app"]);
    const headers = await stage.login("repository:library/app:pull");
    for (const path of Object.values(partsOf(image))) {
      expect((await stage.ask(path, { headers })).status).toBe(200);
      expect((await stage.get(path)).status).toBe(401);
    }
    await stage.get("library/app/tags/list");
    expect(bucket.billed.a).toBe(0);
    expect(await objects()).toEqual([]);
  });
});
