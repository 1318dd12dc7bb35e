// Rows that lead back to the proxy: it would ask itself, until Cloudflare ends it.

import { readFullName } from "./addresses.ts";
import type { Registry } from "./registry.ts";
import { readList, type ReportReason } from "./values.ts";

/** The full host names of `HOSTS`: they exist, whatever else is known of them. They open nothing. */
export function readHosts(value: unknown, report: ReportReason): readonly string[] {
  return readList(value, "", report, readFullName) ?? [];
}

/** Hosts of this proxy, each with the place that says so. */
export function ownHosts(keys: Iterable<string>, hosts: readonly string[]): ReadonlyMap<string, string> {
  const named = hosts.map((host): [string, string] => [host, "HOSTS"]);
  const rows = [...keys]
    .filter((key) => key.includes("."))
    .map((key): [string, string] => [key, "a row's key"]);
  return new Map([...named, ...rows]);
}

/**
 * What is wrong with the addresses of a registry that are this proxy itself, whatever their port: one line for each.
 * @param own hosts of this proxy, with the place that says so
 */
export function objectionsToLoops(registry: Registry, own: ReadonlyMap<string, string>): string[] {
  const addresses = [
    ["`upstream` is", registry.upstream] as const,
    ...registry.mirrors.map((mirror) => ["`mirrors` has", mirror] as const),
  ];
  return addresses.flatMap(([subject, address]) => {
    const place = own.get(new URL(address).hostname.replace(/\.+$/, ""));
    if (place === undefined) return [];
    return `${subject} "${address}", a host of this proxy itself (${place}): write the registry's own address`;
  });
}
