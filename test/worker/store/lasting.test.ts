// With a bucket an image that was pulled once anywhere is pulled everywhere: of the repositories that the owner named.
import { describe, expect, it } from "vitest";
import { moveAway, objects } from "./lasting-bucket.ts";
import { OUT, openScene } from "./lasting-scene.ts";
import { firstOf, HOUR, MINUTE, passTime } from "./stage.ts";

describe("the store that lasts", () => {
  it("has everything of an image after one pull: in another data centre the tag is asked for by HEAD, and nothing else", async () => {
    const { stage, image } = await openScene();
    await stage.pull(image);
    moveAway();
    passTime(2 * MINUTE);
    await stage.registry.reset();
    expect(await stage.pull(image)).toEqual(Array(6).fill("hit"));
    const { requests } = await stage.registry.state();
    const asked = requests.filter(({ path }) => /manifests|blobs/.test(path));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `HEAD /v2/library/app/manifests/${image.tag}`,
    ]);
  });

  it("serves it for 23 hours while the registry is down, and not after 24", async () => {
    const { stage, image } = await openScene();
    await stage.pull(image);
    await stage.registry.configure(OUT);
    moveAway();
    passTime(23 * HOUR);
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
    moveAway();
    passTime(HOUR + MINUTE);
    expect(new Set(await stage.pull(image))).toEqual(new Set(["503"]));
  });

  it("serves it as long as the registry confirms it now and then, whatever the cache forgets", async () => {
    const { stage, image } = await openScene();
    await stage.pull(image);
    for (let day = 1; day <= 5; day += 1) {
      passTime(20 * HOUR);
      moveAway();
      expect(await stage.pull(image), `day ${day}`).toEqual(Array(6).fill("hit"));
    }
    await stage.registry.configure(OUT);
    passTime(22 * HOUR);
    moveAway();
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
  });

  it("brings what it has up into the data centre", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    moveAway();
    await stage.pull(image);
    bucket.reset();
    const { config, layers } = firstOf(image);
    for (const path of [
      `manifests/${image.digest}`,
      `blobs/${config.digest}`,
      `blobs/${layers[0]?.digest ?? ""}`,
    ]) {
      expect((await stage.get(`library/app/${path}`)).cache).toBe("hit");
    }
    expect(bucket.billed).toEqual({ a: 0, b: 0 });
  });

  it("gets what the data centre had before the owner named its repository", async () => {
    const { stage, image } = await openScene({ BUCKET_REPOSITORIES: "docker.io/library/other" });
    await stage.pull(image);
    expect(await objects()).toEqual([]);
    stage.ferry.env = { ...stage.ferry.env, BUCKET_REPOSITORIES: "docker.io/library/app" };
    // When the registry is asked again.
    passTime(6 * MINUTE);
    await stage.pull(image);
    moveAway();
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect(await stage.pull(image)).toEqual(Array(6).fill("stale"));
  });

  it.each([
    ["without BUCKET_REPOSITORIES", undefined],
    ["of a repository that it does not name", "docker.io/library/other ghcr.io/**"],
  ])("keeps nothing %s", async (_, patterns) => {
    const { stage, bucket, image } = await openScene({ BUCKET_REPOSITORIES: patterns });
    await stage.pull(image);
    passTime(2 * HOUR);
    await stage.pull(image);
    expect([await objects(), bucket.billed.a]).toEqual([[], 0]);
  });
});
