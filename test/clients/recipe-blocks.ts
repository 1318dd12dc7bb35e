// Where recipes are written: docs/recipes.md, with an id in a comment before each block, and the pages of the proxy, with one at
// each box. What they say is what is run.

import { deepStrictEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Offer } from "../../src/page/convert/offer.ts";
import { ROOT } from "../tools/configuration.ts";
import type { Upstream } from "./upstreams.ts";

/** Commands, or a file. */
export interface Block {
  readonly text: string;
  /** Where the file goes, if that is below /etc. */
  readonly file?: string;
}

/** A document or a page. */
export interface Source {
  /** What the titles of its recipes end with. */
  readonly suffix: string;
  /** The host that its recipes are for. */
  readonly host: string;
  /** The registry of names there that name none. */
  readonly registry: Upstream;
  readonly blocks: ReadonlyMap<string, Block>;
  /** What the page lets its converter rewrite. */
  readonly offer?: Offer;
}

/** The host of the document, for which the test puts its own. */
const DOCUMENT_HOST = "mirror.example.com";
/** A registry of the reader's own, in the document as on the pages. */
const OWN_REGISTRY = "registry.example.com";

/** What a document or page is for. */
export interface Place extends Pick<Source, "suffix" | "host" | "registry"> {
  /** The registry that stands for the reader's. */
  readonly own: Upstream;
}

/** @throws Error for a comment without a block, or an id that occurs twice */
export function readDocument({ own, ...place }: Place): Source {
  const { host } = place;
  const text = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");
  const blocks = new Map<string, Block>();
  for (const { index, 1: id = "", 2: block } of text.matchAll(
    /<!-- recipe: (\S+) -->(?:\s*```\w+\n(.*?)```)?/gs,
  )) {
    if (block === undefined || blocks.has(id)) throw new Error(`docs/recipes.md: no single block for ${id}`);
    const local = block
      .replaceAll(`https://${DOCUMENT_HOST}`, `http://${host}`)
      .replaceAll(DOCUMENT_HOST, host);
    // The last thing in backticks before it, if it is a file.
    const file = /`(\/etc\/[^`\s]+)`[^`]*$/.exec(text.slice(0, index))?.[1];
    blocks.set(id, { text: withOwnRegistry(local, own), ...(file === undefined ? {} : { file }) });
  }
  return { ...place, blocks };
}

/** The English page at the root of a host: it is the Worker's answer, with the addresses that it was asked by. */
export async function readPage({ own, ...place }: Place): Promise<Source> {
  const { host } = place;
  const answer = await fetch(`http://${host}/`, { headers: { "Accept-Language": "en" } });
  deepStrictEqual([answer.status, answer.headers.get("Content-Language")], [200, "en"]);
  const page = await answer.text();
  const boxes = [
    ...page.matchAll(
      /<figure>\s*(?:<figcaption>([^<]*)<\/figcaption>)?\s*<pre data-recipe="([^"]+)">([^<]*)<\/pre>\s*<\/figure>/g,
    ),
  ];
  ok(boxes.length > 0, `the page of ${host} has no boxes`);
  deepStrictEqual(boxes.length, page.match(/<pre/g)?.length, `boxes of ${host} that are not understood`);
  const blocks = new Map<string, Block>();
  for (const [, caption, id = "", box = ""] of boxes) {
    const text = withOwnRegistry(`${unescaped(box)}\n`, own);
    const file = caption?.startsWith("/etc/") === true ? caption : undefined;
    // A page has a box for each registry where the document has a line.
    const before = blocks.get(id)?.text ?? "";
    blocks.set(id, { text: before + text, ...(file === undefined ? {} : { file }) });
  }
  const [, data = "{}"] = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(page) ?? [];
  const { offer } = JSON.parse(data) as { offer?: Offer };
  return { ...place, blocks, ...(offer === undefined ? {} : { offer }) };
}

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}

function withOwnRegistry(text: string, { url }: Upstream): string {
  return text.replaceAll(OWN_REGISTRY, new URL(url).host);
}
