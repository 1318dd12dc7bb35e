// Real clients against the upstreams themselves and through the Worker. Run by `npm run test:clients`; see README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startBuildah } from "./buildah.ts";
import { BRAKE_OPERATIONS } from "./brake-operations.ts";
import type { StartClient } from "./client.ts";
import { CLOSED_OPERATIONS } from "./closed-operations.ts";
import { BY_LOGIN, CLOSED_OUTPUTS, startClosedTargets } from "./closed-targets.ts";
import { startCtr } from "./containerd.ts";
import { hasContainerdStore, startDocker, startDockerOnContainerd } from "./docker.ts";
import { addHosts } from "./hosts-file.ts";
import { settle, settleAll, STORE_OPERATIONS } from "./store-operations.ts";
import { OPEN_OPERATIONS } from "./open-operations.ts";
import { OPERATIONS } from "./operations.ts";
import type { Operation, Trial } from "./operations.ts";
import { startPodman } from "./podman.ts";
import { Stopped, stopAll } from "../tools/processes.ts";
import { installPrograms } from "./programs.ts";
import type { Kitchen } from "./recipe-menu.ts";
import { tryRecipes } from "./recipes.ts";
import { giveBack, runAsRoot } from "./root.ts";
import { makeScratch, removeScratch } from "./scratch.ts";
import { startSkopeo } from "./skopeo.ts";
import { count, renderTable } from "./table.ts";
import type { Cell, Row } from "./table.ts";
import { directTarget, hostNames, routes, slug, universalTarget, workerTarget } from "./targets.ts";
import type { Target } from "./targets.ts";
import { startDockerHub, startGitHub, startOpenRegistry } from "./upstreams.ts";
import type { Upstream } from "./upstreams.ts";
import { OUTPUT, startWorker } from "./worker.ts";

/** Only where the distribution's docker is new enough, and only through the Worker (README.md). */
const NEWER_DOCKER = "docker-containerd";
const CLIENTS: Record<string, StartClient> = {
  docker: startDocker,
  [NEWER_DOCKER]: startDockerOnContainerd,
  containerd: startCtr,
  podman: startPodman,
  skopeo: startSkopeo,
  buildah: startBuildah,
};

/**
 * Each filter keeps what has these words in its name: `--client docker --target direct --op push` of the table,
 * `--recipe podman` of docs/recipes.md. Filters of one leave the other out.
 */
const option = { type: "string" } as const;
const { values: filters } = parseArgs({
  options: { client: option, target: option, op: option, recipe: option },
});
const filtersTable = [filters.client, filters.target, filters.op].some((filter) => filter !== undefined);
const wantsRecipes = filters.recipe !== undefined || !filtersTable;
const wantsTable = filtersTable || filters.recipe === undefined;

/** Columns, and the rows that they have. */
interface Table {
  targets: readonly Target[];
  operations: readonly Operation[];
  clients: readonly string[];
  rows: Row[];
}

/** A proxy for everybody, and the registries themselves. */
const OPEN = [...OPERATIONS, ...STORE_OPERATIONS, ...OPEN_OPERATIONS];
/** A proxy that is closed or has a brake. buildah has podman's library and podman's logins: it is not tried there. */
const GUARDED = [...CLOSED_OPERATIONS, ...BRAKE_OPERATIONS];
const GUARDED_CLIENTS = ["docker", "containerd", "podman", "skopeo"];

type Cleanup = () => void | Promise<void>;
const cleanups: Cleanup[] = [];

async function main(): Promise<number> {
  await installPrograms();
  mkdirSync(OUTPUT, { recursive: true });
  const scratch = makeScratch();
  cleanups.push(() => removeScratch(scratch));
  const { targets, kitchenWith } = await startTargets(scratch);
  const guarded = await startGuarded(scratch);
  const kitchen = kitchenWith(() => closedByLogin(guarded, scratch));
  const hosts = [...targets, ...guarded].map(({ registry }) => registry);
  cleanups.push(addHosts(hostNames([...hosts, kitchen.host, kitchen.hubHost, kitchen.openHost])));

  const tables: Table[] = [
    { targets, operations: OPEN.filter(isWantedOperation), clients: Object.keys(CLIENTS), rows: [] },
    { targets: guarded, operations: GUARDED.filter(isWantedOperation), clients: GUARDED_CLIENTS, rows: [] },
  ];
  const results: Results = { failures: [], notes: [] };
  const clients = wantsTable ? await wantedClients() : [];
  for (const table of tables) await fill(table, clients, scratch, results);
  await settleAll();
  const recipes = wantsRecipes
    ? await tryRecipes(kitchen, scratch, (title) => matches(filters.recipe, title))
    : new Map<string, boolean>();
  return report(tables, results, recipes);
}

