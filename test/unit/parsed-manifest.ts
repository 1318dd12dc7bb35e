// What may be stored, found out by parsing the whole document: slower than the scan, and easier to believe.
import { mediaTypeOf } from "../../src/distribution/media-types.ts";
import { parse } from "./json-texts.ts";

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const IMAGES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** The verdict on a document within the bounds (S11). */
export function isStorableByParsing(bytes: Uint8Array, contentType: string): boolean {
  const type = mediaTypeOf(contentType);
  const document = parse(bytes);
  if (typeof document !== "object" || document === null || Array.isArray(document)) return false;
  const names = namesAtTop(new TextDecoder().decode(bytes));
  if (new Set(names).size < names.length) return false;
  const values = new Map(
    Object.entries(document).map(([key, value]) => [key.toUpperCase().toLowerCase(), value as unknown]),
  );
  const said = values.get("mediatype");
  if (said !== undefined && (typeof said !== "string" || mediaTypeOf(said) !== type)) return false;
  const isImage = ["layers", "config", "blobs", "fslayers"].some((name) => values.has(name));
  const isIndex = values.has("manifests");
  return (INDEXES.includes(type) && isIndex && !isImage) || (IMAGES.includes(type) && isImage && !isIndex);
}

/** The keys of the outermost object of a JSON text, repeated ones too, without regard to case. */
function namesAtTop(text: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|[{}[\]]/g)) {
    if (string === undefined) depth += token === "{" || token === "[" ? 1 : -1;
    else if (depth === 1 && colon !== undefined)
      names.push((JSON.parse(string) as string).toUpperCase().toLowerCase());
  }
  return names;
}
