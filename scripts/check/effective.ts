// What the two files come to: each host and what it reaches, each setting and whether it is the default.

import type { ShownRow } from "../../src/access/shown.ts";
import { readConfig, type Config } from "../../src/config/config.ts";
import { isKeyRoute, type Registry, type Route } from "../../src/config/registry.ts";
import { isTable, isTrue } from "../../src/config/values.ts";
import { findRoute } from "../../src/routing/hosts.ts";
import { describeKept, isUsual } from "./bucket.ts";
import { hostsOf, patternsOf } from "./domains.ts";
import { bindingsOf, environmentOf, type Files, type Table } from "./files.ts";
import { shownToOwner } from "./rows.ts";

/**
 * One line for each host of `routes`, with the addresses behind it and the options that are not the default; then the rows
 * that none of them leads to. Without such hosts, or with a wildcard beside them, these are hosts on a domain not known here.
 */
export function describeTable(config: Config, wrangler: Table): string[] {
  const { keyRows, rows } = shownToOwner(config);
  const hosts = hostsOf(wrangler).map((host) => ({ host, route: findRoute(config, host) }));
  const others = rows.filter(({ route }) => !hosts.some((one) => one.route === route));
  const isComplete = hosts.length > 0 && hosts.length === patternsOf(wrangler).length;
  return [
    ...hosts
      .filter(({ route }) => !isKeyRoute(route))
      .map(({ host, route }) => `${host}: ${route ? describeRoute(route) : "no row, it answers 404"}`),
    ...(isComplete ? listRows(others) : others.map(describeRow)),
    ...keyRows.map(
      ({ row, characters }) => `row ${row}, a key of ${characters} characters: every registry of the table`,
    ),
    `${isOnWorkersDev(wrangler) ? "*.workers.dev, " : ""}localhost: every registry of the table`,
  ];
}

function listRows(rows: readonly ShownRow[]): string[] {
  const names = rows.map(
    ({ key, route }) => `${key} (${route.kind === "universal" ? "every registry" : route.registry.name})`,
  );
  return names.length === 0 ? [] : [`rows without a host in \`routes\`: ${names.join(", ")}`];
}

function describeRow({ isFullName, key, route }: ShownRow): string {
  return `${isFullName ? key : `${key}.<your domain>`}: ${describeRoute(route)}`;
}

function describeRoute(route: Route): string {
  if (route.kind === "universal") return "every registry of the table";
  const { registry } = route;
  return [`${registry.name} at ${registry.upstream}`, ...addresses(registry), ...options(registry)].join(
    "; ",
  );
}

function addresses({ mirrors, realms }: Registry): string[] {
  return [
    ...(mirrors.length === 0 ? [] : [`mirrors: ${mirrors.join(", ")}`]),
    ...(realms.length === 0 ? [] : [`token service: ${realms.join(", ")}`]),
  ];
}

/** Options that are not what the upstream has by itself, as the table would have them. */
function options(registry: Registry): string[] {
  const usual = defaultOf(registry);
  const differs = (read: (one: Registry) => unknown): boolean =>
    usual !== undefined && JSON.stringify(read(usual)) !== JSON.stringify(read(registry));
  return [
    ...(registry.mirrors.length === 0 && differs((one) => one.mirrors) ? ["mirrors = []"] : []),
    ...(differs((one) => one.library) ? [`library = ${registry.library}`] : []),
    ...(differs((one) => one.uploadHosts) ? [`upload_hosts = ${JSON.stringify(registry.uploadHosts)}`] : []),
    ...(differs((one) => one.uploadPaths) ? [`upload_paths = ${JSON.stringify(registry.uploadPaths)}`] : []),
    ...(differs((one) => one.store) ? [`store = ${registry.store}`] : []),
  ];
}

/** The registry as a row without options makes it. */
function defaultOf({ name, upstream }: Registry): Registry | undefined {
  // An IPv6 address is the name of its own upstream, and no name that a row can give.
  const registry = name.startsWith("[") ? "" : name;
  const result = readConfig({ ROUTES: { row: { upstream, registry } } });
  return result.ok ? result.config.registries.get(name) : undefined;
}

/** A line of the list of settings. */
interface Setting {
  readonly name: string;
  readonly value: string;
  readonly isDefault: boolean;
}

