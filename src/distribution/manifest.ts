// Manifests as they are stored: documents that mean one thing only (S11), and the Accept headers that choose them.

import { scanObject, type ScanBounds } from "./json-scan.ts";
import { isHtml, manifestKindOf, mediaTypeOf } from "./media-types.ts";

/** Clients refuse larger ones (podman at 4 MiB, containerd a little above). */
export const MAX_MANIFEST = 4 * 1024 * 1024;

/** Longer ones pass unstored, as do those that reach another of the bounds below (S11). */
export const MAX_STORED_MANIFEST = 256 * 1024;

/** No manifest of a common tool comes near; what is beyond costs more than it is worth (F2). */
const BOUNDS: ScanBounds = { bytes: MAX_STORED_MANIFEST, keys: 64, values: 10_000, depth: 32 };

/** Keys that an image has, of OCI, Docker and artifacts, and that an index must not have. */
const IMAGE_KEYS = ["layers", "config", "blobs", "fslayers"];

/**
 * True of a manifest that may be stored: JSON within bounds, with nothing behind it, no key twice at the top, an index
 * or an image and not both (CVE-2021-41190), of the type that its Content-Type says.
 */
export function isStorableManifest(bytes: Uint8Array, contentType: string | null): boolean {
  const kind = manifestKindOf(contentType);
  if (kind === undefined) return false;
  const members = scanObject(bytes, BOUNDS);
  if (members === "broken" || members === "beyond") return false;
  const values = new Map(members.map(({ key, start, end }) => [folded(key), bytes.subarray(start, end)]));
  if (values.size < members.length) return false;
  const said = values.get("mediatype");
  if (said !== undefined && mediaTypeOf(textOf(said)) !== mediaTypeOf(contentType)) return false;
  const isIndex = values.has("manifests");
  const isImage = IMAGE_KEYS.some((key) => values.has(key));
  return kind === "index" ? isIndex && !isImage : isImage && !isIndex;
}

/**
 * A key without regard to case, as Go's clients read keys: none may mean one thing to them and another to somebody else.
 * By way of upper case, since to Go the long s of `layer\u017f` is an s too, and its lower case is itself.
 */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}

/** What a JSON string says, or null for a value that is none, which is not parsed. */
function textOf(value: Uint8Array): string | null {
  const text = new TextDecoder().decode(value);
  return text.startsWith('"') ? (JSON.parse(text) as string) : null;
}

/**
 * True of a page for people where a manifest should be (S18): typed HTML, or no JSON object. What it says is neither
 * the registry's yes nor its no.
 * @param body of a GET; undefined for a HEAD, which the type alone tells. One that is beyond the bounds of storing
 *   counts as an object if it begins as one
 */
export function isPage(contentType: string | null, body: Uint8Array | undefined): boolean {
  return isHtml(contentType) || (body !== undefined && scanObject(body, BOUNDS) === "broken");
}

/** Types that a client may accept and whose tags are remembered; Accept lists are compared by these. */
export const KNOWN_TYPES: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application/vnd.oci.artifact.manifest.v1+json",
];

/**
 * The class of an Accept header: clients of one class get the same manifest for a tag.
 * @returns undefined where it names a type that is not known here, whose answer is not remembered
 */
export function acceptClass(accept: string | null): string | undefined {
  const types = (accept ?? "*/*")
    .split(",")
    .map(mediaTypeOf)
    .filter((type) => type !== "");
  const known = new Set<number>();
  for (const type of types) {
    const index = KNOWN_TYPES.indexOf(type);
    if (type === "*/*") known.add(KNOWN_TYPES.length);
    else if (type === "application/json") known.add(KNOWN_TYPES.length + 1);
    else if (index === -1) return undefined;
    else known.add(index);
  }
  return [...known].sort((one, other) => one - other).join(".");
}
