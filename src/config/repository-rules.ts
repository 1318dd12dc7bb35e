// ALLOWED_REPOSITORIES and BLOCKED_REPOSITORIES: what may be asked for, and the tables in which that can be told (S8).

import type { Names } from "./pattern-text.ts";
import type { Registry } from "./registry.ts";
import { readRepositoryPatterns, type RepositoryPattern } from "./repository-patterns.ts";
import { readItems, type ReportReason } from "./values.ts";

/** The patterns of a rule; undefined where the variable is not there. An empty list is a fault here (S20). */
export function readRule(
  value: unknown,
  names: Names,
  report: ReportReason,
): readonly RepositoryPattern[] | undefined {
  return readItems(value, report) === undefined ? undefined : readRepositoryPatterns(value, names, report);
}

/**
 * What is wrong with registries that are one and the same by two names: a rule about the one would leave the other open.
 * @param registries of the table, under whatever names
 */
export function objectionsToSecondNames(registries: Iterable<Registry>): string[] {
  const firsts = new Map<string, string>();
  return [...new Set(registries)].flatMap(({ name, upstream }) => {
    const origin = originOf(upstream);
    const first = firsts.get(origin);
    if (first === undefined) {
      firsts.set(origin, name);
      return [];
    }
    return [
      `cannot be kept while ${first} and ${name} have the same upstream (${upstream}), since a rule about one name ` +
        "says nothing of the other: give their rows the same `registry`",
    ];
  });
}

/** A name with a dot at its end is the same host. */
function originOf(upstream: string): string {
  const { protocol, hostname, port } = new URL(upstream);
  return `${protocol}//${hostname.replace(/\.+$/, "")}:${port}`;
}
