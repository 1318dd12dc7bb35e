// From the environment to a configuration: every value validated, every fault named. The only reader of `env`.

import type { R2Bucket } from "@cloudflare/workers-types";
import { isLoopback } from "./hosts.ts";
import { DOCKER_HUB, knownRegistry } from "./registries.ts";

/** One registry of the table, whatever the number of rows that lead to it. */
export interface Registry {
  /** Its name in prefixes, `ns=` and scopes, e.g. `docker.io`. */
  readonly name: string;
  /** Other names for it. */
  readonly aliases: readonly string[];
  /** Origin it is fetched from, e.g. `https://registry-1.docker.io`. */
  readonly upstream: string;
  /** Origins whose token services may get credentials, beside the upstream's own. */
  readonly realms: readonly string[];
  /** Origins of read-only stand-ins, in order. */
  readonly mirrors: readonly string[];
  /** Complete one-part names with `library/`. */
  readonly library: boolean;
  /** Origin of its search; undefined where it has none. */
  readonly search: string | undefined;
  /** Origins that its upload `Location` may name, beside its own. */
  readonly uploadHosts: readonly string[];
}

/** Where a host leads: to one registry, or to all of the table. */
export type Route =
  { readonly kind: "registry"; readonly registry: Registry } | { readonly kind: "universal" };

export interface Config {
  /** The table's keys in lower case: labels, and (with a dot) full host names. */
  readonly routes: ReadonlyMap<string, Route>;
  /** The registries under each of their names and aliases. */
  readonly registries: ReadonlyMap<string, Registry>;
  /** Milliseconds for which a tag's digest is believed without asking. */
  readonly tagTtlMs: number;
  /** Bytes of the largest blob that is kept in the Cache API. */
  readonly cacheMaxBlob: number;
  /** For larger blobs; undefined where the owner bound none. */
  readonly bucket: R2Bucket | undefined;
}

/** What is wrong with a variable; `row` is the key in the routes table, which may be a secret: not for strangers. */
export interface Fault {
  readonly variable: string;
  readonly row?: string;
  readonly reason: string;
}

export type ConfigResult =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Access rules that a version without access control would silently ignore: an owner who sets one wants a closed
 * proxy, so that it must not be served open.
 */
const ACCESS_VARIABLES = [
  "ACCESS_USERS",
  "ALLOWED_COUNTRIES",
  "ALLOWED_IPS",
  "ALLOWED_REPOSITORIES",
  "BLOCKED_REPOSITORIES",
  "READ_ONLY",
  "UPSTREAM_CREDENTIALS",
];

const DEFAULT_TAG_TTL_S = 60;
const MAX_TAG_TTL_S = 24 * 60 * 60;
/** Hashing costs about 2 ms of CPU for each MiB, and the free plan has 10 ms for a request. */
const DEFAULT_CACHE_MAX_BLOB = 2 * 1024 * 1024;
/** All fills of an isolate together may hold 16 MiB. */
const MOST_CACHE_MAX_BLOB = 16 * 1024 * 1024;

