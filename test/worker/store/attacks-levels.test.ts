// Attacks upon the three levels of the store, upon flights and upon pauses: each of these failed when it was written.
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, it, onTestFinished } from "vitest";
import worker from "../../../src/index.ts";
import { anotherIsolate, Ferry, startRegistry, type Isolate } from "../ferry.ts";
import { enterCentre } from "../fresh-worker.ts";
import { LastingBucket, moveAway, objects } from "./lasting-bucket.ts";
import { openScene, OUT, partsOf, Site } from "./lasting-scene.ts";
import {
  ANONYMOUS,
  begin,
  firstOf,
  HOUR,
  hurry,
  MINUTE,
  notFound,
  OCI_INDEX,
  passTime,
  SECOND,
  Stage,
  type Read,
} from "./stage.ts";
import { outage, Warm } from "./warm.ts";

/** An isolate of a data centre that may have others. */
class Neighbour extends Stage {
  readonly #centre: string;

  private constructor({ ferry, registry }: Stage, isolate: Isolate, centre: string) {
    const own = new Ferry({}, {}, isolate);
    own.env = ferry.env;
    super(registry, own);
    this.#centre = centre;
  }

  static async in(stage: Stage, centre: string): Promise<Neighbour> {
    return new Neighbour(stage, await anotherIsolate(), centre);
  }

