// The bucket fails, is late, or gives something else: it is a level like any other, and a miss then. Answers stay right, no
// error comes of it, and none is held back for more than 500 ms.
import { describe, expect, it } from "vitest";
import type { SeededImage } from "../../registry/types.ts";
import { parseRepositoryName } from "../../../src/distribution/reference.ts";
import { keyOf } from "../../../src/store/entry.ts";
import { digestOf } from "../client-ferry.ts";
import { moveAway, objects, type Operation } from "./lasting-bucket.ts";
import { openScene, OUT, partsOf, type Scene } from "./lasting-scene.ts";
import { begin, HOUR, hurry, MINUTE, passTime, valid, type Stage } from "./stage.ts";

const OPERATIONS: readonly (readonly Operation[])[] = [
  ["get"],
  ["head"],
  ["put"],
  ["delete"],
  ["delete", "get", "head", "put"],
];
const CASES = (["fail", "garbage"] as const).flatMap((trouble) =>
  OPERATIONS.map((operations) => [trouble, operations.join(" and "), operations] as const),
);
/** What nobody waits longer for, and what a busy machine takes besides. */
const HELD_MS = 500 + 400;
const DENIAL_MS = 2_000 + 400;

/** Pulls, and looks at each byte of what is answered 200. @returns where each is from, or its status */
async function pullRightly(stage: Stage, image: SeededImage): Promise<string[]> {
  const sources: string[] = [];
  for (const [name, path] of Object.entries(partsOf(image))) {
    const { response, settled } = await begin(stage.ferry, path);
    const bytes = await response.arrayBuffer();
    await settled();
    const { headers, status } = response;
    sources.push(status === 200 ? (headers.get("X-Cache") ?? "none") : String(status));
    if (status !== 200) continue;
    const digest = name === "tag" ? image.digest : path.split("/").at(-1);
    expect(await digestOf(bytes), name).toBe(digest);
  }
  return sources;
}

/** How many milliseconds it takes until the answer is read; what goes on afterwards ends with the trouble. */
async function timeOf(
  { bucket, stage }: Scene,
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; cache: string | null; ms: number }> {
  const begunAt = performance.now();
  const { response, settled } = await begin(stage.ferry, path, init);
  await response.arrayBuffer();
  const ms = performance.now() - begunAt;
  const troubles = [...bucket.troubles];
  bucket.troubles.clear();
  await settled();
  for (const [operation, trouble] of troubles) bucket.troubles.set(operation, trouble);
  return { status: response.status, cache: response.headers.get("X-Cache"), ms };
}

function isRead(operations: readonly Operation[]): boolean {
  return operations.includes("get");
}

describe.each(CASES)("S9: a bucket that does this: %s, to %s", (trouble, _, operations) => {
  it("changes nothing of a cold pull, and of a warm one", async () => {
    hurry();
    const { stage, bucket, image } = await openScene();
    bucket.trouble(trouble, operations);
    expect(await pullRightly(stage, image)).not.toContain("503");
    const warm = await pullRightly(stage, image);
    expect(warm.slice(0, 5)).toEqual(Array(5).fill("hit"));
    expect(["hit", "miss"]).toContain(warm[5]);
  });

  it("is a miss in another data centre", async () => {
    hurry();
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    bucket.trouble(trouble, operations);
    moveAway();
    passTime(2 * MINUTE);
    const sources = await pullRightly(stage, image);
    expect(sources.filter((source) => source !== "hit" && source !== "miss")).toEqual([]);
    if (!isRead(operations)) expect(sources).toEqual(Array(6).fill("hit"));
  });

  it.each([
    ["in the data centre that has everything", false],
    ["in another one", true],
  ])("serves stale what proof and denial allow that can be read: %s", async (__, isAway) => {
    hurry();
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    await stage.registry.configure(OUT);
    if (isAway) moveAway();
    passTime(HOUR);
    bucket.trouble(trouble, operations);
    const sources = Array<string>(6).fill(isRead(operations) ? "503" : "stale");
    // A blob that is not fresh is looked for before it is read.
    const blobsOfBucket = isAway ? 3 : 1;
    if (operations.includes("head")) sources.fill("503", 6 - blobsOfBucket);
    expect(await pullRightly(stage, image)).toEqual(sources);
    bucket.trouble();
    expect(await pullRightly(stage, image)).toEqual(Array(6).fill("stale"));
  });
});

describe("S9: one record that cannot be read", () => {
  it.each(
    (["proof", "denial"] as const).flatMap((kind) =>
      (["fail", "late"] as const).map((how) => [kind, how] as const),
    ),
  )(
    "the %s: nothing stale (%s)",
    async (kind, trouble) => {
      const { stage, bucket, image } = await openScene();
      await stage.pull(image);
      await stage.registry.configure(OUT);
      passTime(HOUR);
      const upstream = stage.registry.url;
      const repository = valid(parseRepositoryName("library/app"));
      bucket.troubledKey = `public/${await keyOf({ kind, upstream, repository })}`;
      for (const isAway of [false, true]) {
        if (isAway) moveAway();
        bucket.trouble(trouble, ["get"]);
        const { tag, index, large } = partsOf(image);
        for (const path of [tag, index, large]) expect((await stage.get(path)).status, path).toBe(503);
        bucket.trouble();
        expect((await stage.get(tag)).cache).toBe("stale");
      }
    },
    60_000,
  );
});