/** Reads and validates the environment. Never throws: what is wrong comes back as faults, all of them at once. */
export function readConfig(env: unknown): ConfigResult {
  const variables = isTable(env) ? env : {};
  const faults: Fault[] = [];
  for (const variable of ACCESS_VARIABLES) {
    const value = variables[variable];
    if (unset(value) || (variable === "READ_ONLY" && isFalse(value))) continue;
    faults.push({
      variable,
      reason:
        "access control is not part of this version, and the proxy is not opened in spite of it: remove it",
    });
  }
  const routes = readRoutes(variables["ROUTES"], (fault) => faults.push({ variable: "ROUTES", ...fault }));
  const number = (variable: string, fallback: number, most: number): number =>
    readNumber(variables[variable], fallback, most, (reason) => faults.push({ variable, reason }));
  const config: Config = {
    ...routes,
    tagTtlMs: 1000 * number("TAG_TTL", DEFAULT_TAG_TTL_S, MAX_TAG_TTL_S),
    cacheMaxBlob: number("CACHE_MAX_BLOB", DEFAULT_CACHE_MAX_BLOB, MOST_CACHE_MAX_BLOB),
    bucket: readBucket(variables["BLOBS"], (reason) => faults.push({ variable: "BLOBS", reason })),
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

/** A fault as one line, for the log and for `check-config`. */
export function describeFault(fault: Fault): string {
  const row = fault.row === undefined ? "" : `, row "${fault.row}"`;
  return `${fault.variable}${row}: ${fault.reason}`;
}

type Report = (fault: { row?: string; reason: string }) => void;

/** What one row says, before rows of the same registry are put together. */
interface Row {
  readonly key: string;
  readonly name: string;
  readonly upstream: string;
  readonly realms: readonly string[];
  readonly uploadHosts: readonly string[] | undefined;
  readonly mirrors: readonly string[] | undefined;
  readonly library: boolean | undefined;
}

function readRoutes(value: unknown, report: Report): Pick<Config, "routes" | "registries"> {
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
const OPTIONS = ["upstream", "registry", "realm", "mirrors", "library", "upload_hosts"];

function readRow(key: string, entry: unknown, report: (reason: string) => void): Row | "*" | undefined {
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
  report: (reason: string) => void,
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
    library: readBoolean(options["library"], "library", report),
  };
}

function readName(value: unknown, report: (reason: string) => void): string | undefined {
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
  };
}

/** An https URL without userinfo (http for loopback, for tests and development). */
function readUrl(value: unknown, option: string, report: (reason: string) => void): URL | undefined {
  const url = typeof value === "string" ? parseUrl(value) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.hash !== "") {
    report(`\`${option}\` is no URL such as https://registry.example.com`);
    return undefined;
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    report(`\`${option}\` must be https (http is for loopback addresses only)`);
    return undefined;
  }
  return url;
}

function readOrigin(value: unknown, option: string, report: (reason: string) => void): string | undefined {
  const url = readUrl(value, option, report);
  if (url === undefined) return undefined;
  if (url.pathname !== "/" || url.search !== "") {
    report(`\`${option}\` must be an origin, without path and query: ${url.origin}`);
    return undefined;
  }
  return url.origin;
}

function readUploadHost(
  value: unknown,
  option: string,
  report: (reason: string) => void,
): string | undefined {
  const host = typeof value === "string" && /^[a-z0-9.:-]+$/i.test(value) ? value : "";
  const url = parseUrl(`https://${host}`);
  if (host === "" || url === undefined) {
    report(`\`${option}\` has an entry that is no host name`);
    return undefined;
  }
  return isLoopback(url.hostname) ? new URL(`http://${host}`).origin : url.origin;
}

/** An array, or a string split at commas, spaces and line ends; unset is undefined, an empty array is a choice. */
function readList(
  value: unknown,
  option: string,
  report: (reason: string) => void,
  read: (item: unknown, option: string, report: (reason: string) => void) => string | undefined,
): string[] | undefined {
  if (unset(value)) return undefined;
  const items = typeof value === "string" ? value.split(/[\s,]+/).filter((item) => item !== "") : value;
  if (!Array.isArray(items)) {
    report(`\`${option}\` is neither a list nor a string`);
    return undefined;
  }
  return items.map((item) => read(item, option, report)).filter((item) => item !== undefined);
}

function readBoolean(value: unknown, option: string, report: (reason: string) => void): boolean | undefined {
  if (unset(value)) return undefined;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  report(`\`${option}\` is neither true nor false`);
  return undefined;
}

/** A whole number from 0 to `most`, as a number or in digits; unset is the fallback. */
function readNumber(
  value: unknown,
  fallback: number,
  most: number,
  report: (reason: string) => void,
): number {
  if (unset(value)) return fallback;
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0 && number <= most)
    return number;
  report(`is no whole number from 0 to ${most}`);
  return fallback;
}

function readBucket(value: unknown, report: (reason: string) => void): R2Bucket | undefined {
  if (unset(value)) return undefined;
  if (isTable(value) && typeof value["get"] === "function" && typeof value["put"] === "function") {
    return value as unknown as R2Bucket;
  }
  report("is no R2 bucket: bind one in wrangler.toml, with [[r2_buckets]]");
  return undefined;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function unset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function isFalse(value: unknown): boolean {
  return value === false || value === "false";
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
