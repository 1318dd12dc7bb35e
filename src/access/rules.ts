// The owner's rules about names: which repositories may be asked for, and that nobody writes (S8). They are about the
// registry's own names, so that no alias and no short form is a way around them.

import type { Access } from "../config/access.ts";
import { findPattern, type RepositoryPattern } from "../config/repository-patterns.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import type { Trace } from "../log.ts";

/** A repository that a request names, in the registry's own names. */
export interface Named {
  readonly registry: Registry;
  readonly repository: RepositoryName;
}

/** The rule that a refusal is for, as the log has it. */
type Rule = "ALLOWED_REPOSITORIES" | "BLOCKED_REPOSITORIES" | "READ_ONLY";

/** True where the owner says which repositories may be asked for. */
function hasRules({ allowed, blocked }: Access): boolean {
  return allowed !== undefined || blocked.length > 0;
}

/**
 * Holds every repository that a request names to the rules.
 * @param named all of them: of its path, of `from=`, of each scope
 * @throws RegistryError DENIED
 */
export function obeyRules(access: Access, named: Iterable<Named | undefined>, trace: Trace): void {
  if (!hasRules(access)) return;
  for (const place of named) {
    if (place !== undefined) obey(access, place, trace);
  }
}

function obey({ allowed, blocked }: Access, { registry, repository }: Named, trace: Trace): void {
  const name = `${registry.name}/${repository}`;
  const find = (patterns: readonly RepositoryPattern[]): RepositoryPattern | undefined =>
    findPattern(patterns, registry.name, repository);
  const blocking = find(blocked);
  if (blocking !== undefined)
    throw denied(
      trace,
      "BLOCKED_REPOSITORIES",
      `${name} is blocked here, by "${blocking.text}" of BLOCKED_REPOSITORIES.`,
    );
  if (allowed !== undefined && find(allowed) === undefined)
    throw denied(
      trace,
      "ALLOWED_REPOSITORIES",
      `${name} is none of the repositories that may be asked for here (ALLOWED_REPOSITORIES).`,
    );
}

/**
 * Refuses what would show repositories that nobody named: a catalog, a search.
 * @throws RegistryError DENIED
 */
export function refuseLists(access: Access, what: string, trace: Trace): void {
  if (!hasRules(access)) return;
  const rule = access.allowed === undefined ? "BLOCKED_REPOSITORIES" : "ALLOWED_REPOSITORIES";
  throw denied(
    trace,
    rule,
    `${what} is not to be had here: it would show repositories that ${rule} is about.`,
  );
}

/**
 * Refuses a write: by the owner's rule, and in every closed proxy.
 * @throws RegistryError UNSUPPORTED
 */
export function refuseWrite({ isClosed, readOnly }: Access, trace: Trace): void {
  if (!readOnly && !isClosed) return;
  if (readOnly) trace.rule = "READ_ONLY" satisfies Rule;
  throw new RegistryError("UNSUPPORTED", "This proxy is for reading: push to the registry itself.", {
    headers: { Allow: "GET, HEAD" },
  });
}

/** A refusal by a rule, which the log names. */
function denied(trace: Trace, rule: Rule, message: string): RegistryError {
  trace.rule = rule;
  return new RegistryError("DENIED", message);
}
