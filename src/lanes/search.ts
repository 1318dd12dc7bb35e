// `docker search`: `/v1/_ping` and `/v1/search`, which clients know of Docker Hub only.

import { DOCKER_HUB } from "../distribution/reference.ts";
import { refuseBearerIn } from "../access/hidden-bearers.ts";
import { refuseLists } from "../access/rules.ts";
import { codeOfStatus, RegistryError, statusForClient } from "../distribution/errors.ts";
import { isJson } from "../distribution/media-types.ts";
import { joinQuery, splitQuery, singleParameter } from "../distribution/query.ts";
import { requireRead, type Inbound } from "../routing/inbound.ts";
import { resolveRegistry } from "../routing/names.ts";
import { discardBody } from "../distribution/body.ts";
import { SHORT_TIMEOUT_MS } from "../upstream/fetch.ts";
import { limitHeaders, requestHeaders, responseHeaders } from "../upstream/headers.ts";
import { serviceOf } from "../upstream/realm.ts";
import { sendFollowing } from "../upstream/redirects.ts";
import { readErrorBody } from "./answer-bodies.ts";

/** True of the two paths that this module answers. */
export function isSearch(path: string): boolean {
  return path === "/v1/_ping" || path === "/v1/search";
}

/**
 * Answers a search from the registry's own. Without the client's credentials: what is found is public, and docker
 * sends its login along unasked.
 * @throws RegistryError NAME_UNKNOWN on a host without Docker Hub, UNKNOWN with 502 for an answer that is no JSON
 */
export async function serveSearch(inbound: Inbound): Promise<Response> {
  const { request, url, trace } = inbound;
  trace.endpoint = "search";
  requireRead(request);
  refuseBearerIn(inbound, url.searchParams, serviceOf(inbound));
  refuseLists(inbound.config.access, "A search", trace);
  const parts = splitQuery(url.search);
  const registry = resolveRegistry(inbound, singleParameter(parts, "ns") || undefined);
  trace.registry = registry.name;
  if (registry.search === undefined) {
    throw new RegistryError(
      "NAME_UNKNOWN",
      `Only ${DOCKER_HUB} can be searched, and this host is ${registry.name}.`,
    );
  }
  if (url.pathname === "/v1/_ping") return ping();

  const query = joinQuery(parts.filter((part) => part.name !== "ns"));
  const outgoing = {
    url: new URL(`/v1/search${query}`, registry.search),
    method: request.method,
    headers: requestHeaders(request.headers),
    deadline: Date.now() + SHORT_TIMEOUT_MS,
  };
  const { response } = await sendFollowing(outgoing, inbound);
  const headers = responseHeaders(response.headers, response.headers);
  headers.set("Content-Type", "application/json");
  if (response.ok && isJson(response.headers.get("Content-Type"))) {
    return new Response(response.body, { status: response.status, headers });
  }
  const said = response.status >= 400 ? await readErrorBody(response) : undefined;
  const status = response.status < 400 ? 502 : statusForClient(response.status);
  if (said?.fits === true) return new Response(said.bytes, { status, headers });
  await discardBody(response);
  throw new RegistryError(
    codeOfStatus(status),
    `The search of ${registry.name} answered ${response.status} without a result.`,
    { status, headers: limitHeaders(response.headers) },
  );
}

/** docker asks this first, and reads nothing from it but that it is there. */
function ping(): Response {
  return new Response("true", {
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-transform",
      "X-Docker-Registry-Version": "0.6.4",
      "X-Docker-Registry-Standalone": "true",
    },
  });
}
