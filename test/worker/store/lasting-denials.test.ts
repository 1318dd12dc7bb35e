// Several data centres over one bucket: what ends in one has ended in the others, within the bounds of S9.
import { describe, expect, it } from "vitest";
import { objects } from "./lasting-bucket.ts";
import { openScene, OUT, partsOf, Site, UP, type Scene } from "./lasting-scene.ts";
import { HOUR, hurry, MINUTE, passTime, SECOND } from "./stage.ts";

interface Sites extends Scene {
  readonly here: Site;
  readonly there: Site;
  /** Where nobody pulled anything. */
  readonly elsewhere: Site;
}

/** The image, and two tags more, that were pulled in two places. @param tags beside the image's own */
async function open(tags: readonly string[] = ["b", "c"]): Promise<Sites> {
  const scene = await openScene();
  const { image, stage } = scene;
  for (const tag of tags) {
    await stage.registry.seedImage({ repository: "library/app", tag, seed: tag, layers: [] });
  }
  const [here, there, elsewhere] = [
    await Site.beside(stage),
    await Site.beside(stage),
    await Site.beside(stage),
  ];
  for (const site of [here, there]) {
    await site.pull(image);
    for (const tag of tags) await site.get(`library/app/manifests/${tag}`);
    // So that each has asked for the tags itself: they are believed for a minute.
    passTime(MINUTE + SECOND);
  }
  return { ...scene, here, there, elsewhere };
}

/** The registry closes the repository, and one place meets that twice. */
async function close({ here, stage }: Sites): Promise<void> {
  await stage.registry.setPrivate(["library/app"]);
  for (let time = 1; time <= 2; time += 1) {
    passTime(11 * SECOND);
    expect((await here.get("library/app/manifests/none")).status).toBe(401);
  }
}

async function sourcesOf(site: Site, { image }: Scene): Promise<string[]> {
  const sources: string[] = [];
  for (const path of Object.values(partsOf(image))) {
    const { cache, status } = await site.get(path);
    sources.push(status === 200 ? (cache ?? "none") : String(status));
  }
  return sources;
}

async function kinds(): Promise<Set<string | undefined>> {
  return new Set((await objects()).map(({ words }) => words["kind"]));
}

async function recordOf(kind: string): Promise<Record<string, string> | undefined> {
  return (await objects()).find(({ words }) => words["kind"] === kind)?.words;
}

const all = (source: string): string[] => Array<string>(6).fill(source);

describe("S9, S18: a denial that one data centre met", () => {
  it("stands in the bucket in place of the proof, at the second time and not at the first", async () => {
    const sites = await open();
    await sites.stage.registry.setPrivate(["library/app"]);
    passTime(11 * SECOND);
    await sites.here.get("library/app/manifests/none");
    expect([(await kinds()).has("proof"), (await kinds()).has("denial")]).toEqual([true, false]);
    passTime(11 * SECOND);
    await sites.here.get("library/app/manifests/none");
    expect([(await kinds()).has("proof"), (await kinds()).has("denial")]).toEqual([false, true]);
    expect(Number((await recordOf("denial"))?.["deniedAt"])).toBe(Date.now());
  });

  it("takes two times in one data centre: the first is kept there", async () => {
    const sites = await open();
    await sites.stage.registry.setPrivate(["library/app"]);
    for (const site of [sites.here, sites.there]) {
      passTime(11 * SECOND);
      await site.get("library/app/manifests/none");
    }
    expect((await kinds()).has("denial"), "once in each").toBe(false);
    passTime(11 * SECOND);
    await sites.there.get("library/app/manifests/none");
    expect((await kinds()).has("denial")).toBe(true);
  });

  it("is known in every other one within five minutes, while the registry is down as well", async () => {
    const sites = await open();
    await close(sites);
    await sites.stage.registry.configure(OUT);
    expect(await sourcesOf(sites.here, sites), "where it was met").toEqual(all("503"));
    expect(await sourcesOf(sites.elsewhere, sites), "where nothing is known").toEqual(all("503"));
    const { index, large } = partsOf(sites.image);
    for (const path of [index, large]) {
      expect((await sites.there.get(path)).cache, "by a proof that is fresh").toBe("hit");
    }
    passTime(5 * MINUTE);
    expect(await sourcesOf(sites.there, sites)).toEqual(all("503"));
    sites.there.restart();
    expect(await sourcesOf(sites.there, sites), "another isolate").toEqual(all("503"));
  });

  it("hides what is stored for as long as the registry refuses, and afterwards while it is down", async () => {
    const sites = await open();
    await close(sites);
    passTime(6 * MINUTE);
    for (const site of [sites.here, sites.there, sites.elsewhere]) {
      expect(new Set(await sourcesOf(site, sites))).toEqual(new Set(["401"]));
    }
    await sites.stage.registry.configure(OUT);
    for (const hours of [1, 20, 24]) {
      passTime(hours * HOUR);
      for (const site of [sites.here, sites.there, sites.elsewhere]) {
        expect(await sourcesOf(site, sites), `after ${hours} hours`).toEqual(all("503"));
      }
    }
  });

  it("is read again before anything stale is served, by an isolate that has a proof of its own", async () => {
    const sites = await open();
    // The other one looked at the bucket just before the denial.
    passTime(6 * MINUTE);
    await sites.stage.registry.configure(OUT);
    expect(await sourcesOf(sites.there, sites)).toEqual(all("stale"));
    await sites.stage.registry.configure(UP);
    await close(sites);
    await sites.stage.registry.configure(OUT);
    expect(await sourcesOf(sites.there, sites)).toEqual(all("503"));
  });
});

