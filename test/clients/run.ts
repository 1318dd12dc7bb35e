// Real clients against the upstreams themselves and through the Worker. Run by `npm run test:clients`; see README.md.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBuildah } from "./buildah.ts";
import { BRAKE_OPERATIONS } from "./brake-operations.ts";
import type { StartClient } from "./client.ts";
import { CLOSED_OPERATIONS } from "./closed-operations.ts";
import { CLOSED_OUTPUTS, KEY_HOST_NAME } from "./closed-targets.ts";
import { startCtr } from "./containerd.ts";
import { hasContainerdStore, startDocker, startDockerOnContainerd } from "./docker.ts";
import { isWantedClient, isWantedOperation, isWantedRecipe, wantsAll, wantsRecipes } from "./filters.ts";
import { addHosts } from "./hosts-file.ts";
import { startTargets, withGuarded } from "./lanes.ts";
import type { Cleanup, Lane } from "./lanes.ts";
import { settle, STORE_OPERATIONS } from "./store-operations.ts";
import { OPEN_OPERATIONS } from "./open-operations.ts";
import { OPERATIONS } from "./operations.ts";
import type { Operation, Trial } from "./operations.ts";
import { startPodman } from "./podman.ts";
import { Stopped, stopAll } from "../tools/processes.ts";
import { installPrograms } from "./programs.ts";
import { tryRecipes } from "./recipes.ts";
import { giveBack, runAsRoot } from "./root.ts";
import { makeScratch, removeScratch } from "./scratch.ts";
import { startSkopeo } from "./skopeo.ts";
import { count, renderTable } from "./table.ts";
import type { Cell, Row } from "./table.ts";
import { HOST_NAMES, slug } from "./targets.ts";
import type { Target } from "./targets.ts";
import { OUTPUT, outputOf } from "./worker.ts";

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

/** Columns, and the rows that they have. */
interface Table {
  /** The columns' labels: every lane has the same. */
  readonly columns: Set<string>;
  readonly operations: readonly Operation[];
  readonly rows: readonly Row[];
}

/** A proxy for everybody, and the registries themselves. */
const OPEN = [...OPERATIONS, ...STORE_OPERATIONS, ...OPEN_OPERATIONS];
/** A proxy that is closed or has a brake. buildah has podman's library and podman's logins: it is not tried there. */
const GUARDED = [...CLOSED_OPERATIONS, ...BRAKE_OPERATIONS];
const GUARDED_CLIENTS = ["docker", "containerd", "podman", "skopeo"];

/** The clients of the lane that has the recipes. All others, and the closed proxies, take about as long. */
const BESIDE_RECIPES = ["docker", NEWER_DOCKER, "containerd"];
const isBesideRecipes = (client: string): boolean => BESIDE_RECIPES.includes(client);

/** Beside each other, since one alone leaves a third of two cores idle. A client that is new is in the second. */
const LANES: readonly Lane[] = [
  {
    name: "clients-docker",
    guarded: [],
    clients: Object.keys(CLIENTS).filter(isBesideRecipes),
    recipes: true,
  },
  {
    name: "clients-podman",
    guarded: GUARDED_CLIENTS,
    clients: Object.keys(CLIENTS).filter((client) => !isBesideRecipes(client)),
    recipes: false,
  },
];

const cleanups: Cleanup[] = [];

async function main(): Promise<number> {
  await installPrograms();
  mkdirSync(OUTPUT, { recursive: true });
  const scratch = makeScratch();
  cleanups.push(() => removeScratch(scratch));
  cleanups.push(addHosts([...HOST_NAMES, KEY_HOST_NAME]));

  const clients = await wantedClients();
  const tables = {
    open: tableOf(OPEN, Object.keys(clients)),
    guarded: tableOf(
      GUARDED,
      GUARDED_CLIENTS.filter((name) => name in clients),
    ),
  };
  const results: Results = { failures: [], notes: [] };
  const run: Run = { clients, tables, scratch, results };
  const recipes = await Promise.all(LANES.map((lane) => runLane(lane, run)));
  return report([tables.open, tables.guarded], results, new Map(recipes.flatMap((some) => [...some])));
}

