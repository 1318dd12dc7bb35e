// Manifests as they are stored: documents that mean one thing only (S11), and the Accept headers that choose them.

import { parseObject } from "./json.ts";
import { mediaTypeOf } from "./media-types.ts";

/** Clients refuse larger ones (podman at 4 MiB, containerd a little above). */
export const MAX_MANIFEST = 4 * 1024 * 1024;
/** Larger ones pass unstored (S11). */
export const MAX_STORED_MANIFEST = 256 * 1024;

/** The types of manifests that a stored document may have: of OCI, and of Docker's schema 2. Not schema 1. */
const MANIFEST_TYPES: ReadonlyMap<string, "index" | "image"> = new Map([
  ["application/vnd.oci.image.index.v1+json", "index"],
  ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
  ["application/vnd.oci.image.manifest.v1+json", "image"],
  ["application/vnd.docker.distribution.manifest.v2+json", "image"],
]);

/**
 * True of a manifest that may be stored: JSON with nothing behind it, no key twice at the top, an index or an image
 * and not both (CVE-2021-41190), of the type that its Content-Type says.
 */
export function isStorableManifest(bytes: Uint8Array, contentType: string | null): boolean {
  const type = mediaTypeOf(contentType);
  const kind = MANIFEST_TYPES.get(type);
  if (kind === undefined) return false;
  const text = decode(bytes);
  const document = text === undefined ? undefined : parseObject(text);
  if (text === undefined || document === undefined || hasDuplicateKeys(text)) return false;
  // Without regard to case, as Go's clients read them: no key of theirs may mean another thing to somebody else.
  const keys = new Map(Object.entries(document).map(([key, value]) => [key.toLowerCase(), value]));
  const said = keys.get("mediatype");
  if (said !== undefined && (typeof said !== "string" || mediaTypeOf(said) !== type)) return false;
  const isIndex = keys.has("manifests");
  const isImage = ["layers", "config", "blobs", "fslayers"].some((key) => keys.has(key));
  return kind === "index" ? isIndex && !isImage : isImage && !isIndex;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Types that a client may accept and whose tags are remembered; Accept lists are compared by these. */
export const KNOWN_TYPES: readonly string[] = [
  ...MANIFEST_TYPES.keys(),
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

/** Looks at the keys of the outermost object of a text that is known to be JSON. */
function hasDuplicateKeys(text: string): boolean {
  const seen = new Set<string>();
  const colon = /\s*:/y;
  let depth = 0;
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    else if (character === '"') {
      const end = endOfString(text, position);
      colon.lastIndex = end + 1;
      if (depth === 1 && colon.test(text)) {
        const key = (JSON.parse(text.slice(position, end + 1)) as string).toLowerCase();
        if (seen.has(key)) return true;
        seen.add(key);
      }
      position = end;
    }
  }
  return false;
}

/** The position of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (character === "\\") position += 1;
    else if (character === '"') return position;
  }
  return text.length;
}
