// Lists of repository patterns, such as `docker.io/library/*` and `ghcr.io/acme/**`: read from a variable, and matched.

import type { RepositoryName } from "../distribution/reference.ts";
import { ALL, canonicalPattern, type Names } from "./pattern-text.ts";
import { readList, type ReportReason } from "./values.ts";

/** A pattern that is ready to be matched. */
export interface RepositoryPattern {
  /** Canonical: `docker.io/library/nginx`, where the owner wrote `docker.io/nginx`. */
  readonly text: string;
  /** The registry's name in the table; undefined of `**`, which means all of them. */
  readonly registry: string | undefined;
  /** For each part of a name the literals between its stars; a part without a star is one literal. */
  readonly parts: readonly (readonly string[])[];
  /** True where one part or more must follow, whatever they are. */
  readonly below: boolean;
}

/** The pattern `**`. */
export const EVERY_REPOSITORY: RepositoryPattern = { text: ALL, registry: undefined, parts: [], below: true };

/** As many as a variable of Cloudflare's 5 kB has room for, more or less. Each is tried for a request. */
const MOST_PATTERNS = 500;

/**
 * The patterns of a variable, each once: a list, or a text with commas or spaces between them.
 * @param names the registries that a pattern may begin with
 * @param report told of each fault; what is returned beside faults is not to be used
 * @returns undefined where the variable is unset or blank
 */
export function readRepositoryPatterns(
  value: unknown,
  names: Names,
  report: ReportReason,
): readonly RepositoryPattern[] | undefined {
  const texts = readList(value, "", report, (item, subject) =>
    canonicalPattern(item, subject, names, report),
  );
  if (texts === undefined) return undefined;
  if (texts.length > MOST_PATTERNS)
    report(`has ${texts.length} patterns: write ${MOST_PATTERNS} at most, with "*" and "**" for several`);
  return texts.slice(0, MOST_PATTERNS).map(compile);
}

/** True where one of the patterns at least means the repository; see `findPattern`. */
export function matchesRepository(
  patterns: readonly RepositoryPattern[],
  registry: string,
  repository: RepositoryName,
): boolean {
  return findPattern(patterns, registry, repository) !== undefined;
}

/**
 * The first of the patterns that means the repository; undefined where none does.
 * @param registry its name in the table, not an alias
 * @param repository the registry's own name for it, completed with `library/` where that is due
 */
export function findPattern(
  patterns: readonly RepositoryPattern[],
  registry: string,
  repository: RepositoryName,
): RepositoryPattern | undefined {
  const names = repository.split("/");
  return patterns.find(
    (pattern) =>
      (pattern.registry === undefined || pattern.registry === registry) &&
      (pattern.below ? names.length > pattern.parts.length : names.length === pattern.parts.length) &&
      pattern.parts.every((literals, index) => matchesPart(literals, names[index] ?? "")),
  );
}

function compile(text: string): RepositoryPattern {
  if (text === ALL) return EVERY_REPOSITORY;
  const [registry = "", ...parts] = text.split("/");
  const below = parts.at(-1) === ALL;
  const named = below ? parts.slice(0, -1) : parts;
  return { text, registry, parts: named.map((part) => part.split("*")), below };
}

/**
 * The first literal begins the part and the last ends it; each between is taken where it comes first, which leaves the
 * most room for the others. So nothing is tried twice, as a regular expression would with `*a*a*a*b`.
 */
function matchesPart(literals: readonly string[], part: string): boolean {
  const [first = "", ...between] = literals;
  const last = between.pop();
  if (last === undefined) return part === first;
  const end = part.length - last.length;
  if (!part.startsWith(first) || !part.endsWith(last)) return false;
  let position = first.length;
  for (const literal of between) {
    const found = part.indexOf(literal, position);
    if (found === -1) return false;
    position = found + literal.length;
  }
  return position <= end;
}