describe("S9: a later proof", () => {
  it("lifts a denial at every level at once, and what was stored is found again", async () => {
    const sites = await open();
    const { image, elsewhere, here, there, stage } = sites;
    await close(sites);
    await stage.registry.setPrivate([]);
    // What has no fresh proof looks into the bucket.
    passTime(5 * MINUTE);
    await stage.registry.reset();
    expect((await there.head(partsOf(image).tag)).status).toBe(200);
    const [proof, denial] = [await recordOf("proof"), await recordOf("denial")];
    expect(Number(proof?.["provenAt"])).toBeGreaterThan(Number(denial?.["deniedAt"]));
    await stage.registry.configure(OUT);
    for (const site of [here, there, elsewhere]) {
      // What a tag stands for is believed for a minute, and written again after an hour.
      const [tag, ...content] = await sourcesOf(site, sites);
      expect([tag, content]).toEqual([site === there ? "hit" : "stale", Array(5).fill("hit")]);
    }
    passTime(HOUR);
    for (const site of [here, there, elsewhere]) {
      expect(await sourcesOf(site, sites)).toEqual(all("stale"));
    }
    expect((await stage.registry.state()).counters).toMatchObject({ manifestGet: 0, blobGet: 0 });
  });

  it("that could not be written leaves the denial standing elsewhere", async () => {
    hurry();
    const sites = await open();
    const { bucket, image, elsewhere, stage, there } = sites;
    await close(sites);
    await stage.registry.setPrivate([]);
    passTime(5 * MINUTE);
    bucket.trouble("fail", ["put"]);
    expect((await there.head(partsOf(image).tag)).status).toBe(200);
    bucket.trouble();
    await stage.registry.configure(OUT);
    expect(await sourcesOf(elsewhere, sites)).toEqual(all("503"));
  }, 30_000);
});

describe("S18: a loss of the record that one data centre met", () => {
  it("removes the proof from the bucket: nothing is stale anywhere", async () => {
    // Too few speak for the repository.
    const sites = await open([]);
    await close(sites);
    expect(await kinds()).not.toContain("proof");
    expect(await kinds()).not.toContain("denial");
    await sites.stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    for (const site of [sites.here, sites.there, sites.elsewhere]) {
      expect(await sourcesOf(site, sites)).toEqual(all("503"));
    }
  });

  it("of its last witness, by 404, as well", async () => {
    const sites = await open([]);
    const { here, image, stage, there } = sites;
    await stage.registry.deleteManifest("library/app", image.digest);
    passTime(6 * MINUTE);
    expect((await here.get(partsOf(image).index)).status).toBe(404);
    expect(await kinds()).not.toContain("proof");
    await stage.registry.configure(OUT);
    expect(await sourcesOf(there, sites)).toEqual(all("503"));
  });
});

