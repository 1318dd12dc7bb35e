// What a request under `/v2/` is about, once its host, path and query are understood.

import { parseAuthorization, type Authorization } from "../distribution/authorization.ts";
import { registryOf } from "../access/login-names.ts";
import type { Registry } from "../config/config.ts";
import { METHODS, nameOf, parsePath, type Endpoint, type EndpointKind } from "../distribution/path.ts";
import { splitQuery, type QueryPart } from "../distribution/query.ts";
import { singleParameter, type Inbound } from "../routing/inbound.ts";
import { DOCKER_HUB } from "../registries.ts";
import { resolveRegistry, resolveRepository, type Place } from "../routing/names.ts";

export interface Errand {
  readonly inbound: Inbound;
  /** In the client's names. */
  readonly endpoint: Endpoint;
  readonly registry: Registry;
  /** The repository under both its names; undefined for `/v2/` and the catalog. */
  readonly place: Place | undefined;
  /** The value of `ns=`, if there was one. */
  readonly ns: string | undefined;
  /** The query without `ns=`. */
  readonly query: readonly QueryPart[];
  readonly authorization: Authorization;
}

/** Understands path and query. @throws RegistryError for names, digests and parameters that are none */
export function readErrand(inbound: Inbound): Errand {
  const { config, route, url } = inbound;
  const endpoint = parsePath(url.pathname);
  const parts = splitQuery(url.search);
  const ns = singleParameter(parts, "ns") || undefined;
  const name = nameOf(endpoint);
  const place = name === undefined ? undefined : resolveRepository(config, route, name, ns);
  const authorization = parseAuthorization(inbound.request.headers.get("Authorization"));
  return {
    inbound,
    endpoint,
    registry: place?.registry ?? registryWithoutName(inbound, endpoint, ns, authorization),
    place,
    ns,
    query: parts.filter((part) => part.name !== "ns"),
    authorization,
  };
}

/** A login is checked at `/v2/`, which names no registry: then the credentials do (S3). */
function registryWithoutName(
  inbound: Inbound,
  endpoint: Endpoint,
  ns: string | undefined,
  authorization: Authorization,
): Registry {
  const { config, route } = inbound;
  if (endpoint.kind === "ping" && route.kind === "universal" && ns === undefined) {
    const [first] = config.registries.values();
    const any = config.registries.get(DOCKER_HUB) ?? first;
    const registry = registryOf(config, authorization) ?? any;
    if (registry !== undefined) return registry;
  }
  return resolveRegistry(config, route, ns);
}

/** The scope that a request needs, in the client's names; undefined for `/v2/`. */
export function scopeOf(errand: Errand): string | undefined {
  if (errand.endpoint.kind === "catalog") return "registry:catalog:*";
  if (errand.place === undefined) return undefined;
  return `repository:${errand.place.scopeName}:${actionsOf(errand.endpoint.kind, errand.inbound.request.method)}`;
}

function actionsOf(kind: EndpointKind, method: string): string {
  if (method === "DELETE" && kind !== "upload") return "delete";
  const reads =
    (method === "GET" || method === "HEAD") && METHODS[kind].includes(method) && kind !== "upload";
  return reads ? "pull" : "pull,push";
}