/** One line for each setting. */
export function describeSettings(files: Files, config: Config): string[] {
  return [
    ...variableSettings(files, config),
    ...pageSettings(config),
    ...deploymentSettings(files.wrangler),
  ].map(({ name, value, isDefault }) => `${name}: ${value}${isDefault ? " (the default)" : ""}`);
}

function variableSettings(files: Files, config: Config): Setting[] {
  const usual = readConfig({ ROUTES: environmentOf(files)["ROUTES"] });
  const standard = usual.ok ? usual.config : config;
  const bound = bindingsOf(files.wrangler).find(({ name }) => name === "BLOBS")?.settings["bucket_name"];
  const bucket = typeof bound === "string" ? `the bucket "${bound}"` : "a bucket";
  const { isClosed, readOnly } = config.access;
  const mustBeClosed = isTrue(environmentOf(files)["CLOSED"]);
  return [
    {
      name: "TAG_TTL",
      value: `${config.tagTtlMs / 1000} seconds`,
      isDefault: config.tagTtlMs === standard.tagTtlMs,
    },
    {
      name: "CACHE_MAX_BLOB",
      value: `${config.cacheMaxBlob} bytes`,
      isDefault: config.cacheMaxBlob === standard.cacheMaxBlob,
    },
    {
      name: "BLOBS",
      value: config.bucket === undefined ? "no bucket" : bucket,
      isDefault: config.bucket === undefined,
    },
    {
      name: "BUCKET_REPOSITORIES",
      value: describeKept(config),
      isDefault: isUsual(config),
    },
    {
      name: "RATE_LIMITER",
      value: config.limiter === undefined ? "no brake" : describeLimiter(files.wrangler),
      isDefault: config.limiter === undefined,
    },
    {
      name: "METRICS",
      value: config.metrics === undefined ? "no dataset" : "a dataset, with one data point for each request",
      isDefault: config.metrics === undefined,
    },
    { name: "READ_ONLY", value: String(readOnly), isDefault: !readOnly },
    { name: "CLOSED", value: describeClosed(mustBeClosed, isClosed), isDefault: !mustBeClosed },
  ];
}

function pageSettings({ hosts, page }: Config): Setting[] {
  const { operator, operatorUrl, isHidden } = page;
  return [
    { name: "HOSTS", value: hosts.length === 0 ? "none" : hosts.join(", "), isDefault: hosts.length === 0 },
    { name: "OPERATOR", value: operator ?? "nobody is named", isDefault: operator === undefined },
    { name: "OPERATOR_URL", value: operatorUrl ?? "none", isDefault: operatorUrl === undefined },
    { name: "HIDE_PAGE", value: String(isHidden), isDefault: !isHidden },
  ];
}

function describeLimiter(wrangler: Table): string {
  const { simple } = bindingsOf(wrangler).find(({ name }) => name === "RATE_LIMITER")?.settings ?? {};
  const { limit, period } = isTable(simple) ? simple : {};
  return `a brake of ${String(limit)} in ${String(period)} seconds, for each user or network, in each data centre`;
}

/** The setting, and what it does where nobody sees it at work. */
function describeClosed(mustBeClosed: boolean, isClosed: boolean): string {
  if (mustBeClosed)
    return "true, so that the proxy answers 500 and opens to nobody if what closes it is lost";
  return isClosed ? "false, so that the proxy opens to everybody if what closes it is lost" : "false";
}

function deploymentSettings(wrangler: Table): Setting[] {
  const patterns = patternsOf(wrangler).map(({ text }) => text);
  const hasRoutes = patterns.length > 0;
  const onWorkersDev = isOnWorkersDev(wrangler);
  return [
    { name: "workers_dev", value: String(onWorkersDev), isDefault: onWorkersDev === !hasRoutes },
    { name: "routes", value: hasRoutes ? patterns.join(", ") : "none", isDefault: !hasRoutes },
  ];
}

/** Where the file does not say, wrangler turns workers.dev off with the first route. */
function isOnWorkersDev(wrangler: Table): boolean {
  const { workers_dev: said } = wrangler;
  return typeof said === "boolean" ? said : patternsOf(wrangler).length === 0;
}