  override async ask(path: string, init: RequestInit): Promise<Read> {
    enterCentre(this.#centre);
    return super.ask(path, init);
  }
}

async function deleteThrough(stage: Stage, path: string): Promise<void> {
  await stage.registry.configure({ writers: ["alice"] });
  const headers = await stage.login("repository:library/app:pull,push,delete");
  expect((await stage.ask(path, { method: "DELETE", headers })).status).toBe(202);
}

/** The registry closes the repository, and one place meets that twice. */
async function closeAt(place: Stage): Promise<void> {
  await place.registry.setPrivate(["library/app"]);
  for (let time = 1; time <= 2; time += 1) {
    passTime(11 * SECOND);
    expect((await place.get("library/app/manifests/none")).status).toBe(401);
  }
}

async function referencesIn(kind: string): Promise<(string | undefined)[]> {
  const all = await objects();
  return all.filter(({ words }) => words["kind"] === kind).map(({ words }) => words["reference"]);
}

describe("S9: what was deleted through the proxy", () => {
  it.each(["index", "small"] as const)(
    "is not put into the bucket again by another data centre that still has it: %s",
    async (part) => {
      const { stage, image } = await openScene();
      await stage.registry.seedImage({ repository: "library/app", tag: "b", seed: "b", layers: [] });
      const [here, there] = [await Site.beside(stage), await Site.beside(stage)];
      for (const site of [here, there]) await site.pull(image);
      passTime(HOUR + MINUTE);
      for (const site of [here, there]) await site.get("library/app/manifests/b");
      const path = partsOf(image)[part];
      await deleteThrough(here, path);
      // That it serves it to who knows the digest is a stated limit; that it brings it back to all others is none.
      await there.get(path);
      const reference = path.split("/").at(-1);
      expect({
        inBucket: (await referencesIn(part === "index" ? "manifest" : "blob")).includes(reference),
        here: (await here.get(path)).status,
      }).toEqual({ inBucket: false, here: 404 });
    },
  );

  it("is served by another isolate of that data centre from its memory for five minutes at the most", async () => {
    const { stage, image } = await openScene({ BUCKET_REPOSITORIES: "docker.io/library/none" });
    await stage.registry.seedImage({ repository: "library/app", tag: "b", seed: "b", layers: [] });
    const [one, other] = [await Neighbour.in(stage, "x"), await Neighbour.in(stage, "x")];
    for (const isolate of [one, other]) await isolate.pull(image);
    const path = partsOf(image).index;
    await deleteThrough(one, path);
    expect((await one.get(path)).status).toBe(404);
    // Its proof is kept fresh by another tag.
    passTime(6 * MINUTE);
    expect((await other.get("library/app/manifests/b")).status).toBe(200);
    expect((await other.get(path)).status).toBe(404);
  });

  it("a tag: a slow write of it that was under way does not land after its deletion", async () => {
    const { stage, bucket, image } = await openScene();
    const { put } = bucket.binding;
    let isFirst = true;
    bucket.binding.put = async (key, value, options) => {
      const isTag = typeof value === "string" && String(value).includes('"kind":"tag"');
      if (isTag && isFirst) {
        isFirst = false;
        await scheduler.wait(1500);
      }
      return put(key, value, options);
    };
    const pulling = stage.get(partsOf(image).tag);
    await scheduler.wait(800);
    await deleteThrough(stage, partsOf(image).tag);
    await pulling;
    expect(await referencesIn("tag")).toEqual([]);
    await stage.registry.configure(OUT);
    moveAway();
    passTime(6 * MINUTE);
    expect((await stage.get(partsOf(image).tag)).status).toBe(503);
  });

  it("is not served from the bucket by the isolate that deleted it, where R2 failed for three seconds", async () => {
    hurry();
    const { stage, bucket, image } = await openScene();
    await stage.registry.seedImage({ repository: "library/app", tag: "b", seed: "b", layers: [] });
    await stage.pull(image);
    bucket.trouble("fail", ["delete"]);
    await deleteThrough(stage, partsOf(image).small);
    bucket.trouble();
    passTime(MINUTE + SECOND);
    await stage.get("library/app/manifests/b");
    expect((await stage.get(partsOf(image).small)).status).toBe(404);
  });

  it("a tag: not served stale after BUCKET_REPOSITORIES named its repository, did not, and did again", async () => {
    const { stage, image } = await openScene();
    await stage.pull(image);
    const named = stage.ferry.env;
    stage.ferry.env = { ...named, BUCKET_REPOSITORIES: "docker.io/library/other" };
    await deleteThrough(stage, partsOf(image).tag);
    stage.ferry.env = named;
    await stage.registry.configure(OUT);
    moveAway();
    passTime(6 * MINUTE);
    expect((await stage.get(partsOf(image).tag)).status).toBe(503);
  });

  it("(or answered 404 to its digest) is not served stale from the memory of another isolate of that data centre", async () => {
    const { stage, image } = await openScene({ BUCKET_REPOSITORIES: "docker.io/library/none" });
    await stage.registry.seedImage({ repository: "library/app", tag: "b", seed: "b", layers: [] });
    const [one, other] = [await Neighbour.in(stage, "y"), await Neighbour.in(stage, "y")];
    for (const isolate of [one, other]) {
      await isolate.pull(image);
      passTime(MINUTE + SECOND);
      await isolate.get("library/app/manifests/b");
    }
    await stage.registry.deleteManifest("library/app", image.digest);
    passTime(6 * MINUTE);
    const path = partsOf(image).index;
    expect((await one.get(path)).status).toBe(404);
    await stage.registry.configure(OUT);
    passTime(6 * MINUTE);
    expect([(await one.get(path)).status, (await other.get(path)).status]).toEqual([503, 503]);
  });
});

describe("S11: a stranger and the owner's bill", () => {
  it("a tag that stands for one digest is not written once more for each class of Accept, again and again", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    bucket.reset();
    const beside = [
      "application/vnd.docker.distribution.manifest.list.v2+json",
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.oci.artifact.manifest.v1+json",
      "application/json",
    ];
    const classes = Array.from({ length: 16 }, (_, bits) =>
      [OCI_INDEX, ...beside.filter((_type, bit) => (bits >> bit) % 2 === 1)].join(", "),
    );
    for (let round = 1; round <= 3; round += 1) {
      for (const accept of classes) {
        passTime(SECOND);
        expect((await stage.head(partsOf(image).tag, { Accept: accept })).status).toBe(200);
      }
    }
    // Its digest did not change.
    expect(bucket.billed.a).toBeLessThanOrEqual(16);
  });

  it("a large blob that is there is not put there again while R2 reads are late", async () => {
    const { stage, bucket, image } = await openScene();
    await stage.pull(image);
    expect(await referencesIn("blob")).toContain(partsOf(image).large.split("/").at(-1));
    moveAway();
    await stage.get(partsOf(image).tag);
    bucket.reset();
    bucket.trouble("late", ["get", "head"]);
    const asking = stage.get(partsOf(image).large);
    await scheduler.wait(3000);
    bucket.trouble();
    expect((await asking).status).toBe(200);
    expect(bucket.billed.a).toBe(0);
  });
});

