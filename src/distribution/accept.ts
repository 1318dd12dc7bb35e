// Accept: which manifests a client can read, said to the registry in our own words (S18).

import { mediaTypeOf } from "./media-types.ts";

/** What a header asks for, of all that is known here. */
export interface Accept {
  /** The same for the same set of types, and for no other: letters, which never look like a number (F8). */
  readonly class: string;
  /** The known types of the header for the registry: in one order, without parameters. */
  readonly words: string;
}

/** Each known type with its letter, in the order in which they go to the registry: for a list first, then one image. */
const KNOWN: ReadonlyMap<string, string> = new Map([
  ["application/vnd.oci.image.index.v1+json", "i"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "l"],
  ["application/vnd.oci.image.manifest.v1+json", "m"],
  ["application/vnd.docker.distribution.manifest.v2+json", "d"],
  ["application/vnd.oci.artifact.manifest.v1+json", "a"],
  ["application/vnd.docker.distribution.manifest.v1+prettyjws", "s"],
  ["application/vnd.docker.distribution.manifest.v1+json", "u"],
  ["application/json", "j"],
  ["*/*", "x"],
]);

/** All known types, by which a digest is asked for: whoever asks, it stands for the same bytes. */
export const ALL_KNOWN_WORDS = [...KNOWN.keys()].join(", ");

/** A header that names every type a client knows has less than 1 KiB. */
const MAX_HEADER = 8 * 1024;

/**
 * Reads a header. Types that are not known are left out: what the registry answers is decided by `words` alone, so that
 * it is the same for every client of the class.
 * @param header several lines joined by commas (as `Headers.get` does); null is everything, as HTTP has it
 * @returns undefined where no type is known, for a longer header than 8 KiB, and for parameters, also of an unknown
 *   type: `q=0` refuses a type (F9), and a quoted value may hold a comma. Then the header passes as it came, and its
 *   answer says nothing to others
 */
export function readAccept(header: string | null): Accept | undefined {
  const text = header ?? "*/*";
  if (text.length > MAX_HEADER || text.includes(";")) return undefined;
  const named = new Set(text.split(",").map(mediaTypeOf));
  const known = [...KNOWN].filter(([type]) => named.has(type));
  if (known.length === 0) return undefined;
  return {
    class: known.map(([, letter]) => letter).join(""),
    words: known.map(([type]) => type).join(", "),
  };
}

/**
 * True of a manifest that a client reads, by the type that the manifest has: what was remembered for another class may
 * then stand in while the registry fails (S18). A range of types counts only where it is of all: `application/json` is
 * a type like others (RFC 9110, section 12.5.1), not the family of every `…+json`, and who names it alone may know none.
 */
export function accepts(accept: Accept, mediaType: string | null): boolean {
  const types = accept.words.split(", ");
  return types.includes("*/*") || types.includes(mediaTypeOf(mediaType));
}

/** True of a class that takes all four types that are stored, as docker, containerd, podman and their kin do. */
export function isBroad(name: string): boolean {
  return ["i", "l", "m", "d"].every((letter) => name.includes(letter));
}
