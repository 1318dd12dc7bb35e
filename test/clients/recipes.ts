// docs/recipes.md and the pages of the proxy, run as written: their files where the clients look for them, their commands in a
// shell. What differs is http, the folder that stands in for /etc, the reader's own registry, and the document's host.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Stopped } from "../tools/processes.ts";
import type { Daemon } from "../tools/processes.ts";
import { readDocument, readPage } from "./recipe-blocks.ts";
import type { Source } from "./recipe-blocks.ts";
import { Cook } from "./recipe-menu.ts";
import type { Dish, Kitchen, Menu } from "./recipe-menu.ts";
import { CONTAINERD } from "./recipes-containerd.ts";
import { CONVERTER } from "./recipes-convert.ts";
import { DOCKER, OWN_LOGIN } from "./recipes-docker.ts";
import { PODMAN } from "./recipes-podman.ts";
import { SETUP } from "./recipes-setup.ts";
import { WRANGLER } from "./recipes-wrangler.ts";

const MENUS = [DOCKER, CONTAINERD, PODMAN, CONVERTER, SETUP, WRANGLER];

/** Blocks that no program here can run, and why. */
const NOT_RUN = new Map([["helm-oras", "helm and oras are in no package of the distribution"]]);

const DOOR = ", from the door of a closed proxy";

type Filter = (title: string) => boolean;

/** Runs what has `filter` in its title or client. Prints as it goes. @returns a title and whether it passed, for each */
export async function tryRecipes(
  kitchen: Kitchen,
  scratch: string,
  filter: Filter,
): Promise<Map<string, boolean>> {
  const results = new Map<string, boolean>();
  // A page that cannot be had must not take the rest of the report with it.
  const failure = await failureOf(async () => {
    const sources = await readSources(kitchen, filter);
    expectAllTried(sources, filter);
    for (const [at, menu] of MENUS.entries()) {
      for (const [from, source] of sources.entries()) {
        const folder = join(scratch, `recipes-${at}-${from}`);
        await tryMenu(menu, { kitchen, folder, source, filter, results });
      }
    }
  });
  if (failure !== undefined) note(results, "document and pages", failure);
  return results;
}

async function readSources(kitchen: Kitchen, filter: Filter): Promise<Source[]> {
  const { host, hubHost, openHost, hub, open: own } = kitchen;
  const sources = [
    readDocument({ suffix: "", host, registry: hub, own }),
    await readPage({ suffix: ", from the page", host, registry: hub, own }),
    await readPage({ suffix: ", from the page of one registry", host: hubHost, registry: hub, own }),
    // The page has no name for it, and shows what its visitors know by themselves.
    await readPage({ suffix: ", from the page of a nameless registry", host: openHost, registry: own, own }),
  ];
  // It takes a Worker of its own.
  if (!filter(`${DOCKER.client} · ${OWN_LOGIN}${DOOR}`)) return sources;
  const { registry: door, upstream: registry } = await kitchen.closed();
  return [...sources, await readPage({ suffix: DOOR, host: door, registry, own })];
}

/** @throws Error for a block that is run by nothing and is no exception, and for a recipe that no source has the blocks of */
function expectAllTried(sources: readonly Source[], filter: Filter): void {
  for (const { client, dishes } of MENUS) {
    const lost = dishes.find((dish) => !sources.some((source) => isMadeOf(source, dish)));
    if (lost !== undefined && filter(`${client} · ${lost.title}`))
      throw new Error(`nothing has the blocks of "${lost.title}"`);
  }
  for (const source of sources) {
    const dishes = MENUS.flatMap((menu) => menu.dishes).filter((dish) => isMadeOf(source, dish));
    const tried = new Set(dishes.flatMap(({ recipes, optional = [] }) => [...recipes, ...optional]));
    for (const id of source.blocks.keys())
      if (!tried.has(id) && !NOT_RUN.has(id))
        throw new Error(`nothing runs the recipe ${id}${source.suffix}`);
  }
}

function isMadeOf({ blocks, offer, suffix }: Source, { recipes, converts = false }: Dish): boolean {
  if (converts) return offer?.served.some(({ name }) => name === "ghcr.io") === true;
  if (recipes.length === 0) return suffix === "";
  return recipes.every((id) => blocks.has(id));
}

/** What one menu is tried with. */
interface Order {
  readonly kitchen: Kitchen;
  readonly folder: string;
  readonly source: Source;
  readonly filter: Filter;
  readonly results: Map<string, boolean>;
}

async function tryMenu(
  { client, prepare, dishes }: Menu,
  { kitchen, folder, source, filter, results }: Order,
): Promise<void> {
  const named = dishes
    .filter((dish) => isMadeOf(source, dish))
    .map(({ title, run }) => ({ title: `${client} · ${title}${source.suffix}`, run }));
  const wanted = named.filter(({ title }) => filter(title));
  if (wanted.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const cook = new Cook(kitchen, folder, source);
  let daemon: Daemon | undefined;
  const prepared = await failureOf(async () => {
    daemon = await prepare(cook);
  });
  for (const { title, run } of wanted) {
    const began = performance.now();
    const failure = prepared ?? (await failureOf(() => run(cook)));
    note(results, `${title} (${((performance.now() - began) / 1000).toFixed(1)} s)`, failure);
  }
  await daemon?.stop();
}

function note(results: Map<string, boolean>, title: string, failure: string | undefined): void {
  const name = `recipe · ${title}`;
  results.set(name, failure === undefined);
  console.log(`${failure === undefined ? "passed" : "FAILED"} ${name}`);
  if (failure !== undefined) console.log(failure.replace(/^/gm, "    "));
}

async function failureOf(trial: () => Promise<void>): Promise<string | undefined> {
  return trial().then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Stopped) throw error;
      return error instanceof Error ? error.message : String(error);
    },
  );
}