describe("S11: R2 that is slow, or asked for nothing", () => {
  it("does not keep blobs out of the data centre's cache while its writes are late", async () => {
    const { stage, bucket } = await openScene({ CACHE_MAX_BLOB: 2 * 1024 * 1024 });
    const layers = Array<number>(6).fill(1_600_000);
    const image = await stage.registry.seedImage({
      repository: "library/app",
      tag: "big",
      seed: "big",
      layers,
    });
    await stage.get("library/app/manifests/big");
    const paths = firstOf(image).layers.map(({ digest }) => `library/app/blobs/${digest}`);
    bucket.trouble("late", ["put"]);
    const sources: (string | null)[] = [];
    const settling: Promise<void>[] = [];
    for (const path of [...paths, ...paths]) {
      const { response, settled } = await begin(stage.ferry, path);
      await response.arrayBuffer();
      sources.push(response.headers.get("X-Cache"));
      settling.push(settled());
      await scheduler.wait(200);
    }
    bucket.trouble();
    await Promise.all(settling);
    expect(sources.slice(6)).toEqual(Array(6).fill("hit"));
  });
});

describe("S10: a large manifest of the bucket", () => {
  it("is passed as it was hashed, not as a second read has it", async () => {
    const { stage, bucket } = await openScene();
    const layers = Array<number>(350).fill(10);
    const image = await stage.registry.seedImage({
      repository: "library/app",
      tag: "many",
      seed: "m",
      layers,
    });
    const path = `library/app/manifests/${firstOf(image).digest}`;
    const { text } = await stage.get(path);
    await stage.get("library/app/manifests/many");
    moveAway();
    await stage.get("library/app/manifests/many");
    const { get } = bucket.binding;
    let reads = 0;
    bucket.binding.get = async (key, options) => {
      const object = (await get(key, options)) as R2ObjectBody | null;
      if (object === null || object.size < 33_000) return object;
      reads += 1;
      if (reads === 1) return object;
      const { customMetadata, size } = object;
      await object.body.cancel();
      return { key, size, customMetadata, body: new Response("x".repeat(size)).body };
    };
    expect((await stage.get(path)).text).toBe(text);
  });
});

describe("S9, S18: a denial", () => {
  it("is written again when R2 takes writes once more", { timeout: 60_000 }, async () => {
    hurry();
    const { stage, bucket, image } = await openScene();
    const [here, there] = [await Site.beside(stage), await Site.beside(stage)];
    for (const tag of ["b", "c"]) {
      await stage.registry.seedImage({ repository: "library/app", tag, seed: tag, layers: [] });
    }
    for (const site of [here, there]) {
      await site.pull(image);
      for (const tag of ["b", "c"]) await site.get(`library/app/manifests/${tag}`);
      passTime(MINUTE + SECOND);
    }
    bucket.trouble("fail", ["put", "delete"]);
    await closeAt(here);
    bucket.trouble();
    // The isolate that knows it is asked on and on, and refused on and on.
    for (let time = 1; time <= 10; time += 1) {
      passTime(MINUTE);
      expect((await here.get(partsOf(image).tag)).status).toBe(401);
    }
    await stage.registry.configure(OUT);
    expect((await here.get(partsOf(image).index)).status).not.toBe(200);
    expect((await there.get(partsOf(image).index)).status).not.toBe(200);
  });
});

