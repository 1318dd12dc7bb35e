// A query string part by part: what is not touched stays as it came, byte for byte.

import { RegistryError } from "./errors.ts";

/** One `name=value`; `raw` is how it was written. */
export interface QueryPart {
  readonly raw: string;
  readonly name: string;
  readonly value: string;
}

/** Splits a query, with or without its question mark. Never throws: what does not decode stands for itself. */
export function splitQuery(search: string): QueryPart[] {
  const text = search.startsWith("?") ? search.slice(1) : search;
  // Empty parts (`a&&b`) are kept: they are none of our business.
  if (text === "") return [];
  return text.split("&").map((raw) => {
    const equals = raw.indexOf("=");
    const [name, value] = equals === -1 ? [raw, ""] : [raw.slice(0, equals), raw.slice(equals + 1)];
    return { raw, name: decode(name), value: decode(value) };
  });
}

/** The query with its question mark; empty where there are no parts. */
export function joinQuery(parts: readonly QueryPart[]): string {
  return parts.length === 0 ? "" : `?${parts.map((part) => part.raw).join("&")}`;
}

/** A part made here; slashes and colons stay readable, as in repository names and digests. */
export function queryPart(name: string, value: string): QueryPart {
  const raw = `${encodeURIComponent(name)}=${encodeURIComponent(value).replace(/%2F/g, "/").replace(/%3A/g, ":")}`;
  return { raw, name, value };
}

/**
 * The value of a parameter that must not be repeated (S8): two of them could be read as one here and as the other
 * by the registry.
 * @throws RegistryError NAME_INVALID
 */
export function singleParameter(parts: readonly QueryPart[], name: string): string | undefined {
  const values = parts.filter((part) => part.name === name);
  if (values.length > 1) throw new RegistryError("NAME_INVALID", `The query has ${name}= more than once.`);
  return values[0]?.value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
