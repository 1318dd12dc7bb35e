// docs/recipes.md, run as written, through the universal host: its files where the clients look for them, its commands in a
// shell. What differs is the host, http, and the folder that stands in for /etc.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { readRecipes } from "./recipe-blocks.ts";
import { Cook } from "./recipe-menu.ts";
import type { Kitchen } from "./recipe-menu.ts";
import { CONTAINERD } from "./recipes-containerd.ts";
import { DOCKER } from "./recipes-docker.ts";
import { PODMAN } from "./recipes-podman.ts";
import { WRANGLER } from "./recipes-wrangler.ts";

const MENUS = [DOCKER, CONTAINERD, PODMAN, WRANGLER];

/** Runs what has `filter` in its title or client. Prints as it goes. @returns a title and whether it passed, for each */
export async function tryRecipes(
  kitchen: Kitchen,
  scratch: string,
  filter: (title: string) => boolean,
): Promise<Map<string, boolean>> {
  const blocks = readRecipes();
  const results = new Map<string, boolean>();
  const tried = new Set(MENUS.flatMap(({ dishes }) => dishes.flatMap(({ recipes }) => recipes)));
  for (const id of blocks.keys()) if (!tried.has(id)) throw new Error(`nothing runs the recipe ${id}`);
  for (const [at, { client, prepare, dishes }] of MENUS.entries()) {
    const wanted = dishes.filter(({ title }) => filter(`${client} · ${title}`));
    if (wanted.length === 0) continue;
    const folder = join(scratch, `recipes-${at}`);
    mkdirSync(folder, { recursive: true });
    const cook = new Cook(kitchen, folder, blocks);
    const daemon = await prepare(cook);
    for (const { title, run } of wanted) {
      const failure = await run(cook).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      const name = `recipe · ${client} · ${title}`;
      results.set(name, failure === undefined);
      console.log(`${failure === undefined ? "passed" : "FAILED"} ${name}`);
      if (failure !== undefined) console.log(failure.replace(/^/gm, "    "));
    }
    await daemon?.stop();
  }
  return results;
}
