// More rows of the table: pulls that the Worker serves from its store, also while the registry is in trouble.

import { deepStrictEqual } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { RegistryOptions } from "../registry/index.ts";
import { makeImage } from "./images.ts";
import { expectPulled, type Operation, type Trial } from "./operations.ts";
import { slug } from "./targets.ts";

/** Layers that the store takes: none is over `CACHE_MAX_BLOB`. */
const LAYERS = [1_500_000, 70_000, 500];

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
];

async function pullInTrouble(trial: Trial, word: string, trouble: RegistryOptions): Promise<void> {
  const { upstream } = trial.target;
  const pull = await pullOnce(trial, word);
  upstream.configure?.(trouble);
  try {
    await pull();
  } finally {
    upstream.configure?.(WELL);
  }
}

/** Pulls a new image, and gives back the pull, to be done again by a client that has forgotten it. */
async function pullOnce({ name, client, target }: Trial, word: string): Promise<() => Promise<void>> {
  const { put, takeRequests } = target.upstream;
  const image = makeImage({ layers: LAYERS, types: "oci", index: true });
  const repository = `owner/${word}-${name}-${slug(target)}`;
  await put(repository, image, ["latest"]);
  const pull = async (): Promise<void> => {
    await client.forget();
    expectPulled(await client.pull(`${target.registry}/${target.namePrefix}${repository}:latest`), image);
  };
  takeRequests?.();
  await pull();
  // What the store takes is written after the answer was given.
  await sleep(500);
  return pull;
}
