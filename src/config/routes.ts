// The routes table: its rows, and the registries that they make together.

import { DOCKER_HUB } from "../distribution/reference.ts";
import { knownRegistry, knownUploadPaths } from "../registries.ts";
import { isSecretHost, mayBeKeyRow, secretLabels } from "./key-rows.ts";
import { objectionsToLoops, ownHosts } from "./loops.ts";
import { quote } from "./quote.ts";
import type { Registry, Route, RoutesTable } from "./registry.ts";
import { describeRow, readRow, type Row, type RowName, type Universal } from "./row.ts";
import type { Written } from "./routes-table.ts";

type Report = (fault: { row?: RowName; reason: string }) => void;

/**
 * Makes a table of its rows.
 * @param hosts full names of hosts that exist beside those of the table, so that no row may lead to them
 * @param report told of each fault; what is returned beside faults is not to be used
 */
export function readRoutes(table: readonly Written[], hosts: readonly string[], report: Report): RoutesTable {
  const labels = secretLabels(table);
  const rows = new Map<string, Row | Universal | undefined>();
  for (const [index, { key: written, entry, repeated }] of table.entries()) {
    const key = written.toLowerCase();
    const shown = isSecretHost(key, labels) ? index + 1 : written;
    const row = readRow(written, shown, entry, (reason) => report({ row: shown, reason }));
    for (const option of repeated)
      report({ row: shown, reason: `has ${quote(option)} twice: which of them counts cannot be told` });
    if (rows.has(key)) report({ row: shown, reason: "the table has this key twice (case does not count)" });
    else rows.set(key, row);
  }
  for (const row of objectionsToFullNames(table)) report({ row, reason: FULL_NAME_OF_KEY });
  const universal = [...rows.values()].filter((row) => typeof row === "string");
  if (rows.size > 0 && universal.length === rows.size) report({ reason: "no row names a registry" });

  const registries = new Map<string, Registry>();
  const own = ownHosts(rows.keys(), hosts);
  const groups = groupByName(rows.values());
  for (const [row, reason] of objectionsToStores(groups.values())) report({ row, reason });
  for (const [name, group] of groups) {
    const registry = mergeRows(name, group, report);
    for (const reason of objectionsToLoops(registry, own)) report({ row: group[0].shown, reason });
    for (const each of [registry.name, ...registry.aliases]) registries.set(each, registry);
  }
  return { routes: routesOf(rows, registries), registries };
}

/** Where each row leads, in the table's order. */
function routesOf(
  rows: ReadonlyMap<string, Row | Universal | undefined>,
  registries: ReadonlyMap<string, Registry>,
): Map<string, Route> {
  const routes = new Map<string, Route>();
  for (const [index, [key, row]] of [...rows].entries()) {
    if (row === "*") routes.set(key, { kind: "universal" });
    if (row === "key") routes.set(key, { kind: "universal", key: true, row: index + 1 });
    const registry = typeof row === "object" ? registries.get(row.name) : undefined;
    if (registry !== undefined) routes.set(key, { kind: "registry", registry });
  }
  return routes;
}

const FULL_NAME_OF_KEY =
  "begins with the label of a row with `key`, which it would win over, and show to everybody: remove one of the two";

/** Numbers of rows by a full name that another row keeps secret. */
function objectionsToFullNames(table: readonly Written[]): number[] {
  const labels = secretLabels(table.filter(({ key }) => !key.includes(".")));
  return table.flatMap(({ key, entry }, index) =>
    key.includes(".") && !mayBeKeyRow(entry) && isSecretHost(key, labels) ? [index + 1] : [],
  );
}

function groupByName(rows: Iterable<Row | Universal | undefined>): Map<string, [Row, ...Row[]]> {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    if (typeof row !== "object") continue;
    const group = groups.get(row.name);
    if (group === undefined) groups.set(row.name, [row]);
    else group.push(row);
  }
  return groups;
}

/** What is kept is kept by its upstream: where one name's rows say that nothing is, another name's would still find it. */
function objectionsToStores(groups: Iterable<readonly [Row, ...Row[]]>): [RowName, string][] {
  const all = [...groups];
  const keepsNothing = (group: readonly Row[]): boolean => group.some(({ store }) => store === false);
  return all.filter(keepsNothing).flatMap(([first, ...others]) =>
    all
      .filter((group) => group[0].upstream === first.upstream && !keepsNothing(group))
      .map(([{ shown, upstream }]): [RowName, string] => {
        const where = describeRow(
          [first, ...others].find(({ store }) => store === false)?.shown ?? first.shown,
        );
        return [shown, `nothing of ${upstream} is to be kept, by ${where}: write \`store = false\` here too`];
      }),
  );
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
