// Lanes of the run, and what each has for itself: cells count what arrives at a registry, put it in trouble and start the Worker
// anew, so that lanes beside each other share no upstream and no Worker.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BY_LOGIN, FOR_RECIPES, startClosedTargets } from "./closed-targets.ts";
import { isWanted, wantsRecipes } from "./filters.ts";
import type { Kitchen } from "./recipe-menu.ts";
import { directTarget, routes, universalTarget, workerTarget } from "./targets.ts";
import type { Target } from "./targets.ts";
import { startDockerHub, startGitHub, startOpenRegistry } from "./upstreams.ts";
import type { Upstream } from "./upstreams.ts";
import { startWorker } from "./worker.ts";

export type Cleanup = () => void | Promise<void>;
type OnCleanup = (cleanup: Cleanup) => void;

export interface Lane {
  /** Of the folders that its Worker and its upstreams have. */
  readonly name: string;
  /** The clients of the first table that are tried here, one after the other. */
  readonly clients: readonly string[];
  /** Those of the second table, which are tried before. */
  readonly guarded: readonly string[];
  /** Whether the recipes are run here, after the tables. */
  readonly recipes: boolean;
}

/** Starts what is needed for the wanted targets of a lane. */
export async function startTargets(
  { name, recipes }: Lane,
  scratch: string,
  onCleanup: OnCleanup,
): Promise<{ targets: Target[]; kitchen: Kitchen }> {
  const folder = join(scratch, name);
  mkdirSync(folder);
  const hub = await startDockerHub();
  onCleanup(hub.close);
  const github = await startGitHub(folder);
  onCleanup(github.close);
  const open = await startOpenRegistry();
  onCleanup(open.close);
  const upstreams: Upstream[] = [hub, github, open];
  const direct = upstreams.map(directTarget).filter(isWanted);
  // No label depends on the port, which is not known before the Worker runs.
  const throughWorker = (port: number) => [
    ...upstreams.map((one) => workerTarget(one, port)),
    // On a host of all registries nobody writes without a login, so there is little to try of one that has none.
    ...upstreams.filter(({ login }) => login !== undefined).map((one) => universalTarget(one, port)),
  ];
  const kitchenAt = (port: number): Kitchen => {
    const host = universalTarget(hub, port).registry;
    const [hubHost, openHost] = [workerTarget(hub, port).registry, workerTarget(open, port).registry];
    let started: Promise<Target> | undefined;
    const closed = () => (started ??= startClosedByLogin(scratch, onCleanup));
    return { host, hubHost, openHost, hub, github, open, closed };
  };
  if (!(recipes && wantsRecipes) && !throughWorker(0).some(isWanted))
    return { targets: direct, kitchen: kitchenAt(0) };
  const worker = await startWorker(name, routes(upstreams), folder);
  onCleanup(() => worker.stop());
  const served = throughWorker(worker.port).filter(isWanted);
  return {
    targets: [...direct, ...served.map((target) => ({ ...target, worker }))],
    kitchen: kitchenAt(worker.port),
  };
}

/** Has the wanted targets of the second table for as long as `use` takes: an idle wrangler goes on watching its files. */
export async function withGuarded(
  scratch: string,
  use: (targets: readonly Target[]) => Promise<void>,
): Promise<void> {
  const cleanups: Cleanup[] = [];
  try {
    const isWantedColumn = (label: string): boolean => isWanted({ label });
    await use(await startClosedTargets(isWantedColumn, scratch, (cleanup) => cleanups.push(cleanup)));
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

/** The proxy that people log in to, once more: the table's may be in use in another lane. */
async function startClosedByLogin(scratch: string, onCleanup: OnCleanup): Promise<Target> {
  const [started] = await startClosedTargets((label) => label === BY_LOGIN, scratch, onCleanup, FOR_RECIPES);
  if (started === undefined) throw new Error(`there is no proxy "${BY_LOGIN}"`);
  return started;
}
