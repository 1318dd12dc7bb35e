// From the environment to a configuration: every value validated, every fault named. The only reader of `env`.

import type { R2Bucket } from "@cloudflare/workers-types";
import { readRoutes } from "./routes.ts";
import { isFalse, isTable, readBucket, readNumber, unset } from "./values.ts";

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