/** What is said of cells. */
interface Results {
  readonly failures: string[];
  readonly notes: string[];
}

async function fill(
  { targets, operations, clients, rows }: Table,
  wanted: readonly [string, StartClient][],
  scratch: string,
  results: Results,
): Promise<void> {
  if (targets.length === 0 || operations.length === 0) return;
  for (const [client, startClient] of wanted) {
    if (!clients.includes(client)) continue;
    const clientRows = operations.map((operation) => ({
      client,
      operation: operation.name,
      cells: new Map<string, Cell>(),
    }));
    rows.push(...clientRows);
    for (const target of targets) {
      if (client === NEWER_DOCKER && target.worker === undefined) continue;
      await tryClient(client, startClient, target, { operations, rows: clientRows }, scratch, results);
    }
  }
}

async function startGuarded(scratch: string): Promise<Target[]> {
  if (!wantsTable || !GUARDED.some(isWantedOperation)) return [];
  const isWantedColumn = (label: string): boolean => matches(filters.target, label);
  return startClosedTargets(isWantedColumn, scratch, (cleanup) => cleanups.push(cleanup));
}

/** The proxy that people log in to, which the table has already where it has that column. */
async function closedByLogin(guarded: readonly Target[], scratch: string): Promise<Target> {
  const running = guarded.find(({ label }) => label === BY_LOGIN);
  if (running !== undefined) {
    await running.closed?.revive();
    return running;
  }
  const [started] = await startClosedTargets(
    (label) => label === BY_LOGIN,
    scratch,
    (cleanup) => cleanups.push(cleanup),
  );
  if (started === undefined) throw new Error(`there is no proxy "${BY_LOGIN}"`);
  return started;
}

async function wantedClients(): Promise<[string, StartClient][]> {
  const wanted = Object.entries(CLIENTS).filter(([name]) => matches(filters.client, name));
  if (await hasContainerdStore()) return wanted;
  console.log(`${NEWER_DOCKER} is left out: this dockerd cannot keep its images in containerd`);
  return wanted.filter(([name]) => name !== NEWER_DOCKER);
}

/** Starts what is needed for the wanted targets. */
async function startTargets(
  scratch: string,
): Promise<{ targets: Target[]; kitchenWith: (closed: () => Promise<Target>) => Kitchen }> {
  const hub = await startDockerHub();
  cleanups.push(hub.close);
  const github = await startGitHub(scratch);
  cleanups.push(github.close);
  const open = await startOpenRegistry();
  cleanups.push(open.close);
  const upstreams: Upstream[] = [hub, github, open];
  const direct = upstreams.map(directTarget).filter(isWanted);
  // No label depends on the port, which is not known before the Worker runs.
  const throughWorker = (port: number) => [
    ...upstreams.map((one) => workerTarget(one, port)),
    // On a host of all registries nobody writes without a login, so there is little to try of one that has none.
    ...upstreams.filter(({ login }) => login !== undefined).map((one) => universalTarget(one, port)),
  ];
  const kitchenAt =
    (port: number) =>
    (startClosed: Kitchen["closed"]): Kitchen => {
      const host = universalTarget(hub, port).registry;
      const [hubHost, openHost] = [workerTarget(hub, port).registry, workerTarget(open, port).registry];
      let started: Promise<Target> | undefined;
      return { host, hubHost, openHost, hub, github, open, closed: () => (started ??= startClosed()) };
    };
  if (!wantsRecipes && !throughWorker(0).some(isWanted))
    return { targets: direct, kitchenWith: kitchenAt(0) };
  const worker = await startWorker(routes(upstreams), scratch);
  cleanups.push(() => worker.stop());
  const served = throughWorker(worker.port).filter(isWanted);
  return {
    targets: [...direct, ...served.map((target) => ({ ...target, worker }))],
    kitchenWith: kitchenAt(worker.port),
  };
}

function isWanted({ label }: Target): boolean {
  return matches(filters.target, label);
}

function isWantedOperation({ name }: Operation): boolean {
  return matches(filters.op, name);
}