/** What is said of cells. */
interface Results {
  readonly failures: string[];
  readonly notes: string[];
}

/** What the lanes have in common. */
interface Run {
  readonly clients: Readonly<Record<string, StartClient>>;
  readonly tables: { readonly open: Table; readonly guarded: Table };
  readonly scratch: string;
  readonly results: Results;
}

function tableOf(all: readonly Operation[], clients: readonly string[]): Table {
  const operations = all.filter(isWantedOperation);
  const rows = clients.flatMap((client) =>
    operations.map(({ name }) => ({ client, operation: name, cells: new Map<string, Cell>() })),
  );
  return { columns: new Set(), operations, rows };
}

/** @returns whether they passed, for the recipes */
async function runLane(lane: Lane, run: Run): Promise<Map<string, boolean>> {
  const { tables, scratch } = run;
  const isTried = (table: Table, clients: readonly string[]): boolean =>
    table.rows.some(({ client }) => clients.includes(client));
  if (isTried(tables.guarded, lane.guarded))
    await withGuarded(scratch, (targets) => fill(tables.guarded, lane.guarded, targets, run));
  const cooks = lane.recipes && wantsRecipes;
  if (!cooks && !isTried(tables.open, lane.clients)) return new Map();
  const { targets, kitchen } = await startTargets(lane, scratch, (cleanup) => cleanups.push(cleanup));
  await fill(tables.open, lane.clients, targets, run);
  if (!cooks) return new Map();
  for (const target of targets) await settle(target);
  return tryRecipes(kitchen, scratch, isWantedRecipe);
}

async function fill(
  table: Table,
  names: readonly string[],
  targets: readonly Target[],
  { clients, scratch, results }: Run,
): Promise<void> {
  for (const { label } of targets) table.columns.add(label);
  for (const name of names) {
    const startClient = clients[name];
    const rows = table.rows.filter(({ client }) => client === name);
    if (startClient === undefined || rows.length === 0) continue;
    for (const target of targets) {
      if (name === NEWER_DOCKER && target.worker === undefined) continue;
      await tryClient(name, startClient, target, { ...table, rows }, scratch, results);
    }
  }
}

async function wantedClients(): Promise<Record<string, StartClient>> {
  const wanted = Object.entries(CLIENTS).filter(([name]) => isWantedClient(name));
  if (wanted.every(([name]) => name !== NEWER_DOCKER) || (await hasContainerdStore()))
    return Object.fromEntries(wanted);
  console.log(`${NEWER_DOCKER} is left out: this dockerd cannot keep its images in containerd`);
  return Object.fromEntries(wanted.filter(([name]) => name !== NEWER_DOCKER));
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
    ...(wantsAll ? untried(tables, recipes) : []),
    ...tableFailures,
    ...[...recipes].filter(([, passed]) => !passed).map(([title]) => title),
  ];
  const texts = tables.filter(({ rows, columns }) => rows.length > 0 && columns.size > 0).map(renderOne);
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

/** What no lane has tried, of a run that is to try everything. */
function untried(tables: readonly Table[], recipes: ReadonlyMap<string, boolean>): string[] {
  const lost = tables.flatMap(({ rows }, at) =>
    [...new Set(rows.map(({ client }) => client))]
      .filter((name) => rows.every(({ client, cells }) => client !== name || cells.size === 0))
      .map((name) => `${name} · no lane tries it in table ${at + 1}`),
  );
  return recipes.size > 0 ? lost : [...lost, "recipes · no lane tries them"];
}

function renderOne({ rows, columns }: Table): string {
  return renderTable(rows, [...columns]);
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
  for (const folder of [OUTPUT, ...LANES.map(({ name }) => outputOf(name)), ...CLOSED_OUTPUTS])
    giveBack(folder);
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
