// Names: `ns=` and path to a registry and a repository, and back to the names that the client knows.

import { mayBeShown, type Audience } from "../access/shown.ts";
import type { Registry, Route } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";
import { DOCKER_HUB, parseRepositoryName, type RepositoryName } from "../distribution/reference.ts";
import { knownRegistry } from "../registries.ts";
import { hostOf } from "./hosts.ts";

/** A host that serves somebody: the table, the row, its name, and whom. */
export interface Serving extends Audience {
  readonly host: Host;
  readonly route: Route;
}

/** A repository, under the name the client gives it and under the upstream's. */
export interface Place {
  readonly registry: Registry;
  /** The upstream's name: prefix removed, `library/` completed. */
  readonly repository: RepositoryName;
  /** As it stands in the client's path. */
  readonly clientName: RepositoryName;
  /**
   * As it stands in the addresses that we give the client (`Location`, `Link`). Where `ns=` named the registry, they
   * begin with it: containerd adds `ns=` to the address of an upload since 2025-10, and did not before.
   */
  readonly addressName: RepositoryName;
  /** As challenges and scopes for this client have it; on a universal host it always begins with the registry. */
  readonly scopeName: string;
}

/**
 * The registry that a request without a repository is for (`/v2/`, catalog, search).
 * @param ns the `ns=` parameter, if there is one
 * @throws RegistryError NAME_UNKNOWN for an `ns` that this host does not serve
 */
export function resolveRegistry(serving: Serving, ns: string | undefined): Registry {
  const { config, route } = serving;
  const named =
    ns === undefined ? undefined : config.registries.get(ns.replace(/[A-Z]/g, (l) => l.toLowerCase()));
  if (route.kind === "registry") {
    if (ns !== undefined && named !== route.registry) {
      const registries = mayBeShown(serving).registries.includes(route.registry) ? [route.registry.name] : [];
      throw new RegistryError(
        "NAME_UNKNOWN",
        `This host serves ${registries[0] ?? "another registry"} only, not the registry of ns=.`,
        { detail: { registries } },
      );
    }
    return route.registry;
  }
  if (ns === undefined) return defaultRegistry(serving);
  if (named === undefined) throw unknownRegistry(serving, "ns= names a registry that is not served here");
  return named;
}

/**
 * The repository that a client's name stands for.
 * @param name as in the path or a scope
 * @param ns the `ns=` parameter, if there is one
 * @throws RegistryError NAME_UNKNOWN for an unknown registry, NAME_INVALID where `ns=` and prefix disagree
 */
export function resolveRepository(serving: Serving, name: RepositoryName, ns: string | undefined): Place {
  const { config, route } = serving;
  const slash = name.indexOf("/");
  const first = slash === -1 ? name : name.slice(0, slash);
  const prefix = slash === -1 ? undefined : config.registries.get(first);

  if (route.kind === "registry") {
    const registry = resolveRegistry(serving, ns);
    if (isPublic(registry)) refuseForeignName(serving, registry, name);
    const rest = prefix === registry ? name.slice(slash + 1) : name;
    return asWritten(registry, rest, name);
  }

  const named = ns === undefined ? undefined : resolveRegistry(serving, ns);
  if (named !== undefined && prefix !== undefined && named !== prefix) {
    throw new RegistryError(
      "NAME_INVALID",
      "ns= names one registry and the first part of the name another.",
      {
        detail: { ns: named.name, name },
      },
    );
  }
  if (prefix !== undefined) return asWritten(prefix, name.slice(slash + 1), name);
  if (named === undefined && slash === -1 && config.registries.has(first)) throw onlyRegistry(serving, first);
  if (named === undefined && /[.:]/.test(first)) {
    throw unknownRegistry(serving, `"${first}" looks like a registry, but it is none of those served here`);
  }
  const registry = named ?? defaultRegistry(serving);
  const qualified = `${registry.name}/${name}`;
  return {
    ...asWritten(registry, name, name),
    // A registry with a port can be named by ns= only: a path has no colon.
    addressName: (named === undefined ? undefined : parseRepositoryName(qualified)) ?? name,
    scopeName: qualified,
  };
}

/**
 * A name on a public registry's host that begins with a registry, as people write it who know universal hosts. A
 * registry of the owner's may have a repository of such a name; a public one has none.
 * @throws RegistryError NAME_UNKNOWN
 */
function refuseForeignName(serving: Serving, registry: Registry, name: RepositoryName): void {
  const [first = "", ...rest] = name.split("/");
  const named = serving.config.registries.get(first);
  if (named === undefined) return;
  if (rest.length === 0) throw onlyRegistry(serving, first);
  if (named === registry) return;
  const host = hostOf(serving, serving.host, named);
  const instead = host === undefined ? "the name without it, at its own host" : [host, ...rest].join("/");
  throw new RegistryError(
    "NAME_UNKNOWN",
    `This host serves ${registry.name} only; the name begins with another registry, ${first}. ` +
      `Write ${instead} instead. (A repository that is called so is ${registry.name}/${first}/… here.)`,
    { detail: { registries: [registry.name] } },
  );
}

/** True of the registry that everybody knows by its name, and not of an owner's that has the name too. */
function isPublic({ name, upstream }: Registry): boolean {
  return knownRegistry(name)?.upstream === upstream;
}

function onlyRegistry(serving: Serving, name: string): RegistryError {
  const prefix = serving.route.kind === "universal" ? `${name}/` : "";
  return new RegistryError(
    "NAME_UNKNOWN",
    `"${name}" is a registry, not an image: write the image behind it, as in ${prefix}<owner>/<image>:<tag>.`,
  );
}

/** A place whose name needs nothing beside it: `rest` is what the registry is asked for. */
function asWritten(registry: Registry, rest: string, name: RepositoryName): Place {
  return {
    registry,
    repository: complete(registry, rest),
    clientName: name,
    addressName: name,
    scopeName: name,
  };
}

/**
 * A name under which a client of this host reaches a repository: the inverse of `resolveRepository`, for names that
 * the client did not say itself.
 */
export function clientNameOf(
  { config, route }: Pick<Serving, "config" | "route">,
  registry: Registry,
  repository: string,
): string {
  const first = repository.split("/", 1)[0] ?? "";
  // What begins like a registry is taken for one: its own name before it says that it is not.
  const needsPrefix = route.kind === "universal" || config.registries.has(first);
  return needsPrefix ? `${registry.name}/${repository}` : repository;
}

function complete(registry: Registry, name: string): RepositoryName {
  const completed = registry.library && !name.includes("/") ? `library/${name}` : name;
  const repository = parseRepositoryName(completed);
  if (repository === undefined) throw new RegistryError("NAME_INVALID", "The repository name is too long.");
  return repository;
}

function defaultRegistry(serving: Serving): Registry {
  const hub = serving.config.registries.get(DOCKER_HUB);
  if (hub === undefined) {
    throw unknownRegistry(serving, "Docker Hub is not served here, and the request names no other registry");
  }
  return hub;
}

function unknownRegistry(serving: Serving, reason: string): RegistryError {
  const registries = mayBeShown(serving).registries.map(({ name }) => name);
  return new RegistryError("NAME_UNKNOWN", `${reason}: ${registries.join(", ")}.`, {
    detail: { registries },
  });
}
