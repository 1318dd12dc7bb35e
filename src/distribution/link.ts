// The Link header (RFC 8288), through which tag lists, catalogs and referrers lead to their next page.

import { Scanner } from "./scanner.ts";

/** One link: its target as written, and its parameters under lower-case names. */
export interface Link {
  readonly target: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const MAX_HEADER = 16 * 1024;

/** Parses a header; what is not a link is skipped, the first of repeated parameters counts. Never throws. */
export function parseLinks(header: string | null): Link[] {
  if (header === null || header.length > MAX_HEADER) return [];
  const links: Link[] = [];
  const scanner = new Scanner(header);
  for (;;) {
    scanner.skip(/[^<]/);
    scanner.advance();
    const target = scanner.take(/[^>]/);
    if (scanner.done) return links;
    scanner.advance();
    links.push({ target, parameters: parseParameters(scanner) });
  }
}

/** The link as text; `parseLinks` of it is the link. */
export function formatLink(link: Link): string {
  const parameters = [...link.parameters].map(
    ([name, value]) => `; ${name}="${value.replace(/["\\]/g, "\\$&")}"`,
  );
  return `<${link.target}>${parameters.join("")}`;
}

/** Reads `; name=value` up to the comma that ends the link. */
function parseParameters(scanner: Scanner): Map<string, string> {
  const parameters = new Map<string, string>();
  while (!scanner.done && scanner.peek() !== ",") {
    scanner.skip(/[;\s]/);
    const name = scanner.take(/[^\s=;,]/).toLowerCase();
    scanner.skip(/\s/);
    if (scanner.peek() !== "=") {
      if (name === "" && scanner.peek() !== ",") scanner.advance();
      continue;
    }
    scanner.advance();
    scanner.skip(/\s/);
    const value = scanner.peek() === '"' ? scanner.quoted() : scanner.take(/[^\s;,]/);
    if (name !== "" && !parameters.has(name)) parameters.set(name, value);
  }
  return parameters;
}
