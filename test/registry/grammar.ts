// The specification's grammar: repository names, tags, digests. Linear, lengths first.
import { createHash } from "node:crypto";

const COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGESTS: Record<string, RegExp> = { sha256: /^[a-f0-9]{64}$/, sha512: /^[a-f0-9]{128}$/ };

export function isName(name: string): boolean {
  return name.length <= 255 && name.split("/").every((component) => COMPONENT.test(component));
}

export function isTag(reference: string): boolean {
  return reference.length <= 128 && TAG.test(reference);
}

/** Only the algorithms that this registry verifies: sha256 and sha512. */
export function isDigest(reference: string): boolean {
  if (reference.length > 135) return false;
  const colon = reference.indexOf(":");
  const hex = DIGESTS[reference.slice(0, Math.max(colon, 0))];
  return hex !== undefined && hex.test(reference.slice(colon + 1));
}

/** The digest of some bytes, `algorithm:hex`. */
export function digestOf(bytes: Buffer, algorithm = "sha256"): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

/** Whether a well-formed digest is the digest of these bytes, under its own algorithm. */
export function fits(digest: string, bytes: Buffer): boolean {
  return isDigest(digest) && digestOf(bytes, digest.slice(0, digest.indexOf(":"))) === digest;
}
