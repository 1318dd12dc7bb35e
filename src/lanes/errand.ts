// What a request under `/v2/` is about, once its path, query and names are understood: before a lane is chosen.

import { userOf } from "../access/admission.ts";
import { brake } from "../access/brake.ts";
import { unauthorized } from "../access/challenge.ts";
import { readToken } from "../access/bearer.ts";
import { howToLogIn, registryOf } from "../access/login-names.ts";
import { obeyRules, refuseLists, refuseWrite } from "../access/rules.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { METHODS, nameOf, parsePath, type Endpoint } from "../distribution/path.ts";
import { singleParameter, splitQuery, type QueryPart } from "../distribution/query.ts";
import { DOCKER_HUB, parseRepositoryName } from "../distribution/reference.ts";
import { isRead, type Inbound } from "../routing/inbound.ts";
import { resolveRegistry, resolveRepository, type Place } from "../routing/names.ts";
import { rememberedService } from "../upstream/realm.ts";

export interface Errand {
  readonly inbound: Inbound;
  /** In the client's names. */
  readonly endpoint: Endpoint;
  readonly registry: Registry;
  /** The repository under both its names; undefined for `/v2/` and the catalog. */
  readonly place: Place | undefined;
  /** The repository that a mount takes a blob from (`from=`), of whatever registry. */
  readonly mountFrom: Place | undefined;
  /** The value of `ns=`, if there was one. */
  readonly ns: string | undefined;
  /** The query without `ns=`. */
  readonly query: readonly QueryPart[];
}

/**
 * Understands path and query, and what they name: the repository of the path, the registry of `ns=`, the repository of
 * `from=`. Rules about names have all of them here (S8); those of a token request are in `token-service/scopes.ts`.
 * @throws RegistryError for names, digests and parameters that are not valid
 */
export function readErrand(inbound: Inbound): Errand {
  const { trace, url } = inbound;
  const endpoint = parsePath(url.pathname);
  const parts = splitQuery(url.search);
  const ns = singleParameter(parts, "ns") || undefined;
  const name = nameOf(endpoint);
  const place = name === undefined ? undefined : resolveRepository(inbound, name, ns);
  const registry = place?.registry ?? registryWithoutName(inbound, endpoint, ns);
  trace.endpoint = endpoint.kind;
  trace.registry = registry.name;
  return {
    inbound,
    endpoint,
    registry,
    place,
    mountFrom: endpoint.kind === "upload-start" ? readMountFrom(inbound, parts, ns) : undefined,
    ns,
    query: parts.filter((part) => part.name !== "ns"),
  };
}

/** @throws RegistryError UNSUPPORTED for a method that the endpoint does not have */
export function requireMethod({ endpoint, inbound }: Errand): void {
  const methods = METHODS[endpoint.kind];
  if (methods.includes(inbound.request.method)) return;
  throw new RegistryError("UNSUPPORTED", `This endpoint takes ${methods.join(", ")}.`, {
    headers: { Allow: methods.join(", ") },
  });
}

/**
 * Holds a request to the owner's rules: who may write, and which repositories may be named, wherever they are named (S8).
 * @throws RegistryError UNSUPPORTED for a write, DENIED for a name
 */
export function obeyOwner({ endpoint, inbound, mountFrom, place }: Errand): void {
  const { caller, config, request, trace } = inbound;
  const { access } = config;
  if (caller.kind === "guest") trace.repository = place?.repository;
  if (!isRead(request.method)) refuseWrite(access, trace);
  if (endpoint.kind === "catalog") refuseLists(access, "A catalog", trace);
  // Its address names a repository that nobody can see here (S6).
  if (endpoint.kind === "upload" && endpoint.session.startsWith("~"))
    refuseLists(access, "An upload of this kind", trace);
  obeyRules(access, [place, mountFrom], trace);
}

/**
 * Counts a request that a registry counts: a manifest that is not stored.
 * @throws RegistryError TOOMANYREQUESTS where there were too many
 */
export function brakeCaller({ errand: { inbound } }: { readonly errand: Errand }): Promise<void> {
  const { caller, config, request } = inbound;
  return brake({ config, headers: request.headers, user: userOf(caller) });
}

/** A login is checked at `/v2/`, which names no registry: then the credentials do (S3). */
function registryWithoutName(inbound: Inbound, endpoint: Endpoint, ns: string | undefined): Registry {
  const { caller, config, route } = inbound;
  if (endpoint.kind === "ping" && route.kind === "universal" && ns === undefined) {
    const [first] = config.registries.values();
    const any = config.registries.get(DOCKER_HUB) ?? first;
    const named = caller.kind === "open" ? registryOf(inbound, caller.presented.authorization) : undefined;
    const registry = named ?? any;
    if (registry !== undefined) return registry;
  }
  return resolveRegistry(inbound, ns);
}

function readMountFrom(
  inbound: Inbound,
  query: readonly QueryPart[],
  ns: string | undefined,
): Place | undefined {
  singleParameter(query, "mount");
  const from = singleParameter(query, "from");
  if (from === undefined) return undefined;
  const name = parseRepositoryName(from);
  if (name === undefined) throw new RegistryError("NAME_INVALID", "from= is not a valid repository name.");
  return resolveRepository(inbound, name, ns);
}

/** The scope that a request needs, in the client's names; undefined for `/v2/`. */
export function scopeOf({ endpoint, inbound, place }: Errand): string | undefined {
  if (endpoint.kind === "catalog") return "registry:catalog:*";
  if (place === undefined) return undefined;
  return `repository:${place.scopeName}:${actionsOf(endpoint, inbound.request.method)}`;
}

function actionsOf({ kind }: Endpoint, method: string): string {
  if (method === "DELETE" && kind !== "upload") return "delete";
  const reads = isRead(method) && METHODS[kind].includes(method) && kind !== "upload";
  return reads ? "pull" : "pull,push";
}

/** What a client hears whose bearer is nobody's, of what needs a login. */
export function needsLogin(errand: Errand): string {
  const aside = leftAside(errand);
  const sentence = "This needs a login with access to it, or there is no such repository.";
  return aside === undefined ? sentence : `${sentence} ${aside}`;
}

/** What a client hears beside it that has a login, but one that could not be used here. */
export function leftAside({ inbound }: Errand): string | undefined {
  if (inbound.caller.kind !== "open") return undefined;
  const { authorization } = inbound.caller.presented;
  const bearer = authorization.kind === "bearer" ? readToken(authorization.token) : undefined;
  if (bearer?.kind !== "anonymous" || bearer.leftAside !== true) return undefined;
  return `Your login is another registry's and was left aside. ${howToLogIn(inbound)}`;
}

/** The 401 upon which a client presents what credentials it has, or asks for our anonymous bearer. */
export function challenge(errand: Errand): RegistryError {
  return unauthorized(
    errand.inbound,
    "Authentication is needed: ask for a token at the address of the challenge.",
    { service: rememberedService(errand.registry, errand.place?.repository), scope: scopeOf(errand) },
  );
}