describe("S9: a bucket that is late", () => {
  const PATHS = ["tag", "manifest", "small", "large"] as const;

  it.each(["cold", "warm", "away", "down", "down and away"] as const)(
    "holds nobody back for more than 500 ms: %s",
    async (state) => {
      const scene = await openScene();
      const { stage, bucket, image } = scene;
      if (state !== "cold") await stage.pull(image);
      if (state.includes("away")) moveAway();
      if (state.includes("down")) await stage.registry.configure(OUT);
      passTime(HOUR);
      bucket.trouble("late");
      for (const part of PATHS) {
        for (const method of ["GET", "HEAD"]) {
          const { cache, ms, status } = await timeOf(scene, partsOf(image)[part], { method });
          const what = `${method} of ${part}: ${status} ${cache ?? ""}`;
          expect(status, what).toBe(state.includes("down") ? 503 : 200);
          expect(ms, what).toBeLessThan(HELD_MS);
        }
      }
    },
    60_000,
  );

  it.each(OPERATIONS.map((operations) => [operations.join(" and "), operations] as const))(
    "holds nobody back who asks for what is not there, or is there no longer: %s",
    async (_, operations) => {
      const scene = await openScene();
      const { stage, bucket, image } = scene;
      await stage.pull(image);
      const { index, small } = partsOf(image);
      await stage.registry.deleteManifest("library/app", image.digest);
      await stage.registry.deleteBlob("library/app", small.split("/").at(-1) ?? "");
      passTime(6 * MINUTE);
      bucket.trouble("late", operations);
      for (const path of [small, index, "library/app/manifests/none", "library/none/manifests/none"]) {
        const { ms, status } = await timeOf(scene, path);
        expect(status, path).toBe(404);
        expect(ms, path).toBeLessThan(HELD_MS);
      }
    },
    60_000,
  );

  it("is waited for two seconds where a denial is written, and by nobody else", async () => {
    const scene = await openScene();
    const { stage, bucket, image } = scene;
    await stage.pull(image);
    await stage.registry.seedImage({ repository: "library/app", tag: "b", seed: "b", layers: [] });
    await stage.get("library/app/manifests/b");
    await stage.registry.setPrivate(["library/app"]);
    bucket.trouble("late", ["put", "delete"]);
    for (const bound of [HELD_MS, DENIAL_MS]) {
      passTime(21_000);
      const { ms, status } = await timeOf(scene, "library/app/manifests/none");
      expect(status).toBe(401);
      expect(ms).toBeLessThan(bound);
    }
    const { ms, status } = await timeOf(scene, partsOf(image).tag);
    expect(status).toBe(401);
    expect(ms).toBeLessThan(HELD_MS);
  }, 60_000);
});

describe("S9: a write that fails", () => {
  it.each(["fail", "late"] as const)("is tried again: %s", async (trouble) => {
    const scene = await openScene();
    const { stage, bucket, image } = scene;
    bucket.trouble(trouble, ["put"]);
    const { response, settled } = await begin(stage.ferry, partsOf(image).tag);
    await response.arrayBuffer();
    await scheduler.wait(300);
    bucket.trouble();
    await settled();
    expect((await objects()).map(({ words }) => words["kind"]).sort()).toEqual(["manifest", "proof", "tag"]);
  });

  it("is tried again with the next pull, where all of it failed for longer", async () => {
    hurry();
    const { stage, bucket, image } = await openScene();
    bucket.trouble("fail", ["put"]);
    await stage.pull(image);
    expect(await objects()).toEqual([]);
    bucket.trouble();
    passTime(11 * MINUTE);
    await stage.pull(image);
    expect((await objects()).map(({ words }) => words["kind"]).sort()).toEqual([
      "blob",
      "blob",
      "blob",
      "manifest",
      "manifest",
      "proof",
      "tag",
    ]);
  }, 30_000);

  it("writes nothing over what was written after it", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    passTime(2 * MINUTE);
    const { tag } = partsOf(image);
    const seed = { repository: "library/app", layers: [] };
    await stage.registry.seedImage({ ...seed, seed: "first" });
    bucket.trouble("fail", ["put"]);
    const first = await begin(stage.ferry, tag, { method: "HEAD" });
    await scheduler.wait(200);
    bucket.trouble();
    passTime(2 * MINUTE);
    const { digest } = await stage.registry.seedImage({ ...seed, seed: "second" });
    expect((await stage.head(tag)).headers.get("Docker-Content-Digest")).toBe(digest);
    await first.settled();
    const kept = (await objects()).find(({ words }) => words["kind"] === "tag");
    expect(kept?.words["answers"]).toContain(digest);
  });
});
