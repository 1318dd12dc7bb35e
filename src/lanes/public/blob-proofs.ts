// Proofs of single blobs: the registry gave it, or said that it has it, to nobody in particular. It is served for five
// minutes without asking, and proves nothing else (S9).

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import { isEnded } from "./endings.ts";
import type { ContentLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import { FRESH_MS } from "./record.ts";

/** When the question was sent that showed it. */
const proofs = remember<string, number>(5000);

/** @param askedAt when the question was sent that was answered with the blob, or with its length */
export function proveBlob(lane: ContentLane, digest: Digest, askedAt: number): void {
  if (isEnded(lane, { kind: "blob", digest }, askedAt)) return;
  proofs.set(nameOf(lane, digest), askedAt);
}

/** True while the blob may be served without asking. A denial of its repository that came later hides it. */
export function isBlobFresh(lane: ContentLane, digest: Digest): boolean {
  const askedAt = proofs.get(nameOf(lane, digest));
  if (askedAt === undefined || Date.now() - askedAt > FRESH_MS) return false;
  return !lane.visibility.isDeniedAt(askedAt);
}

export function forgetBlobProof(lane: ContentLane, digest: Digest): void {
  proofs.delete(nameOf(lane, digest));
}
