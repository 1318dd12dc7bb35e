// What a request under `/v2/` is about, once its host, path and query are understood.

import type { Authorization } from "../access/authorization.ts";
import type { Registry } from "../config.ts";
import { METHODS, type Endpoint, type EndpointKind } from "../distribution/path.ts";
import type { QueryPart } from "../distribution/query.ts";
import type { Inbound } from "../inbound.ts";
import type { Place } from "../routing.ts";

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
