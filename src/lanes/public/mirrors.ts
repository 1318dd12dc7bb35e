// Read-only stand-ins, asked where the registry itself cannot answer, about repositories that it confirmed (S9).

import type { Registry } from "../../config/registry.ts";
import { knownRegistry } from "../../registries.ts";
import type { Answer } from "../../upstream/answer.ts";
import { discard, type Question } from "./asked.ts";
import { inquire } from "./inquire.ts";
import type { ContentLane } from "./lane.ts";

/**
 * Asks the mirrors in order.
 * @param take what to make of a mirror's 200; undefined where it will not do, and the next is asked
 * @returns what `take` made, or undefined: a mirror's refusal of whatever kind is a miss
 */
export async function fromMirrors<T>(
  lane: ContentLane,
  question: Question,
  take: (answer: Answer) => Promise<T | undefined>,
): Promise<T | undefined> {
  if (!hasMirrors(lane)) return undefined;
  // Another isolate may have met a denial since.
  if (!(await lane.visibility.mayAskMirrors())) return undefined;
  for (const origin of lane.errand.registry.mirrors) {
    const asked = await inquire(lane, question, mirrorAt(origin));
    if (asked.kind !== "found") {
      await discard(asked);
      continue;
    }
    const taken = await take(asked.answer);
    if (taken !== undefined) return taken;
    await discard(asked);
  }
  return undefined;
}

/** True where a mirror would be asked if the registry did not answer: then it is not waited for very long. */
export function hasMirrors({ errand, visibility }: ContentLane): boolean {
  return errand.registry.mirrors.length > 0 && visibility.holds;
}

/** A mirror is a registry of its own, with its own token service and nobody's credentials. */
function mirrorAt(origin: string): Registry {
  const { host } = new URL(origin);
  const realm = knownRegistry(host)?.realm;
  return {
    name: host,
    aliases: [],
    upstream: origin,
    realms: realm === undefined ? [] : [realm],
    mirrors: [],
    library: false,
    search: undefined,
    uploadHosts: [],
    uploadPaths: [],
    store: true,
  };
}
