// A registry that admits by address wants nothing of it kept: `store = false` in its row (S14).
import { describe, expect, it } from "vitest";
import { LastingBucket, objects } from "./lasting-bucket.ts";
import { HOUR, passTime, Stage } from "./stage.ts";

describe("S14: a row with store = false", () => {
  it.each([
    [false, 2],
    [true, 1],
  ])("%s: the registry is asked for everything each time, or not", async (store, times) => {
    const stage = await Stage.open({}, { store });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    for (let count = 0; count < 2; count += 1) {
      expect(await stage.pull(image)).not.toContain("404");
    }
    const { counters } = await stage.registry.state();
    expect([counters.manifestHead, counters.blobGet]).toEqual([times, 2 * times]);
  });

  it("nothing is served when the registry is down", async () => {
    const stage = await Stage.open({}, { store: false });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    await stage.pull(image);
    await stage.registry.configure({ fail: 503, failToken: 503 });
    passTime(HOUR);
    expect(new Set(await stage.pull(image))).toEqual(new Set(["503"]));
  });

  it.each([false, true])("%s: a bucket keeps it too, or not, by whatever pattern", async (store) => {
    const bucket = await LastingBucket.open();
    const variables = { BLOBS: bucket.binding, BUCKET_REPOSITORIES: "**", CACHE_MAX_BLOB: 10 };
    const stage = await Stage.open({}, { store }, variables);
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [2000] });
    bucket.reset();
    await stage.pull(image);
    expect((await objects()).length > 0).toBe(store);
    if (!store) expect(bucket.counts).toEqual({ delete: 0, get: 0, head: 0, put: 0 });
  });

  it("no token and no refusal of one client is another's", async () => {
    const stage = await Stage.open({}, { store: false });
    const image = await stage.registry.seedImage({ repository: "library/app", layers: [] });
    await stage.pull(image);
    const before = (await stage.registry.state()).counters.token;
    await stage.get(`library/app/manifests/${image.digest}`);
    expect((await stage.registry.state()).counters.token).toBe(before + 1);
    await stage.registry.setPrivate(["library/app"]);
    expect((await stage.get(`library/app/manifests/${image.digest}`)).status).toBe(401);
    await stage.registry.setPrivate([]);
    expect((await stage.get(`library/app/manifests/${image.digest}`)).status).toBe(200);
  });
});
