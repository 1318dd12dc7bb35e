// From the environment to a configuration: every value validated, every fault named. The only reader of `env`.

import { RegistryError } from "../distribution/errors.ts";
import { checkNames, readAccess, type Access } from "./access.ts";
import { readDataset, readLimiter, type Dataset, type RateLimiter } from "./bindings.ts";
import { EVERYTHING, readBucket, type BucketSettings } from "./bucket.ts";
import { isSecretHost, secretLabels, withoutLabels } from "./key-rows.ts";
import { readHosts } from "./loops.ts";
import { BYTES, readNumber, SECONDS, type Measure } from "./numbers.ts";
import { readPage, type PageSettings } from "./page.ts";
import { ANY_NAMES } from "./pattern-text.ts";
import type { RoutesTable } from "./registry.ts";
import { readRepositoryPatterns } from "./repository-patterns.ts";
import { readTable } from "./routes-table.ts";
import { readRoutes } from "./routes.ts";
import { describeRow, type RowName } from "./row.ts";
import { isTable, type ReportReason } from "./values.ts";

export interface Config extends RoutesTable, BucketSettings {
  /** Milliseconds for which a tag's digest is believed without asking. */
  readonly tagTtlMs: number;
  /** Bytes of the largest blob that is kept in the Cache API. */
  readonly cacheMaxBlob: number;
  /** Full names of hosts that exist, in lower case: they may be named on the page, and no redirect may lead to them. */
  readonly hosts: readonly string[];
  readonly page: PageSettings;
  readonly access: Access;
  /** A brake on what costs a registry's quota; undefined where the owner bound none. */
  readonly limiter: RateLimiter | undefined;
  /** Where requests are counted for the owner; undefined where there is no such place. */
  readonly metrics: Dataset | undefined;
}

/** What is wrong with a variable; `row` is a row of the routes table, which is not for strangers. */
export interface Fault {
  readonly variable: string;
  readonly row?: RowName;
  readonly reason: string;
}

export type ConfigResult =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly Fault[] };

const DEFAULT_TAG_TTL_S = 60;
const MAX_TAG_TTL_S = 24 * 60 * 60;
/** A fill of so much takes some 7 ms of CPU (docs/cpu.md), and the free plan has 10 ms for a request. */
const DEFAULT_CACHE_MAX_BLOB = 1024 * 1024;
/** A fill counts its blob twice, and all fills of an isolate together may hold 16 MiB. */
const MOST_CACHE_MAX_BLOB = 8 * 1024 * 1024;

const HOST_OF_KEY = "has the host of a row with `key`, which nobody is to learn: remove it";

/** Reads and validates the environment. Never throws: what is wrong comes back as faults, all of them at once. */
export function readConfig(env: unknown): ConfigResult {
  const variables = isTable(env) ? env : {};
  const faults: Fault[] = [];
  const reportOf =
    (variable: string): ReportReason =>
    (reason) =>
      faults.push({ variable, reason });
  checkNames(variables, (fault) => faults.push(fault));
  const rows = readTable(variables["ROUTES"], reportOf("ROUTES"));
  const labels = secretLabels(rows);
  const hosts = readHosts(variables["HOSTS"], reportOf("HOSTS"));
  if (hosts.some((host) => isSecretHost(host, labels))) reportOf("HOSTS")(HOST_OF_KEY);
  const routes = readRoutes(rows, hosts, (fault) => faults.push({ variable: "ROUTES", ...fault }));
  const isSound = !faults.some(({ variable }) => variable === "ROUTES");
  const access = readAccess(variables, isSound ? routes : undefined, reportOf);
  const kept = readRepositoryPatterns(
    variables["BUCKET_REPOSITORIES"],
    isSound ? routes : ANY_NAMES,
    reportOf("BUCKET_REPOSITORIES"),
  );
  const number = (variable: string, ...bounds: [measure: Measure, fallback: number, most: number]): number =>
    readNumber(variables[variable], ...bounds, reportOf(variable));
  const config: Config = {
    ...routes,
    tagTtlMs: 1000 * number("TAG_TTL", SECONDS, DEFAULT_TAG_TTL_S, MAX_TAG_TTL_S),
    cacheMaxBlob: number("CACHE_MAX_BLOB", BYTES, DEFAULT_CACHE_MAX_BLOB, MOST_CACHE_MAX_BLOB),
    bucket: readBucket(variables["BLOBS"], reportOf("BLOBS")),
    bucketRepositories: kept ?? (access.isClosed ? EVERYTHING : []),
    hosts,
    page: readPage(variables, reportOf),
    access,
    limiter: readLimiter(variables["RATE_LIMITER"], reportOf("RATE_LIMITER")),
    metrics: readDataset(variables["METRICS"], reportOf("METRICS")),
  };
  if (faults.length === 0) return { ok: true, config };
  // A value that is shown may have a key's label in it, though it stand in another variable (S16).
  return {
    ok: false,
    faults: faults.map((fault) => ({ ...fault, reason: withoutLabels(fault.reason, labels) })),
  };
}

/** Environments that were read: the platform hands the same object to every request of an isolate. */
const read = new WeakMap<object, ConfigResult>();

/** The environment's configuration, read once for each `env` object. */
export function configOf(env: unknown): ConfigResult {
  if (typeof env !== "object" || env === null) return readConfig(env);
  const known = read.get(env);
  if (known !== undefined) return known;
  const result = readConfig(env);
  read.set(env, result);
  return result;
}

/** The configuration to serve by. @throws RegistryError UNKNOWN with 500 for a faulty one */
export function requireConfig(env: unknown): Config {
  const result = configOf(env);
  if (result.ok) return result.config;
  // The variables only: a row's key can be a secret. The log and `npm run check-config` say all.
  const variables = [...new Set(result.faults.map((fault) => fault.variable))].join(", ");
  throw new RegistryError(
    "UNKNOWN",
    `This proxy's configuration has ${result.faults.length} fault(s), in ${variables}. Its owner finds them in the ` +
      "Worker's log, and with `npm run check-config`.",
    { status: 500 },
  );
}

/** A fault as one line, for the log and for `check-config`. */
export function describeFault(fault: Fault): string {
  const row = fault.row === undefined ? "" : `, ${describeRow(fault.row)}`;
  return `${fault.variable}${row}: ${fault.reason}`;
}
