// More rows of the table: pulls that the Worker serves from its store, also while the registry is in trouble.

import { deepStrictEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { RegistryOptions } from "../registry/index.ts";
import { makeImage } from "./images.ts";
import { expectPulled, type Operation, type Trial } from "./operations.ts";
import { slug, type Target } from "./targets.ts";
import type { RunningWorker } from "./worker.ts";
import type { Upstream } from "./upstreams.ts";

/** Layers that the store takes: none is over `CACHE_MAX_BLOB`. */
const LAYERS = [900_000, 70_000, 500];
/** One more that only a bucket takes. */
const LARGE_LAYER = 3_000_000;
/** What the bucket has of such an image after a pull: index, manifest, config and layers, what the tag stands for, a proof. */
const OBJECTS = 3 + LAYERS.length + 1 + 2;
/** What the cache has of it then: all of that but for the large layer. */
const CACHED = OBJECTS - 1;
const FILL_MS = 20_000;
const ASKED_MS = 20_000;

const NO_QUOTA: RegistryOptions = { quota: 0 };
const DOWN: RegistryOptions = { fail: "drop", failToken: "drop", failCdn: "drop" };
const WELL: RegistryOptions = { quota: null, fail: null, failToken: null, failCdn: null };

/** Only where the Worker is in front, and behind it a registry that counts and can be put in trouble. */
const hasStore = ({ target }: Trial): boolean =>
  target.upstream.configure !== undefined && !target.label.startsWith("direct");

export const STORE_OPERATIONS: readonly Operation[] = [
  {
    name: "pull again, from the store",
    exists: hasStore,
    async run(trial) {
      const pull = await pullOnce(trial, "again");
      const counted = (trial.target.upstream.takeRequests?.() ?? []).filter(
        ({ server, path, method }) =>
          server === "registry" && method === "GET" && path.includes("/manifests/"),
      );
      deepStrictEqual(
        counted.length,
        2,
        "a cold pull counts for two: the index, and the platform's manifest",
      );
      await pull();
      // TAG_TTL is 0 here, so that each pull asks what the tag stands for.
      const asked = (trial.target.upstream.takeRequests?.() ?? []).map(
        ({ server, method }) => `${server} ${method}`,
      );
      deepStrictEqual(asked, ["registry HEAD"]);
    },
  },
  {
    name: "pull again, with no quota left",
    exists: hasStore,
    run: (trial) => pullInTrouble(trial, "quota", NO_QUOTA),
  },
  {
    name: "pull again, with the registry down",
    exists: hasStore,
    run: (trial) => pullInTrouble(trial, "down", DOWN),
  },
  {
    name: "bucket, another data centre, registry down",
    isLast: true,
    exists: hasStore,
    async run(trial) {
      const worker = workerOf(trial.target);
      const had = worker.objects();
      const pull = await pullOnce(trial, "lasting", [...LAYERS, LARGE_LAYER]);
      await waitForFill("bucket", () => worker.objects() - had, OBJECTS);
      await worker.moveAway();
      unsettled.set(trial.target.upstream, trial.target);
      await duringTrouble(trial, DOWN, pull);
    },
  },
];

async function pullInTrouble(trial: Trial, word: string, trouble: RegistryOptions): Promise<void> {
  await duringTrouble(trial, trouble, await pullOnce(trial, word));
}

async function duringTrouble(
  { target: { upstream } }: Trial,
  trouble: RegistryOptions,
  pull: () => Promise<void>,
): Promise<void> {
  upstream.configure?.(trouble);
  try {
    await pull();
  } finally {
    upstream.configure?.(WELL);
  }
}

/** Pulls a new image, and gives back the pull, to be done again by a client that has forgotten it. */
async function pullOnce(
  { name, client, target }: Trial,
  word: string,
  layers = LAYERS,
): Promise<() => Promise<void>> {
  const { put, takeRequests } = target.upstream;
  const had = workerOf(target).cached();
  const image = makeImage({ layers, types: "oci", index: true });
  const repository = `owner/${word}-${name}-${slug(target)}`;
  await put(repository, image, ["latest"]);
  const pull = async (): Promise<void> => {
    await client.forget();
    expectPulled(await client.pull(`${target.registry}/${target.namePrefix}${repository}:latest`), image);
  };
  takeRequests?.();
  await pull();
  await waitForFill("cache", () => workerOf(target).cached() - had, CACHED);
  return pull;
}

function workerOf({ worker }: Target): RunningWorker {
  if (worker === undefined) throw new Error("no Worker is in front");
  return worker;
}

/** What a store takes is written after the answer was given; for the bucket a large layer is fetched once more. */
async function waitForFill(store: string, count: () => number, wanted: number): Promise<void> {
  const until = Date.now() + FILL_MS;
  while (count() < wanted) {
    if (Date.now() > until) throw new Error(`the ${store} has ${count()} of ${wanted} objects`);
    await sleep(100);
  }
  // An object is there as soon as its bytes are, and before its name is.
  await sleep(500);
}

/** Registries that a Worker could not ask how they authenticate, and where it was asked for them. */
const unsettled = new Map<Upstream, Target>();

/**
 * An isolate that could not ask a registry how it authenticates asks again after some seconds only, which is not the next cell's
 * trouble. To be called before a cell that needs the registry through the Worker: those of others need not wait for it.
 */
export async function settle({ upstream, worker }: Target): Promise<void> {
  const troubled = unsettled.get(upstream);
  if (troubled === undefined || worker === undefined) return;
  await waitUntilAsked(troubled);
  unsettled.delete(upstream);
}

async function waitUntilAsked(target: Target): Promise<void> {
  const { open } = target.upstream;
  const url = `http://${target.registry}/v2/${target.namePrefix}${open.repository}/manifests/latest`;
  const headers = { Accept: open.image.root.mediaType, Authorization: "Bearer ferry.anonymous" };
  const until = Date.now() + ASKED_MS;
  for (;;) {
    const answer = await fetch(url, { headers });
    await answer.body?.cancel();
    if (answer.ok) return;
    if (Date.now() > until) throw new Error(`${url} answers ${answer.status} though its registry is well`);
    await sleep(500);
  }
}
