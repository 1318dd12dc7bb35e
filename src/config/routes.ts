// The routes table: its rows, each validated, and the registries that they make together.

import type { Registry, Route, RoutesTable } from "./registry.ts";
import { DOCKER_HUB, knownRegistry, uploadPathsAt } from "../registries.ts";
import {
  isTable,
  readBoolean,
  readList,
  readOrigin,
  readUploadHost,
  readUploadPath,
  readUrl,
  unset,
  type ReportReason,
} from "./values.ts";

type Report = (fault: { row?: string; reason: string }) => void;

/** What one row says, before rows of the same registry are put together. */
interface Row {
  readonly key: string;
  readonly name: string;
  readonly upstream: string;
  readonly realms: readonly string[];
  readonly uploadHosts: readonly string[] | undefined;
  readonly uploadPaths: readonly string[] | undefined;
  readonly mirrors: readonly string[] | undefined;
  readonly library: boolean | undefined;
}

/**
 * Reads the routes table: a table, or its JSON.
 * @param report told of each fault; what is returned beside faults is not to be used
 */
export function readRoutes(value: unknown, report: Report): RoutesTable {
  const routes = new Map<string, Route>();
  const registries = new Map<string, Registry>();
  const table = routesTable(value, report);
  const rows: Row[] = [];
  const seen = new Set<string>();

  for (const [written, entry] of Object.entries(table)) {
    const key = written.toLowerCase();
    const row = readRow(key, entry, (reason) => report({ row: written, reason }));
    if (seen.has(key)) report({ row: written, reason: "the table has this key twice (case does not count)" });
    seen.add(key);
    if (row === "*") routes.set(key, { kind: "universal" });
    else if (row !== undefined) rows.push(row);
  }

  for (const [name, group] of groupByName(rows)) {
    const registry = mergeRows(name, group, report);
    for (const each of [registry.name, ...registry.aliases]) registries.set(each, registry);
    for (const row of group) routes.set(row.key, { kind: "registry", registry });
  }
  if (Object.keys(table).length > 0 && rows.length === 0) {
    report({ reason: "no row names a registry" });
  }
  return { routes, registries };
}

function routesTable(value: unknown, report: Report): Record<string, unknown> {
  if (value === undefined || value === null || value === "") {
    report({
      reason: "the routes table is not set: [vars.ROUTES] in wrangler.toml, one row for each registry",
    });
    return {};
  }
  let table: unknown = value;
  if (typeof value === "string") {
    try {
      table = JSON.parse(value) as unknown;
    } catch {
      report({ reason: "is neither a table nor a JSON object" });
      return {};
    }
  }
  if (!isTable(table)) {
    report({ reason: "is neither a table nor a JSON object" });
    return {};
  }
  if (Object.keys(table).length === 0) report({ reason: "the routes table is empty" });
  return table;
}

const LABEL = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
const OPTIONS = ["upstream", "registry", "realm", "mirrors", "library", "upload_hosts", "upload_paths"];

function readRow(key: string, entry: unknown, report: ReportReason): Row | "*" | undefined {
  if (!key.split(".").every((label) => LABEL.test(label))) {
    report("the key is neither a host label nor a full host name without port");
    return undefined;
  }
  if (key === "localhost") report("localhost is always a universal host: the row can never be reached");
  const options = typeof entry === "string" ? { upstream: entry } : entry;
  if (!isTable(options)) {
    report('the value is neither an upstream URL, nor "*", nor a table with an `upstream`');
    return undefined;
  }
  for (const option of Object.keys(options)) {
    if (OPTIONS.includes(option)) continue;
    const isNested = !("upstream" in options) ? "; a full host name as a key needs quotes" : "";
    report(`\`${option}\` is no option of a row (there are: ${OPTIONS.join(", ")})${isNested}`);
  }
  if (options["upstream"] === "*") {
    const extra = Object.keys(options).filter((option) => option !== "upstream" && OPTIONS.includes(option));
    if (extra.length > 0) report(`a universal row ("*") has no \`${extra.join("`, `")}\``);
    return "*";
  }
  return readRegistryRow(key, options, report);
}

function readRegistryRow(
  key: string,
  options: Readonly<Record<string, unknown>>,
  report: ReportReason,
): Row | undefined {
  const upstream = readOrigin(options["upstream"], "upstream", report);
  if (upstream === undefined) return undefined;
  const known = knownRegistry(new URL(upstream).host);
  const name = readName(options["registry"], report) ?? known?.name ?? new URL(upstream).host;
  const realm = unset(options["realm"]) ? undefined : readUrl(options["realm"], "realm", report)?.origin;
  return {
    key,
    name,
    upstream: known?.upstream ?? upstream,
    // The pinned token service belongs to the upstream, not to the name a row gives it.
    realms: [known?.realm, realm].filter((origin) => origin !== undefined),
    mirrors: readList(options["mirrors"], "mirrors", report, readOrigin),
    uploadHosts: readList(options["upload_hosts"], "upload_hosts", report, readUploadHost),
    uploadPaths: readList(options["upload_paths"], "upload_paths", report, readUploadPath),
    library: readBoolean(options["library"], "library", report),
  };
}

function readName(value: unknown, report: ReportReason): string | undefined {
  if (unset(value)) return undefined;
  const name = typeof value === "string" ? value.toLowerCase() : "";
  // As in image references: what has neither a dot nor a port would be the first part of a repository's name.
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::\d{1,5})?$/.test(name) || !/[.:]/.test(name)) {
    report("`registry` is no registry name such as registry.example.com");
    return undefined;
  }
  return knownRegistry(name)?.name ?? name;
}

function groupByName(rows: readonly Row[]): Map<string, [Row, ...Row[]]> {
  const groups = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
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
        report({ row: other.key, reason: `\`${option}\` of ${name} differs from that of row "${one.key}"` });
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
      choose("upload_paths", (row) => row.uploadPaths) ?? uploadPathsAt(new URL(first.upstream).host),
  };
}
