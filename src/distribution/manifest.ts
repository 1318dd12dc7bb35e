// Manifests as they are stored: documents that mean one thing only (S11).

import { scanObject, type ScanBounds } from "./json-scan.ts";
import { isHtml, manifestKindOf, mediaTypeOf } from "./media-types.ts";

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

/** True of a document that names its own media type, which is optional in OCI. */
export function saysType(bytes: Uint8Array): boolean {
  const members = scanObject(bytes, BOUNDS);
  return typeof members !== "string" && members.some(({ key }) => folded(key) === "mediatype");
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

/** The same of a body of which only the beginning is there: an object is what begins as one. */
export function beginsAsPage(contentType: string | null, head: Uint8Array): boolean {
  const bounds = { ...BOUNDS, bytes: Math.min(BOUNDS.bytes, head.byteLength - 1) };
  return isHtml(contentType) || scanObject(head, bounds) === "broken";
}
