// The routes table: its rows, and the registries that they make together.

import { DOCKER_HUB, knownRegistry, knownUploadPaths } from "../registries.ts";
import { isWithin } from "./edits.ts";
import { describeJsonFault } from "./json-fault.ts";
import { objectionsToLoops, ownHosts } from "./loops.ts";
import { quote } from "./quote.ts";
import type { Registry, Route, RoutesTable } from "./registry.ts";
import { describeRow, readRow, type Row, type RowName } from "./row.ts";
import { isTable, type ReportReason } from "./values.ts";

type Report = (fault: { row?: RowName; reason: string }) => void;

/**
 * Reads the routes table: a table, or its JSON.
 * @param hosts full names of hosts that exist beside those of the table, so that no row may lead to them
 * @param report told of each fault; what is returned beside faults is not to be used
 */
export function readRoutes(value: unknown, hosts: readonly string[], report: Report): RoutesTable {
  const entries = Object.entries(routesTable(value, (reason) => report({ reason })) ?? {});
  const rows = new Map<string, Row | "*" | undefined>();
  for (const [index, [written, entry]] of entries.entries()) {
    const key = written.toLowerCase();
    const shown = mayBeSecret(entry) ? index + 1 : written;
    const row = readRow(written, shown, entry, (reason) => report({ row: shown, reason }));
    if (rows.has(key)) report({ row: shown, reason: "the table has this key twice (case does not count)" });
    else rows.set(key, row);
  }
  const universal = [...rows.values()].filter((row) => row === "*");
  if (rows.size > 0 && universal.length === rows.size) report({ reason: "no row names a registry" });

  const registries = new Map<string, Registry>();
  const own = ownHosts(rows.keys(), hosts);
  for (const [name, group] of groupByName(rows.values())) {
    const registry = mergeRows(name, group, report);
    for (const reason of objectionsToLoops(registry, own)) report({ row: group[0].shown, reason });
    for (const each of [registry.name, ...registry.aliases]) registries.set(each, registry);
  }
  return { routes: routesOf(rows, registries), registries };
}

/** Where each row leads, in the table's order. */
function routesOf(
  rows: ReadonlyMap<string, Row | "*" | undefined>,
  registries: ReadonlyMap<string, Registry>,
): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const [key, row] of rows) {
    if (row === "*") routes.set(key, { kind: "universal" });
    const registry = typeof row === "object" ? registries.get(row.name) : undefined;
    if (registry !== undefined) routes.set(key, { kind: "registry", registry });
  }
  return routes;
}

/** True of a row by which its owner wants to let people in: its label is what they must know (S16). */
function mayBeSecret(entry: unknown): boolean {
  return isTable(entry) && Object.keys(entry).some((option) => isWithin(1, option.toLowerCase(), "key"));
}

function routesTable(value: unknown, report: ReportReason): Record<string, unknown> | undefined {
  if (value === undefined || value === null || value === "") {
    report("the routes table is not set: [vars.ROUTES] in wrangler.toml, one row for each registry");
    return undefined;
  }
  const table = typeof value === "string" ? parseJson(value, report) : value;
  if (table === undefined) return undefined;
  if (!isTable(table)) {
    const json = typeof value === "string" ? "JSON, but " : "";
    report(`is ${json}${quote(table)}: write a table, with one row for each registry`);
    return undefined;
  }
  if (Object.keys(table).length === 0) report("the routes table is empty");
  return table;
}

function parseJson(text: string, report: ReportReason): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    report(`is not JSON: at ${describeJsonFault(text)}`);
    return undefined;
  }
}

function groupByName(rows: Iterable<Row | "*" | undefined>): Map<string, [Row, ...Row[]]> {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    if (typeof row !== "object") continue;
    const group = groups.get(row.name);
    if (group === undefined) groups.set(row.name, [row]);
    else group.push(row);
  }
  return groups;
}

/** Rows of the same registry complete each other; they must not contradict each other. */
function mergeRows(name: string, group: readonly [Row, ...Row[]], report: Report): Registry {
  const [first] = group;
  const known = knownRegistry(name);
  // Defaults that send names elsewhere or trust another host apply to the public registry only, not to a
  // private upstream that an owner gave the same name.
  const itself = known !== undefined && known.upstream === first.upstream ? known : undefined;
  const choose = <T>(option: string, read: (row: Row) => T | undefined): T | undefined => {
    const said = group.filter((row) => read(row) !== undefined);
    const [one] = said;
    for (const other of said.slice(1)) {
      if (one !== undefined && JSON.stringify(read(one)) !== JSON.stringify(read(other))) {
        const reason = `\`${option}\` of ${name} differs from that of ${describeRow(one.shown)}`;
        report({ row: other.shown, reason });
      }
    }
    return one && read(one);
  };
  choose("upstream", (row) => row.upstream);
  return {
    name,
    aliases: known?.aliases ?? [],
    upstream: first.upstream,
    realms: [...new Set(group.flatMap((row) => row.realms))],
    mirrors: choose("mirrors", (row) => row.mirrors) ?? itself?.mirrors ?? [],
    library: choose("library", (row) => row.library) ?? known?.library ?? false,
    // Docker Hub is the only registry whose search clients know; one served from elsewhere is searched there.
    search: name === DOCKER_HUB ? (itself?.search ?? first.upstream) : undefined,
    uploadHosts: choose("upload_hosts", (row) => row.uploadHosts) ?? itself?.uploadHosts ?? [],
    uploadPaths:
      choose("upload_paths", (row) => row.uploadPaths) ?? knownUploadPaths(new URL(first.upstream).hostname),
    store: choose("store", (row) => row.store) ?? true,
  };
}
