// Small manifests in the isolate: what it hashed itself, so that nothing need be read or hashed again (S10).

import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import { FREE } from "../reading-room.ts";
import type { RepositoryLane } from "./lane.ts";

/** A manifest whose digest was found to fit. */
export interface KnownManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Of the 128 MB that an isolate has. */
const memory = remember<string, KnownManifest>({
  entries: 5000,
  bytes: 8 * 1024 * 1024,
  sizeOf: ({ bytes, mediaType }, name) => bytes.byteLength + mediaType.length + name.length,
});

export function recallManifest(lane: RepositoryLane, digest: Digest): KnownManifest | undefined {
  return memory.get(nameOf(lane, digest));
}

/** Remembers one that is small: what many clients hold of large ones has a bound of its own (S17). */
export function rememberManifest(lane: RepositoryLane, digest: Digest, manifest: KnownManifest): void {
  const { bytes, mediaType } = manifest;
  if (bytes.byteLength > FREE || !lane.errand.registry.store) return;
  // It may be a small part of the buffer that it was read into.
  memory.set(nameOf(lane, digest), { bytes: bytes.slice(), mediaType });
}

export function forgetManifest(lane: RepositoryLane, digest: Digest): void {
  memory.delete(nameOf(lane, digest));
}

function nameOf({ repository, upstream }: RepositoryLane, digest: Digest): string {
  return `${upstream} ${repository} ${digest}`;
}
