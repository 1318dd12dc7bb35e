// Manifests that the registry said to nobody in particular to have: for five minutes the owner's account may fetch them (S12).

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { RepositoryLane } from "./lane.ts";
import { FRESH_MS } from "./record.ts";

/** When the question was sent that was answered with it. */
const confirmed = remember<string, number>({
  entries: 2000,
  bytes: 1024 * 1024,
  sizeOf: (_, name) => name.length,
});

/** @param askedAt when the question was sent, by HEAD and without anybody's tokens */
export function noteConfirmed(lane: RepositoryLane, digest: Digest, askedAt: number): void {
  if (lane.owner === undefined) confirmed.set(nameOf(lane, digest), askedAt);
}

export function isConfirmed(lane: RepositoryLane, digest: Digest): boolean {
  return Date.now() - (confirmed.get(nameOf(lane, digest)) ?? -Infinity) <= FRESH_MS;
}

function nameOf({ repository, upstream }: RepositoryLane, digest: Digest): string {
  return `${upstream} ${repository} ${digest}`;
}