describe("S9: what one data centre was told is gone", () => {
  it.each(["index", "small", "large"] as const)(
    "%s: 404 to its digest deletes it at every level",
    async (part) => {
      const sites = await open();
      const { here, image, stage } = sites;
      const path = partsOf(image)[part];
      const digest = path.split("/").at(-1) ?? "";
      const isThere = async (): Promise<boolean> =>
        (await objects()).some(({ words }) => words["reference"] === digest);
      expect(await isThere()).toBe(true);
      passTime(6 * MINUTE);
      if (part === "index") await stage.registry.deleteManifest("library/app", digest);
      else await stage.registry.deleteBlob("library/app", digest);
      expect((await here.get(path)).status).toBe(404);
      expect(await isThere(), "the bucket").toBe(false);
      // Proved by another tag: what memory and cache have would be served.
      await here.head("library/app/manifests/b");
      expect((await here.get(path)).status, "memory").toBe(404);
      here.restart();
      expect((await here.get(path)).status, "cache").toBe(404);
      await stage.registry.configure(OUT);
      passTime(6 * MINUTE);
      expect((await here.get(path)).status).toBe(503);
      expect((await here.get("library/app/manifests/b")).cache).toBe("stale");
    },
  );

  it("a tag: it is not served stale in another one, and what it stood for is", async () => {
    const sites = await open();
    const { here, image, stage, there } = sites;
    await stage.registry.deleteTag("library/app", image.tag);
    passTime(6 * MINUTE);
    expect((await here.get(partsOf(image).tag)).status).toBe(404);
    await stage.registry.configure(OUT);
    expect((await there.get(partsOf(image).tag)).status).toBe(503);
    expect((await there.head(partsOf(image).tag)).status).toBe(503);
    expect((await there.get(partsOf(image).index)).cache).toBe("stale");
  });

  it("a tag, although the bucket could not be read then", async () => {
    hurry();
    const sites = await open();
    const { bucket, here, image, stage, there } = sites;
    await stage.registry.deleteTag("library/app", image.tag);
    passTime(6 * MINUTE);
    bucket.trouble("fail", ["get"]);
    expect((await here.get(partsOf(image).tag)).status).toBe(404);
    bucket.trouble();
    await stage.registry.configure(OUT);
    expect((await there.get(partsOf(image).tag)).status).toBe(503);
  });
});

describe("S9: what was changed through the proxy in one data centre", () => {
  it.each(["tag", "index", "small", "large"] as const)(
    "%s: a DELETE forgets it in the bucket",
    async (part) => {
      const sites = await open();
      const { elsewhere, here, image, stage } = sites;
      const path = partsOf(image)[part];
      await stage.registry.configure({ writers: ["alice"] });
      const headers = await here.login("repository:library/app:pull,push,delete");
      expect((await here.ask(path, { method: "DELETE", headers })).status).toBe(202);
      const reference = path.split("/").at(-1) ?? "";
      expect((await objects()).filter(({ words }) => words["reference"] === reference)).toEqual([]);
      passTime(2 * MINUTE);
      expect((await here.get(path)).status).toBe(404);
      expect((await elsewhere.get(path)).status).toBe(404);
      await stage.registry.configure(OUT);
      passTime(6 * MINUTE);
      expect((await here.get(path)).status).toBe(503);
    },
  );

  it("a PUT of a tag forgets what it stood for, in the bucket too", async () => {
    const sites = await open();
    const { here, image, stage, there } = sites;
    await stage.registry.configure({ writers: ["alice"] });
    const headers = await here.login("repository:library/app:pull,push");
    const { headers: said, text } = await here.get("library/app/manifests/b");
    const pushed = await here.ask(partsOf(image).tag, {
      method: "PUT",
      body: text,
      headers: { ...headers, "Content-Type": said.get("Content-Type") ?? "" },
    });
    expect(pushed.status).toBe(201);
    const isTag = ({ words }: { words: Record<string, string> }): boolean =>
      words["kind"] === "tag" && words["reference"] === image.tag;
    expect((await objects()).filter(isTag)).toEqual([]);
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect((await there.get(partsOf(image).tag)).status).toBe(503);
  });
});