describe("S9: a proof", () => {
  it("is written at once where the bucket was found to have none, whatever this isolate wrote within the hour", async () => {
    const { stage, image } = await openScene();
    const [here, there] = [await Site.beside(stage), await Site.beside(stage)];
    for (const site of [here, there]) {
      await site.pull(image);
      passTime(MINUTE + SECOND);
    }
    await closeAt(here);
    expect(await referencesIn("proof")).toHaveLength(0);
    await stage.registry.setPrivate([]);
    passTime(6 * MINUTE);
    expect((await there.pull(image))[0]).toBe("hit");
    expect(await referencesIn("proof")).toHaveLength(1);
  });

  it("of an isolate alone opens no mirror while it cannot be read whether another one met a denial", async () => {
    const mirror = await startRegistry({
      library: true,
      challenge: { sameOriginRealm: true },
      redirectBlobs: "relative",
    });
    onTestFinished(() => mirror.close());
    const bucket = await LastingBucket.open();
    const variables = { BLOBS: bucket.binding, BUCKET_REPOSITORIES: "**" };
    const stage = await Stage.open({}, { mirrors: [mirror.url] }, variables);
    for (const tag of ["a", "b", "c"]) {
      const seed = { repository: "library/app", tag, seed: tag, layers: [100] };
      await Promise.all([mirror.seedImage(seed), stage.registry.seedImage(seed)]);
    }
    const [here, there] = [await Site.beside(stage), await Site.beside(stage)];
    for (const site of [here, there]) {
      for (const tag of ["a", "b", "c"]) await site.get(`library/app/manifests/${tag}`);
      passTime(MINUTE + SECOND);
    }
    await closeAt(here);
    await stage.registry.configure(OUT);
    passTime(HOUR);
    bucket.trouble("fail", ["get"]);
    expect((await there.get("library/app/manifests/a")).status).toBe(503);
  });
});

describe("S18: one class of Accept and the others", () => {
  it("a 404 to an odd class does not take the tag from all classes while R2 is late", async () => {
    const bucket = await LastingBucket.open();
    const warm = await Warm.open({}, { BLOBS: bucket.binding, BUCKET_REPOSITORIES: "**" });
    warm.played.serve = (request) =>
      request.headers.get("Accept") === "application/json" ? notFound() : warm.registry(request);
    passTime(6 * MINUTE);
    bucket.trouble("late", ["get"]);
    const odd = warm.source("manifests/latest", { Accept: "application/json" });
    await scheduler.wait(2500);
    bucket.trouble();
    expect(await odd).toBe("404");
    warm.played.serve = outage;
    moveAway();
    expect(await warm.source("manifests/latest")).toBe("stale");
  });
});

describe("S18: who waited for another's question", () => {
  it("is not served what that one was told is gone", async () => {
    const warm = await Warm.open();
    const { digest } = warm.latest;
    passTime(6 * MINUTE);
    const asked = Promise.withResolvers<undefined>();
    const gate = Promise.withResolvers<undefined>();
    warm.played.serve = async (request) => {
      if (!request.url.pathname.endsWith(digest)) return warm.registry(request);
      asked.resolve(undefined);
      await gate.promise;
      return notFound();
    };
    const leader = warm.source(`manifests/${digest}`);
    await asked.promise;
    const waiter = warm.source(`manifests/${digest}`);
    await scheduler.wait(100);
    expect(await warm.source("manifests/second")).toBe("hit");
    gate.resolve(undefined);
    expect([await leader, await waiter]).toEqual(["404", "404"]);
  });

  it("is served without a silent registry after five seconds, too", async () => {
    const warm = await Warm.open();
    passTime(6 * MINUTE);
    warm.played.serve = async () => {
      await scheduler.wait(9000);
      return new Response(null, { status: 503 });
    };
    const at = "https://reg.example.com/v2/team/app/";
    const timed = async (): Promise<[string, number]> => {
      const begunAt = performance.now();
      const context = createExecutionContext();
      const request = new Request(`${at}manifests/latest`, { headers: ANONYMOUS });
      const response = await worker.fetch(request as never, warm.played.ferry.env as never, context);
      const ms = performance.now() - begunAt;
      await response.text();
      await waitOnExecutionContext(context);
      return [String(response.headers.get("X-Cache")), ms];
    };
    const all = await Promise.all([timed(), timed()]);
    expect(all.map(([source]) => source)).toEqual(["stale", "stale"]);
    expect(Math.max(...all.map(([, ms]) => ms))).toBeLessThan(5_900);
  }, 30_000);
});
