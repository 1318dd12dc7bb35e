// Small manifests in the isolate: what it hashed itself, so that nothing need be read or hashed again (S10).

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import { FREE } from "../reading-room.ts";
import type { RepositoryLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import { FRESH_MS } from "./record.ts";
import type { DescribedManifest } from "./tag-words.ts";

/** A manifest whose digest was found to fit. */
export interface KnownManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

interface Remembered extends KnownManifest {
  /** When it was seen in the store, or the registry said that it has it; in milliseconds since the epoch. */
  readonly seenAt: number;
}

/** So long it is believed to be there still: another isolate may have ended it, of which nobody hears here (S9). */
const YOUNG_MS = FRESH_MS;

/** Of the 128 MB that an isolate has. */
const memory = remember<string, Remembered>({
  entries: 5000,
  bytes: 8 * 1024 * 1024,
  sizeOf: ({ bytes, mediaType }, name) => bytes.byteLength + mediaType.length + name.length,
});

const described = remember<string, DescribedManifest>({
  entries: 1000,
  bytes: 512 * 1024,
  sizeOf: ({ mediaType }, name) => mediaType.length + name.length,
});

export function recallManifest(lane: RepositoryLane, digest: Digest): Remembered | undefined {
  return memory.get(nameOf(lane, digest));
}

/** True of one that is served without looking whether it is there still. */
export function isYoungManifest({ seenAt }: Remembered): boolean {
  return Date.now() - seenAt <= YOUNG_MS;
}

/** The registry said that it has it. */
export function confirmManifest(lane: RepositoryLane, digest: Digest, seenAt: number): void {
  const known = recallManifest(lane, digest);
  if (known !== undefined)
    memory.set(nameOf(lane, digest), { ...known, seenAt: Math.max(known.seenAt, seenAt) });
}

/** Remembers one that is small: what many clients hold of large ones has a bound of its own (S17). */
export function rememberManifest(
  lane: RepositoryLane,
  digest: Digest,
  manifest: KnownManifest,
  seenAt: number,
): void {
  const { bytes, mediaType } = manifest;
  if (bytes.byteLength > FREE || !lane.errand.registry.store) return;
  // It may be a small part of the buffer that it was read into.
  memory.set(nameOf(lane, digest), { bytes: bytes.slice(), mediaType, seenAt });
}

/** What HEAD said of a manifest that is not here: for those who waited for it, and nothing to serve a body by. */
export function recallDescription(lane: RepositoryLane, digest: Digest): DescribedManifest | undefined {
  return described.get(nameOf(lane, digest));
}

export function rememberDescription(lane: RepositoryLane, description: DescribedManifest): void {
  described.set(nameOf(lane, description.digest), description);
}

export function forgetManifest(lane: RepositoryLane, digest: Digest): void {
  memory.delete(nameOf(lane, digest));
  described.delete(nameOf(lane, digest));
}
