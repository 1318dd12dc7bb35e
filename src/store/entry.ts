// What a kept thing is called, and whether a hit is it (S10): nothing else in the Worker makes a key or looks at a name.

import { digestOf, toHex } from "../distribution/digest.ts";
import { parseObject } from "../distribution/json.ts";
import type { Digest, RepositoryName, Tag } from "../distribution/reference.ts";
import { remember } from "../isolate.ts";

/** A thing that is kept, by all that it is. Named fields, so that no two of them can be swapped. */
export type Entry =
  /** That a repository is public, or that it is denied: two entries, so that neither can be written over by the other. */
  | {
      readonly kind: "proof" | "denial";
      readonly upstream: string;
      readonly repository: RepositoryName;
    }
  /** What a tag stands for. */
  | {
      readonly kind: "tag";
      readonly upstream: string;
      readonly repository: RepositoryName;
      readonly tag: Tag;
    }
  | {
      readonly kind: "manifest" | "blob";
      readonly upstream: string;
      readonly repository: RepositoryName;
      readonly digest: Digest;
    }
  /** An anonymous token. */
  | { readonly kind: "token"; readonly upstream: string; readonly scope: string };

/** Content of a repository: what is of that kind, and has that digest. */
export type ContentEntry = Extract<Entry, { readonly digest: Digest }>;

/** What an object says of itself beside its name. */
export type Words = Readonly<Record<string, string>>;

/** Most are needed twice: to look, and to write. Nothing is known here but names. */
const keys = remember<string, string>({
  entries: 2000,
  bytes: 1024 * 1024,
  sizeOf: (key, name) => key.length + name.length,
});

/** Whose things they are: the class is part of every key (S10). */
export interface Class {
  /** Names it, and the account of a private one. */
  readonly name: string;
  /** What the keys of a private class are made with; nobody who does not have it can tell where a thing is. */
  readonly secret: CryptoKey | undefined;
}

/** Everything that anybody may read. */
export const PUBLIC: Class = { name: "public", secret: undefined };

/** Where a thing is kept: a hash in hexadecimal digits, so that nothing can be asked for by writing its name. */
export async function keyOf(entry: Entry, of: Class = PUBLIC): Promise<string> {
  // As JSON, so that no two names read alike.
  const name = JSON.stringify(Object.values(nameOf(entry, of)));
  const known = keys.get(name);
  if (known !== undefined) return known;
  const bytes = new TextEncoder().encode(name);
  const key = of.secret === undefined ? hashOf(await digestOf(bytes)) : await macOf(bytes, of.secret);
  keys.set(name, key);
  return key;
}

function hashOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

async function macOf(bytes: Uint8Array, secret: CryptoKey): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", secret, Uint8Array.from(bytes))));
}

/** An object's metadata: its words, and its name over them. */
export function label(entry: Entry, words: Words, of: Class = PUBLIC): Words {
  return { ...words, ...nameOf(entry, of) };
}

/** Words that were written as JSON; undefined for what is not a JSON object. Members that are not strings are left out. */
export function parseWords(json: string): Words | undefined {
  const object = parseObject(json);
  const isText = (field: [string, unknown]): field is [string, string] => typeof field[1] === "string";
  return object && Object.fromEntries(Object.entries(object).filter(isText));
}

/** The words of an object that is the entry; undefined where it is another thing, or does not say what it is. */
export function wordsOf(entry: Entry, metadata: Words, of: Class = PUBLIC): Words | undefined {
  const name = Object.entries(nameOf(entry, of));
  return name.every(([field, value]) => metadata[field] === value) ? metadata : undefined;
}

function nameOf(entry: Entry, of: Class): Readonly<Record<string, string>> {
  const { kind, upstream } = entry;
  const name = { class: of.name, kind, upstream };
  switch (entry.kind) {
    case "proof":
    case "denial":
      return { ...name, repository: entry.repository, reference: "" };
    case "tag":
      return { ...name, repository: entry.repository, reference: entry.tag };
    case "manifest":
    case "blob":
      return { ...name, repository: entry.repository, reference: entry.digest };
    case "token":
      return { ...name, repository: "", reference: entry.scope };
  }
}
