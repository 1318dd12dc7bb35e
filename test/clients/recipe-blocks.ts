// The code blocks of docs/recipes.md, by the comment before each: what the page says is what is run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";

/** The host of the page, for which the test puts its own. */
const PAGE_HOST = "mirror.example.com";

/** Every block that has an id. @throws Error for a comment without a block, or an id that occurs twice */
export function readRecipes(): Map<string, string> {
  const page = readFileSync(join(ROOT, "docs/recipes.md"), "utf8");
  const recipes = new Map<string, string>();
  for (const [, id = "", block] of page.matchAll(/<!-- recipe: (\S+) -->(?:\s*```\w+\n(.*?)```)?/gs)) {
    if (block === undefined || recipes.has(id)) throw new Error(`docs/recipes.md: no single block for ${id}`);
    recipes.set(id, block);
  }
  return recipes;
}

/** The block with the test's host, which speaks http. */
export function localised(block: string, host: string): string {
  return block.replaceAll(`https://${PAGE_HOST}`, `http://${host}`).replaceAll(PAGE_HOST, host);
}