async function tryClient(
  name: string,
  startClient: StartClient,
  target: Target,
  { operations, rows }: Pick<Table, "operations" | "rows">,
  scratch: string,
  { failures, notes }: Results,
): Promise<void> {
  const folder = join(scratch, `${name}-${slug(target)}`);
  mkdirSync(folder, { recursive: true });
  const client = await startClient(target, folder).catch((error: unknown) => describe(error));
  if (typeof client === "string") {
    for (const row of rows) row.cells.set(target.label, "failed");
    console.log(`FAILED ${name} · ${target.label} · start\n${client}`);
    failures.push(`${name} · ${target.label} · start`);
    return;
  }
  const last = new Set(operations.filter(({ isLast }) => isLast).map((operation) => operation.name));
  const inTurn = [...rows].sort(
    (one, other) => Number(last.has(one.operation)) - Number(last.has(other.operation)),
  );
  for (const row of inTurn) {
    const title = `${name} · ${target.label} · ${row.operation}`;
    const note = (text: string): void => {
      if (!notes.includes(`${title}: ${text}`)) notes.push(`${title}: ${text}`);
    };
    const trial: Trial = { name, client, target, note };
    const operation = operations.find((one) => one.name === row.operation);
    if (operation === undefined || !operation.exists(trial)) continue;
    const began = performance.now();
    const failure = await attempt(trial, operation);
    row.cells.set(target.label, failure === undefined ? "passed" : "failed");
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${failure === undefined ? "passed" : "FAILED"} ${title} (${seconds} s)`);
    if (failure === undefined) continue;
    console.log(failure.replace(/^/gm, "    "));
    failures.push(title);
  }
  await client.stop();
}

/** What went wrong, if anything. Where it was the development server that ended, it is tried once more. */
async function attempt(trial: Trial, operation: Operation, isLast = false): Promise<string | undefined> {
  const failure = await settle(trial.target)
    .then(() => trial.client.forget())
    .then(() => operation.run(trial))
    .then(() => undefined, describe);
  if (failure === undefined || isLast || !(await (trial.target.closed ?? trial.target.worker)?.revive()))
    return failure;
  console.log(`wrangler ended by itself during ${operation.name}, which is tried again`);
  return attempt(trial, operation, true);
}

function report(
  tables: readonly Table[],
  { failures: tableFailures, notes }: Results,
  recipes: ReadonlyMap<string, boolean>,
): number {
  const served = [...recipes].filter(([, passed]) => passed).length;
  const failures = [
    ...tableFailures,
    ...[...recipes].filter(([, passed]) => !passed).map(([title]) => title),
  ];
  const texts = tables.filter(({ rows }) => rows.length > 0).map(renderOne);
  if (texts.length > 0) {
    const text = [...texts, notes.map((note) => `- ${note}`).join("\n")].join("\n\n").trimEnd();
    writeFileSync(join(OUTPUT, "table.md"), `${text}\n`);
    console.log(`\n${text}\n`);
  }
  for (const title of failures) console.log(`FAILED ${title}`);
  if (failures.some((title) => !title.includes("direct")))
    console.log(`the Worker's logs, one for each start: ${OUTPUT}*/worker*.log`);
  const rows = tables.flatMap((table) => table.rows);
  const passed = count(rows, "passed") + served;
  console.log(`${passed} passed (${served} recipes), ${failures.length} failed`);
  // Nothing tried is not a success: a filter was mistyped.
  return failures.length > 0 || passed === 0 ? 1 : 0;
}

function renderOne({ rows, targets }: Table): string {
  return renderTable(
    rows,
    targets.map(({ label }) => label),
  );
}

function matches(filter: string | undefined, name: string): boolean {
  return filter === undefined || name.toLowerCase().includes(filter.toLowerCase());
}

function describe(error: unknown): string {
  if (error instanceof Stopped) throw error;
  return error instanceof Error ? error.message : String(error);
}

async function cleanUp(): Promise<void> {
  await stopAll();
  for (const cleanup of cleanups.reverse()) {
    try {
      await cleanup();
    } catch (error) {
      console.error("while cleaning up:", error);
    }
  }
  for (const folder of [OUTPUT, ...CLOSED_OUTPUTS]) giveBack(folder);
}

let cleaned: Promise<void> | undefined;

/** Ends the program, once for all who ask. A server that was started but not filled must not keep it alive. */
async function finish(): Promise<never> {
  cleaned ??= cleanUp();
  await cleaned;
  process.exit();
}

if (process.getuid?.() !== 0) process.exit(runAsRoot());
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    process.exitCode = 130;
    void finish();
  });
}
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Stopped)) {
    console.error(error);
    process.exitCode = 1;
  }
}
await finish();
