// Domains and routes of wrangler.toml: which Cloudflare refuses, and which reach nothing.

import type { Config } from "../../src/config/config.ts";
import { readFullName } from "../../src/config/addresses.ts";
import { objectionsToLoops } from "../../src/config/loops.ts";
import { isTable } from "../../src/config/values.ts";
import { findRoute } from "../../src/routing/hosts.ts";
import type { Table } from "./files.ts";
import { fault, warning, type Finding } from "./findings.ts";
import { placeOf, shownToOwner } from "./rows.ts";

/** A pattern of `routes`. */
export interface Pattern {
  readonly text: string;
  /** True of a custom domain, false of a route in front of a zone. */
  readonly isDomain: boolean;
}

/** The patterns of `routes` and `route`, in order; entries that wrangler itself refuses are left to it. */
export function patternsOf(wrangler: Table): Pattern[] {
  const { routes, route } = wrangler;
  const entries: unknown[] = [...(Array.isArray(routes) ? (routes as unknown[]) : []), route];
  return entries.flatMap((entry): Pattern[] => {
    if (typeof entry === "string") return [{ text: entry, isDomain: false }];
    if (!isTable(entry) || typeof entry["pattern"] !== "string") return [];
    return [{ text: entry["pattern"], isDomain: entry["custom_domain"] === true }];
  });
}

/** What is wrong with the patterns themselves, whatever the table says. */
export function checkPatterns(wrangler: Table): Finding[] {
  return patternsOf(wrangler).flatMap(({ text, isDomain }) => {
    const refusal = isDomain ? objectionToDomain(text) : undefined;
    if (refusal !== undefined) return [fault(`routes, "${text}": ${refusal}`)];
    const gap = isDomain ? undefined : objectionToRoute(text);
    const isNobodys = /(?:^|\.)(?:example\.(?:com|net|org)|mydomain\.com)(?:\/|$)/i.test(text);
    return [
      ...(gap === undefined ? [] : [warning(`routes, "${text}": ${gap}`)]),
      ...(isNobodys
        ? [warning(`routes, "${text}": is an example: write a domain of your own Cloudflare account`)]
        : []),
    ];
  });
}

/** Hosts of `routes` that the table does not serve, and rows that lead to a host of `routes` (F24). */
export function checkHosts(wrangler: Table, config: Config): Finding[] {
  const hosts = hostsOf(wrangler);
  const unserved = hosts.filter((host) => findRoute(config, host) === undefined);
  const own = new Map(hosts.map((host) => [host, "routes"]));
  const shown = shownToOwner(config);
  const loops = shown.registries.flatMap((registry) =>
    objectionsToLoops(registry, own).map((objection) => `${placeOf(registry, shown)}: ${objection}`),
  );
  return [
    ...unserved.map((host) =>
      warning(
        `routes, "${host}": no row of the routes table serves this host: it answers 404. ${rowFor(host)}`,
      ),
    ),
    ...loops.map(fault),
  ];
}

/** Hosts of `HOSTS` that the page does not name, since no row serves them. */
export function checkKnownHosts(config: Config): Finding[] {
  const unserved = config.hosts.filter((host) => findRoute(config, host) === undefined);
  return unserved.map((host) =>
    warning(
      `HOSTS, "${host}": no row of the routes table serves this host: the page does not name it. ${rowFor(host)}`,
    ),
  );
}

/** Whether anything reaches the Worker at all. wrangler turns workers.dev on where nothing is said and no route is there. */
export function checkReach(wrangler: Table): Finding[] {
  if (wrangler["workers_dev"] !== false || patternsOf(wrangler).length > 0) return [];
  return [
    warning(
      "workers_dev = false, and no routes: nothing reaches the proxy, unless the dashboard has a domain for it",
    ),
  ];
}

/** Cloudflare's refusals of a custom domain, the reason of each with what to write. */
function objectionToDomain(pattern: string): string | undefined {
  const [host = ""] = pattern.replace(/^[a-z]+:\/\//i, "").split("/", 1);
  if (host.includes("*")) {
    const below = host.replace(/^.*\*[^.]*\.?/, "");
    const zone = below.includes(".") ? below : "<your domain>";
    return (
      "Cloudflare takes no wildcard as a custom domain. A route does, beside a proxied DNS record for the same name: " +
      `{ pattern = "*.${zone}/*", zone_name = "${zone}" }`
    );
  }
  if (pattern.includes("://")) return `Cloudflare takes no URL as a custom domain: write "${host}"`;
  if (pattern.includes("/")) return `a custom domain has no path, it reaches them all: write "${host}"`;
  let objection: string | undefined;
  readFullName(pattern, "is", (reason) => (objection = reason));
  return objection;
}

/** What of the proxy a route leaves out. */
function objectionToRoute(pattern: string): string | undefined {
  const [, host = "", path = ""] = /^(?:https?:\/\/)?([^/]*)(.*)$/i.exec(pattern) ?? [];
  if (host.endsWith("*") && path === "") return undefined;
  const reaches = path.endsWith("*") && "/v2/".startsWith(path.slice(0, -1));
  if (reaches) return undefined;
  return `reaches ${path === "" ? "the page" : `"${path}"`} only, and not /v2/: write "${host}/*", or add custom_domain = true to a bare host`;
}

/** The hosts that `routes` names in full, in order. */
export function hostsOf(wrangler: Table): string[] {
  return patternsOf(wrangler)
    .map(hostOf)
    .filter((host) => host !== undefined);
}

/** The one host of a pattern; undefined where it has a wildcard or is not a host at all. */
function hostOf({ text }: Pattern): string | undefined {
  const [host = ""] = text
    .replace(/^https?:\/\//i, "")
    .toLowerCase()
    .split("/", 1);
  return readFullName(host, "is", () => undefined);
}

function rowFor(host: string): string {
  return `Add a row ${host.split(".", 1)[0] ?? ""} or "${host}", or write another host`;
}
