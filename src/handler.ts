// The way of a request, in the order in which it is decided: host, caller, address, names, lane. docs/request-handling.md
// is this file as a chart.

import { admit } from "./access/admission.ts";
import { takeCredentials } from "./access/caller.ts";
import { refuseBearerInQuery, refuseHiddenBearer } from "./access/hidden-bearers.ts";
import { refuseOtherSites } from "./access/other-sites.ts";
import { isPlainHttp, refusePlainHttp } from "./access/plain-http.ts";
import { requireConfig } from "./config/config.ts";
import { RegistryError } from "./distribution/errors.ts";
import { chooseLane } from "./lanes/choose.ts";
import { serveFromUpstream } from "./lanes/client.ts";
import { challenge, readErrand, requireMethod } from "./lanes/errand.ts";
import { openLane } from "./lanes/public/lane.ts";
import { forgetChanged, servePublicly } from "./lanes/public/serve.ts";
import { isSearch, serveSearch } from "./lanes/search.ts";
import type { Trace } from "./log.ts";
import { servePage } from "./page/page.ts";
import { serveUnknownHost, wantsPage } from "./page/unknown-host.ts";
import { serveHealth, serveRobots } from "./page/plain.ts";
import { findRoute, isServedHere, readHost, unknownHost } from "./routing/hosts.ts";
import type { Defer, Inbound } from "./routing/inbound.ts";
import { serveToken } from "./token-service/serve.ts";
import { serviceOf } from "./upstream/realm.ts";

/**
 * Answers a request. An answer to HEAD may have a body here: `index.ts` takes it off.
 * @throws RegistryError for every answer that says no
 */
export async function handle(request: Request, env: unknown, trace: Trace, defer: Defer): Promise<Response> {
  const url = new URL(request.url);
  const host = readHost(request, url);
  trace.host = host.authority;

  const { presented, bare } = takeCredentials(request);
  if (isPlainHttp(request, url)) return refusePlainHttp(bare, url, host, presented);
  refuseOtherSites(request, url);
  if (url.pathname === "/robots.txt") return serveRobots(request);

  const config = requireConfig(env);
  if (url.pathname === "/healthz") return serveHealth(request);
  const caller = admit(presented);
  const route = findRoute(config, host.name);
  if (route === undefined) {
    if (wantsPage(request, url)) return serveUnknownHost({ config, caller }, host);
    throw unknownHost({ config, caller }, host);
  }
  const isOurs = (hostname: string): boolean => isServedHere(config, host.name, hostname);
  const inbound: Inbound = { request: bare, caller, url, host, route, config, trace, defer, isOurs };
  refuseHiddenBearer(inbound, presented, serviceOf(route));

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
  refuseBearerInQuery(inbound, inbound.url.searchParams, serviceOf(inbound.route));
  const errand = readErrand(inbound);
  requireMethod(errand);
  const lane = openLane(errand);
  const choice = await chooseLane(errand);
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
      return servePublicly(lane);
  }
}
