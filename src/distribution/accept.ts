// Accept headers of manifests, in our own words: of what a client sends the known types travel, in one order (S18).

import { mediaTypeOf } from "./media-types.ts";

/** The types that clients ask manifests by, in the order in which they travel. A class is a subset of them. */
const KNOWN = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.oci.artifact.manifest.v1+json",
  "application/json",
  "*/*",
] as const;

/** One letter for each, so that no class reads as a number: such keys of an object would lose their order. */
const LETTERS = "abcdefghi";
/** Those that a tag of today can stand for: a client that takes all four gets what every such client gets. */
const BROAD = ["a", "b", "c", "d"];
/** Longer headers are not any client's. */
const MAX_HEADER = 8 * 1024;

/** An Accept header that was understood. */
export interface Accept {
  /** Clients of one class get the same manifest for a tag. */
  readonly class: string;
  /** What is sent. */
  readonly words: string;
  /** True of a manifest's media type that the client takes. */
  readonly accepts: (mediaType: string) => boolean;
}

/** Every type, for what is asked by digest: it means one document, whatever a client accepts. */
export const ALL_KNOWN = KNOWN.join(", ");

/**
 * Reads an Accept header; a missing one accepts everything.
 * @returns undefined where it has no known type, or parameters: then its answer says nothing to other clients
 */
export function readAccept(header: string | null): Accept | undefined {
  const text = header ?? "*/*";
  if (text.length > MAX_HEADER || text.includes(";")) return undefined;
  const types = new Set(text.split(",").map(mediaTypeOf));
  const known = KNOWN.filter((type) => types.has(type));
  if (known.length === 0) return undefined;
  return {
    class: known.map((type) => LETTERS.charAt(KNOWN.indexOf(type))).join(""),
    words: known.join(", "),
    accepts: (mediaType) => types.has("*/*") || types.has(mediaTypeOf(mediaType)),
  };
}

/** True of a class that takes all four storable types, as docker, containerd, podman and their kin do. */
export function isBroad(name: string): boolean {
  return BROAD.every((letter) => name.includes(letter));
}

/** True of a manifest's media type: of OCI, or of Docker's schema 1 or 2. */
export function isManifestType(contentType: string | null): boolean {
  const types: readonly string[] = KNOWN.slice(0, 7);
  return types.includes(mediaTypeOf(contentType));
}
