// Manifests that the registry said to nobody in particular to have: for five minutes the owner's account may fetch them
// (S12).

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import { isEnded } from "./endings.ts";
import type { RepositoryLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import { FRESH_MS } from "./record.ts";
import { isRemembered } from "./record-store.ts";

/** When the question was sent that was answered with it. */
const confirmed = remember<string, number>({
  entries: 2000,
  bytes: 1024 * 1024,
  sizeOf: (_, name) => name.length,
});

/** When something of a repository was refused last; only of those that are proved, as all are that have confirmations. */
const doubts = remember<string, number>(5000);

/** @param askedAt when the question was sent, by HEAD and without anybody's tokens */
export function noteConfirmed(lane: RepositoryLane, digest: Digest, askedAt: number): void {
  // A registry that judges each client by itself (S14): what it confirmed to one it did not to the next.
  if (lane.owner !== undefined || !lane.errand.registry.store) return;
  confirmed.set(nameOf(lane, digest), askedAt);
}

/** The registry refused something of the repository, whatever comes of it: what was confirmed before is asked anew. */
export function doubtConfirmed(lane: RepositoryLane): void {
  if (isRemembered(lane)) doubts.set(nameOf(lane), Date.now());
}

/** True of what was confirmed a moment ago, and neither ended nor doubted since. */
export function isConfirmed(lane: RepositoryLane, digest: Digest): boolean {
  const askedAt = confirmed.get(nameOf(lane, digest));
  if (askedAt === undefined || Date.now() - askedAt > FRESH_MS) return false;
  if (askedAt <= (doubts.get(nameOf(lane)) ?? -1)) return false;
  return !isEnded(lane, { kind: "manifest", digest }, askedAt);
}
