// The way of a request, in the order in which it is decided: host, path, names, lane.

import { parseAuthorization, type Authorization } from "./access/authorization.ts";
import { readToken } from "./access/bearer.ts";
import { registryOf } from "./access/credentials.ts";
import { readConfig, type Config, type Registry } from "./config.ts";
import { RegistryError } from "./distribution/errors.ts";
import { METHODS, nameOf, parsePath, type Endpoint } from "./distribution/path.ts";
import { splitQuery } from "./distribution/query.ts";
import { parseHost, type Host } from "./hosts.ts";
import { singleParameter, unauthorized, type Inbound } from "./inbound.ts";
import { serveFromUpstream } from "./lanes/client.ts";
import type { Errand } from "./lanes/errand.ts";
import type { Trace } from "./log.ts";
import { servePage } from "./page/page.ts";
import { DOCKER_HUB } from "./registries.ts";
import { findRoute, resolveRegistry, resolveRepository } from "./routing.ts";
import { isSearch, serveSearch } from "./search.ts";
import { serveToken } from "./token-service.ts";

/**
 * Answers a request.
 * @throws RegistryError for every answer that says no
 */
export async function handle(request: Request, env: unknown, trace: Trace): Promise<Response> {
  const url = new URL(request.url);
  const isProtocol = /^\/v[12](\/|$)/.test(url.pathname);
  const host = readHost(request, url);
  trace.host = host.authority;

  if (request.headers.has("CF-Ray") && url.protocol === "http:")
    return refusePlainHttp(url, host, isProtocol);
  if (url.pathname === "/robots.txt") return robots(request);

  const config = requireConfig(env);
  if (url.pathname === "/healthz") return health(request);
  const route = findRoute(config, host.name);
  if (route === undefined) throw unknownHost(config);
  const inbound: Inbound = { request, url, config, route, host, trace };

  if (url.pathname === "/") return servePage(inbound);
  if (url.pathname === "/v2/auth") return serveToken(inbound);
  if (url.pathname === "/v2" || url.pathname.startsWith("/v2/")) return serveProtocol(inbound);
  if (isSearch(url.pathname)) return serveSearch(inbound);
  throw new RegistryError(
    "NAME_UNKNOWN",
    "There is nothing at this address. The registry protocol is below /v2/.",
  );
}

async function serveProtocol(inbound: Inbound): Promise<Response> {
  const { request, trace } = inbound;
  const errand = readErrand(inbound);
  trace.endpoint = errand.endpoint.kind;
  trace.registry = errand.registry.name;
  trace.repository = errand.place?.repository;
  const methods = METHODS[errand.endpoint.kind];
  if (!methods.includes(request.method)) {
    throw new RegistryError("UNSUPPORTED", `This endpoint takes ${methods.join(", ")}.`, {
      headers: { Allow: methods.join(", ") },
    });
  }
  return pingUniversal(errand) ?? serveFromUpstream(errand);
}

/**
 * `/v2/` on a universal host, where it is nobody's yet: our challenge leads to every registry's token service, and
 * our anonymous bearer is answered here. Undefined for credentials, which their own registry judges.
 */
function pingUniversal(errand: Errand): Response | undefined {
  const { endpoint, inbound, authorization } = errand;
  if (endpoint.kind !== "ping" || inbound.route.kind !== "universal") return undefined;
  if (authorization.kind === "none") {
    throw unauthorized(
      inbound,
      "Authentication is needed: ask for a token at the address of the challenge.",
      {},
    );
  }
  if (authorization.kind !== "bearer" || readToken(authorization.token).kind !== "anonymous")
    return undefined;
  return new Response(inbound.request.method === "HEAD" ? null : "{}", {
    headers: {
      "Content-Type": "application/json",
      "Cache-Control": "no-transform",
      "Docker-Distribution-Api-Version": "registry/2.0",
    },
  });
}

/** Understands path and query. @throws RegistryError for names, digests and parameters that are none */
function readErrand(inbound: Inbound): Errand {
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

function readHost(request: Request, url: URL): Host {
  const host = parseHost(request.headers.get("Host") ?? url.host);
  if (host === undefined) {
    throw new RegistryError("NAME_INVALID", "The Host header is no host name with an optional port.");
  }
  return host;
}

/** A request that reached Cloudflare by plain http: whatever credentials it carries are public by now (S15). */
function refusePlainHttp(url: URL, host: Host, isProtocol: boolean): Response {
  if (isProtocol) {
    throw new RegistryError(
      "DENIED",
      "This registry is reached by https only. Use https, and change what was sent.",
    );
  }
  return new Response(null, { status: 308, headers: { Location: `https://${host.name}${url.pathname}` } });
}

function requireConfig(env: unknown): Config {
  const result = readConfig(env);
  if (result.ok) return result.config;
  // The variables only: a row's key can be a secret. The log and `npm run check-config` say all.
  const variables = [...new Set(result.faults.map((fault) => fault.variable))].join(", ");
  throw new RegistryError(
    "UNKNOWN",
    `This proxy's configuration has ${result.faults.length} fault(s), in ${variables}. Its owner finds them in the ` +
      "Worker's log, and with `npm run check-config`.",
    { status: 500 },
  );
}

function unknownHost(config: Config): RegistryError {
  const hosts = [...config.routes.keys()].map((key) => (key.includes(".") ? key : `${key}.<your domain>`));
  return new RegistryError(
    "NAME_UNKNOWN",
    `This host is not in the routes table. There are: ${hosts.join(", ")}.`,
    {
      detail: { hosts },
    },
  );
}

function robots(request: Request): Response {
  requireRead(request);
  return new Response("User-agent: *\nDisallow: /\n", {
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "public, max-age=86400" },
  });
}

function health(request: Request): Response {
  requireRead(request);
  return Response.json({ status: "ok" }, { headers: { "Cache-Control": "no-store" } });
}

/** @throws RegistryError UNSUPPORTED for methods that a page does not have */
export function requireRead(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  throw new RegistryError("UNSUPPORTED", "This address takes GET and HEAD.", {
    headers: { Allow: "GET, HEAD" },
  });
}
