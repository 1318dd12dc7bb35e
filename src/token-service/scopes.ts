// The scopes of a token request, from the client's names to the registry's.

import type { Named } from "../access/rules.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { parseRepositoryName, type RepositoryName } from "../distribution/reference.ts";
import { formatScope, isRepositoryScope, type Scope } from "../distribution/scope.ts";
import { resolveRepository, type Serving } from "../routing/names.ts";

/** True of a scope that only reads. */
export function asksPullOnly(scope: Scope): boolean {
  return scope.actions.length > 0 && scope.actions.every((action) => action === "pull");
}

/** A scope, and the registry that it is about. */
export interface Located {
  readonly scope: Scope;
  /** Undefined for what is not about a repository. */
  readonly registry: Registry | undefined;
  readonly repository: RepositoryName | undefined;
  /** True where the client wrote the registry's name. */
  readonly qualified: boolean;
}

/** True of a scope about a repository. */
export function isNamed(located: Located): located is Located & Named {
  return located.registry !== undefined && located.repository !== undefined;
}

/**
 * A scope in the registry's names; undefined for one of a registry that is not served here. podman and skopeo show
 * nothing of a token service's 404: they get a token, and hear at the resource what is wrong with the name.
 * @throws RegistryError NAME_INVALID
 */
export function locate(serving: Serving, scope: Scope): Located | undefined {
  try {
    return locateServed(serving, scope);
  } catch (error) {
    if (error instanceof RegistryError && error.code === "NAME_UNKNOWN") return undefined;
    throw error;
  }
}

function locateServed(serving: Serving, scope: Scope): Located {
  if (!isRepositoryScope(scope)) {
    return { scope, registry: undefined, repository: undefined, qualified: false };
  }
  // A challenge on a universal host may name a registry with a port, which no repository name can.
  const [, authority, rest] = /^([^/]*:\d+)\/(.*)$/.exec(scope.name) ?? [];
  const name = parseRepositoryName(rest ?? scope.name);
  if (name === undefined) {
    throw new RegistryError("NAME_INVALID", "A scope names a repository that is not valid.", {
      detail: { scope: formatScope(scope).slice(0, 300) },
    });
  }
  const place = resolveRepository(serving, name, authority);
  return {
    scope: { ...scope, name: place.repository },
    registry: place.registry,
    repository: place.repository,
    qualified: authority !== undefined || place.scopeName === place.clientName,
  };
}

/**
 * containerd and buildkit send their own scope beside the challenge's: `repository:library/app:pull` beside
 * `repository:ghcr.io/library/app:pull`. The plain one means the same registry.
 */
export function agree(located: readonly Located[]): Located[] {
  const agreed = located.map((one) => {
    if (one.qualified || one.registry === undefined) return one;
    const twin = located.find((other) => other.qualified && sameName(other.scope, one.scope));
    return twin === undefined
      ? one
      : { ...twin, scope: { ...one.scope, name: nameOf(twin) }, qualified: one.qualified };
  });
  const seen = new Set<string>();
  return agreed.filter(({ scope, registry }) => {
    const key = `${registry?.name ?? ""} ${formatScope(scope)}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** `library/app` was completed for Docker Hub, where the name was plain; its twin may be `app` elsewhere. */
function sameName(qualified: Scope, plain: Scope): boolean {
  return qualified.name === plain.name || `library/${qualified.name}` === plain.name;
}

function nameOf(located: Located): string {
  return located.scope.name ?? "";
}
