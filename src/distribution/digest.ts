// Digests computed: with their own algorithm, over the whole content (image-spec, "Digests").

import { algorithmOf, type Digest } from "./reference.ts";

const HASHES: ReadonlyMap<string, string> = new Map([
  ["sha256", "SHA-256"],
  ["sha384", "SHA-384"],
  ["sha512", "SHA-512"],
]);

/** True of digests that can be computed here. */
export function isVerifiable(digest: Digest): boolean {
  return HASHES.has(algorithmOf(digest));
}

/** True if the bytes have that digest, computed with the digest's own algorithm; false for an unknown one. */
export async function hasDigest(bytes: Uint8Array, digest: Digest): Promise<boolean> {
  const hash = HASHES.get(algorithmOf(digest));
  if (hash === undefined) return false;
  return (await encode(bytes, hash)) === digest.slice(digest.indexOf(":") + 1);
}

/** The sha256 digest of bytes. */
export async function digestOf(bytes: Uint8Array): Promise<Digest> {
  return `sha256:${await encode(bytes, "SHA-256")}` as Digest;
}

/** Each byte in hexadecimal digits. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

async function encode(bytes: Uint8Array, hash: string): Promise<string> {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- necessary with the types of Node
  return toHex(new Uint8Array(await crypto.subtle.digest(hash, bytes as Uint8Array<ArrayBuffer>)));
}

/** Bytes in hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte] ?? "";
  return text;
}
