// An image and a bucket that keeps its repository, as the tests of the store that lasts begin; and several data centres over
// that bucket.
import type { SeededImage } from "../../registry/types.ts";
import { anotherIsolate, Ferry, type Isolate } from "../ferry.ts";
import { enterCentre } from "../fresh-worker.ts";
import { LastingBucket } from "./lasting-bucket.ts";
import { firstOf, Stage, type Read } from "./stage.ts";

/** The registry is down. */
export const OUT = { fail: 503, failToken: 503, failCdn: 503 } as const;
export const UP = { fail: null, failToken: null, failCdn: null } as const;

export interface Scene {
  readonly stage: Stage;
  readonly bucket: LastingBucket;
  readonly image: SeededImage;
}

/** @param variables beside those of the bucket, or in place of them */
export async function openScene(variables: Record<string, unknown> = {}): Promise<Scene> {
  const bucket = await LastingBucket.open();
  const all = {
    BLOBS: bucket.binding,
    BUCKET_REPOSITORIES: "docker.io/library/*",
    CACHE_MAX_BLOB: 2000,
    ...variables,
  };
  const stage = await Stage.open({}, {}, all);
  // One layer that the cache takes, and one that only the bucket takes.
  const image = await stage.registry.seedImage({ repository: "library/app", layers: [1000, 5000] });
  return { stage, bucket, image };
}

/** The things of an image, by paths below `/v2/`. */
export function partsOf(
  image: SeededImage,
): Record<"config" | "index" | "large" | "manifest" | "small" | "tag", string> {
  const { config, digest, layers } = firstOf(image);
  const at = (path: string): string => `${image.repository}/${path}`;
  return {
    tag: at(`manifests/${image.tag}`),
    index: at(`manifests/${image.digest}`),
    manifest: at(`manifests/${digest}`),
    config: at(`blobs/${config.digest}`),
    small: at(`blobs/${layers[0]?.digest ?? ""}`),
    large: at(`blobs/${layers[1]?.digest ?? ""}`),
  };
}

/** A data centre with one isolate, among others before the same registry and over the same bucket. */
export class Site extends Stage {
  readonly #centre = crypto.randomUUID();
  readonly #isolate: Isolate;

  private constructor({ ferry, registry }: Stage, isolate: Isolate) {
    const own = new Ferry({}, {}, isolate);
    own.env = ferry.env;
    super(registry, own);
    this.#isolate = isolate;
  }

  static async beside(stage: Stage): Promise<Site> {
    return new Site(stage, await anotherIsolate());
  }

  override async ask(path: string, init: RequestInit): Promise<Read> {
    enterCentre(this.#centre);
    return super.ask(path, init);
  }

  /** The isolate ends, and another takes its place. */
  restart(): void {
    this.#isolate.forget();
  }
}
