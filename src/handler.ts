// The way of a request, in the order in which it is decided: host, path, names, lane.

import { readToken } from "./access/bearer.ts";
import { readConfig, type Config, type Registry } from "./config/config.ts";
import { RegistryError } from "./distribution/errors.ts";
import { METHODS } from "./distribution/path.ts";
import { parseHost, type Host } from "./distribution/hosts.ts";
import { requireRead, unauthorized, type Defer, type Inbound } from "./routing/inbound.ts";
import { serveFromUpstream } from "./lanes/client.ts";
import { readErrand, scopeOf, type Errand } from "./lanes/errand.ts";
import { openLane } from "./lanes/public/lane.ts";
import { forgetChanged, servePublicly } from "./lanes/public/serve.ts";
import type { Trace } from "./log.ts";
import { servePage } from "./page/page.ts";
import { findRoute } from "./routing/names.ts";
import { isSearch, serveSearch } from "./lanes/search.ts";
import { serveToken } from "./token-service/serve.ts";
import { learnRealm, rememberedService, type Learned } from "./upstream/realm.ts";

/**
 * Answers a request.
 * @throws RegistryError for every answer that says no
 */
export async function handle(request: Request, env: unknown, trace: Trace, defer: Defer): Promise<Response> {
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
  const inbound: Inbound = { request, url, config, route, host, trace, defer };

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
  const lane = openLane(errand);
  switch (await chooseLane(errand)) {
    case "client":
      return serveFromUpstream(errand, () => forgetChanged(lane));
    case "challenge":
      throw unauthorized(
        inbound,
        "Authentication is needed: ask for a token at the address of the challenge.",
        {
          service: rememberedService(errand.registry),
          scope: scopeOf(errand),
        },
      );
    case "public":
      return errand.endpoint.kind === "ping" ? answerPing(inbound) : servePublicly(lane);
  }
}

/**
 * Who serves a request: its own credentials decide, and for a request without any, whether the registry would ask for
 * some. Privacy does not depend on anything that is found out later.
 */
async function chooseLane(errand: Errand): Promise<"client" | "public" | "challenge"> {
  const { authorization, endpoint, inbound, registry } = errand;
  if (authorization.kind === "bearer") {
    return readToken(authorization.token).kind === "anonymous" ? "public" : "client";
  }
  if (authorization.kind !== "none") return "client";
  // On a universal host `/v2/` is nobody's yet; our challenge leads to every registry's token service.
  if (endpoint.kind === "ping" && inbound.route.kind === "universal") return "challenge";
  switch (await learnedKind(registry, inbound.trace)) {
    case "bearer":
      return "challenge";
    case "basic":
      return "client";
    case "open":
      return inbound.request.method === "GET" || inbound.request.method === "HEAD" ? "public" : "client";
  }
}

/**
 * What the registry would ask for. One that cannot be asked is taken to want tokens: ours then leads to what is stored.
 * @throws RegistryError with 502 for a registry whose token service is refused
 */
async function learnedKind(registry: Registry, trace: Trace): Promise<Learned["kind"]> {
  try {
    return (await learnRealm(registry, undefined, trace)).kind;
  } catch (error) {
    if (error instanceof RegistryError && error.status !== 502) return "bearer";
    throw error;
  }
}

/** `/v2/` for our own bearer, and of registries that challenge nobody. */
function answerPing(inbound: Inbound): Response {
  return new Response(inbound.request.method === "HEAD" ? null : "{}", {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": "2",
      "Cache-Control": "no-transform",
      "Docker-Distribution-Api-Version": "registry/2.0",
    },
  });
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
