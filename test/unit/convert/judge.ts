// What a converted text must be, told by a library that reads YAML, and by rules of its own for names.
import { isDeepStrictEqual } from "node:util";
import { isPair, isScalar, parseAllDocuments, visit, type Document, type Scalar } from "yaml";
import { applyEdits } from "../../../src/page/convert/edits.ts";
import type { Offer } from "../../../src/page/convert/offer.ts";
import { convertYaml, type ConvertedYaml } from "../../../src/page/convert/yaml.ts";

/** Keys whose values may get other words. */
const KEYS = /^(?:newName|reference|registry|repository|source)$|image$/i;

/** The documents of a text; undefined for one that the library does not read. */
export function parse(text: string): Document[] | undefined {
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "silent" });
  if (!Array.isArray(documents)) return [];
  if (documents.some((document) => document.errors.length > 0)) return undefined;
  try {
    // Aliases are resolved here, and can fail.
    for (const document of documents) document.toJS({ maxAliasCount: -1 });
  } catch {
    return undefined;
  }
  return documents;
}

/** A scalar, and the key that it is below. */
export interface Placed {
  readonly key: string;
  readonly scalar: Scalar;
}

/** The scalars of documents in their order, keys among them. */
export function scalarsOf(documents: readonly Document[]): Placed[] {
  const all: Placed[] = [];
  for (const document of documents) {
    visit(document, {
      Scalar(where, scalar, path) {
        const pair = where === "key" ? undefined : path.findLast((step) => isPair(step));
        all.push({ key: isScalar(pair?.key) ? String(pair.key.value) : "", scalar });
      },
    });
  }
  return all;
}

/** What a text is called through the proxy, in as few rules as possible. */
function renamed(key: string, text: string, offer: Offer): string {
  const inner = /^(.*docker-image:\/\/|\$\{\w+:?-)(.*)$/s.exec(text);
  const [front, name] = [inner?.[1] ?? "", inner?.[2] ?? text];
  for (const { name: registry, aliases, prefix } of offer.served) {
    for (const one of [registry, ...aliases]) {
      if (name.startsWith(`${one}/`)) return front + prefix + name.slice(one.length + 1);
      if (key === "registry" && name === one) return prefix.slice(0, -1);
    }
  }
  return `${front}${offer.served[0]?.prefix ?? ""}${name}`;
}

/** What is wrong with a conversion; undefined where nothing is, or where the library does not read the text. */
export function faultOf(text: string, offer: Offer): string | undefined {
  const { edits, rewritten } = convertYaml(text, offer);
  const before = parse(text);
  if (before === undefined || edits.length === 0) return undefined;
  const result = applyEdits(text, edits);
  const after = parse(result);
  if (after === undefined) return `no longer YAML:\n${result}`;
  const [old, now] = [scalarsOf(before), scalarsOf(after)];
  if (old.length !== now.length) return `other scalars:\n${result}`;
  let changed = 0;
  for (const [index, { key, scalar }] of now.entries()) {
    const { value } = old[index]?.scalar ?? {};
    // The key of merges is a symbol, another one for each document.
    if (value === scalar.value || typeof value === "symbol") continue;
    changed += 1;
    // Aliases may use what has an anchor at a place of images.
    const isPlace =
      KEYS.test(key) || scalar.anchor !== undefined || String(value).includes("docker-image://");
    const isRight = isPlace && typeof value === "string" && scalar.value === renamed(key, value, offer);
    if (!isRight) return `${key}: ${String(value)} became ${String(scalar.value)}`;
    scalar.value = value;
  }
  if (changed !== rewritten.length) return `${changed} images changed, and ${rewritten.length} are told`;
  const plain = (all: readonly Document[]): unknown[] =>
    all.map((one) => one.toJS({ maxAliasCount: -1 }) as unknown);
  if (!isDeepStrictEqual(plain(before), plain(after))) return `other values:\n${result}`;
  if (convertYaml(result, offer).edits.length > 0) return `not done at once:\n${result}`;
  return undefined;
}

/** Values of `image` that neither go through the proxy nor are told. */
export function untold(text: string, { left, edits }: ConvertedYaml, offer: Offer): string[] {
  const documents = parse(applyEdits(text, edits)) ?? [];
  // What is written with escapes is told as it is written.
  const told = new Set(left.map((one) => one.image));
  const hasEscapes = left.some((one) => one.reason === "escapes");
  return scalarsOf(documents)
    .filter(({ key, scalar }) => key === "image" && typeof scalar.value === "string" && scalar.value !== "")
    .filter(({ scalar }) => !offer.hosts.some((host) => String(scalar.value).includes(`${host}/`)))
    .filter(({ scalar }) => !told.has(String(scalar.value)) && !hasEscapes)
    .map(({ scalar }) => String(scalar.value));
}
