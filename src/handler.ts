// The way of a request, in the order in which it is decided: host, caller, address, names, lane. docs/request-handling.md
// is this file as a chart.

import { admit, userOf, type Visitor } from "./access/admission.ts";
import { takeCredentials } from "./access/caller.ts";
import { refusalOfCountry } from "./access/countries.ts";
import { refuseBearerInQuery, refuseHiddenBearer } from "./access/hidden-bearers.ts";
import { refuseOtherSites } from "./access/other-sites.ts";
import { isPlainHttp, refusePlainHttp } from "./access/plain-http.ts";
import { requireConfig } from "./config/config.ts";
import { RegistryError } from "./distribution/errors.ts";
import { chooseLane } from "./lanes/choose.ts";
import { serveFromUpstream } from "./lanes/client.ts";
import { challenge, obeyOwner, readErrand, requireMethod } from "./lanes/errand.ts";
import { openLane } from "./lanes/public/lane.ts";
import { serveGuest } from "./lanes/public/guests.ts";
import { forgetChanged, servePublicly } from "./lanes/public/serve.ts";
import { isSearch, serveSearch } from "./lanes/search.ts";
import type { Trace } from "./log.ts";
import { servePage } from "./page/page.ts";
import { serveUnknownHost, wantsPage } from "./page/unknown-host.ts";
import { serveHealth } from "./page/health.ts";
import { serveRobots } from "./page/plain.ts";
import { findRoute, hostForLog, isServedHere, readHost, unknownHost } from "./routing/hosts.ts";
import type { Defer, Inbound } from "./routing/inbound.ts";
import { serveOwnToken } from "./token-service/own.ts";
import { serveToken } from "./token-service/serve.ts";
import { forbidSharing } from "./upstream/headers.ts";
import { serviceOf } from "./upstream/realm.ts";

/**
 * Answers a request. An answer to HEAD may have a body here: `index.ts` takes it off.
 * @throws RegistryError for every answer that says no
 */
export async function handle(request: Request, env: unknown, trace: Trace, defer: Defer): Promise<Response> {
  const url = new URL(request.url);
  const host = readHost(request, url);

  const { presented, bare } = takeCredentials(request);
  if (isPlainHttp(request, url)) return refusePlainHttp(bare, url, host, presented);
  refuseOtherSites(request, url);
  if (url.pathname === "/robots.txt") return serveRobots(request);

  const config = requireConfig(env);
  const route = findRoute(config, host.name);
  trace.host = hostForLog(config, host, route);
  const arrival = { url, host, route, headers: bare.headers, presented };
  const abroad = refusalOfCountry(request, config.access.countries);
  // It is for monitors wherever they are; what more it says is not.
  const isHealth = url.pathname === "/healthz";
  if (abroad !== undefined && !isHealth) throw abroad;
  const visitor: Visitor =
    abroad === undefined ? await admit(arrival, config) : { kind: "stranger", refusal: abroad };
  trace.user = userOf(visitor);
  if (isHealth) return serveHealth({ request, url, trace, config, caller: visitor });
  if (route === undefined) {
    if (!config.page.isHidden && wantsPage(request, url))
      return serveUnknownHost({ config, caller: visitor }, host, { request, url });
    throw unknownHost({ config, caller: visitor }, host);
  }
  const isOurs = (hostname: string): boolean => isServedHere(config, host.name, hostname);
  const arrived = { request: bare, url, host, route, config, trace, defer, isOurs };
  refuseHiddenBearer(arrived, presented, serviceOf(arrived));

  if (url.pathname === "/") return servePage({ ...arrived, caller: visitor });
  if (url.pathname === "/v2/auth") {
    return visitor.kind === "open"
      ? serveToken({ ...arrived, caller: visitor })
      : serveOwnToken({ ...arrived, caller: visitor }, presented);
  }
  if (visitor.kind === "stranger") throw visitor.refusal;
  const response = await serveCaller({ ...arrived, caller: visitor });
  // What somebody had to be let in for is not for a cache on the way (S19).
  if (visitor.kind === "guest") forbidSharing(response.headers);
  return response;
}

async function serveCaller(inbound: Inbound): Promise<Response> {
  const { url } = inbound;
  if (url.pathname === "/v2" || url.pathname.startsWith("/v2/")) return serveProtocol(inbound);
  if (isSearch(url.pathname)) return serveSearch(inbound);
  throw new RegistryError(
    "NAME_UNKNOWN",
    "There is nothing at this address. The registry protocol is below /v2/.",
  );
}

async function serveProtocol(inbound: Inbound): Promise<Response> {
  refuseBearerInQuery(inbound, inbound.url.searchParams, serviceOf(inbound));
  const errand = readErrand(inbound);
  requireMethod(errand);
  obeyOwner(errand);
  const lane = openLane(errand);
  const choice = await chooseLane(errand);
  inbound.trace.lane = choice.lane === "challenge" ? undefined : choice.lane;
  // What somebody reads with a login of theirs is not for the owner of the proxy to keep a list of (S21).
  if (choice.lane !== "client") inbound.trace.repository = errand.place?.repository;
  switch (choice.lane) {
    case "client":
      return serveFromUpstream(errand, choice.caller, (status) => {
        const forgetting = forgetChanged(lane, status);
        // Who wrote may leave before it is done.
        errand.inbound.defer(forgetting);
        return forgetting;
      });
    case "challenge":
      throw challenge(errand);
    case "public":
      return inbound.caller.kind === "guest" ? serveGuest(lane) : servePublicly(lane);
  }
}
