// Redirects of GET and HEAD, followed inside the Worker by our own rules (S5): the reason why a client that cannot
// reach a registry's CDN still gets its blobs.

import { RegistryError } from "../distribution/errors.ts";
import { isAddress, isLocalName, isLoopback } from "../distribution/hosts.ts";
import type { Trace } from "../log.ts";
import { discardBody } from "../distribution/body.ts";
import { send, type UpstreamRequest } from "./fetch.ts";
import { withoutCredentials } from "./headers.ts";

const MAX_HOPS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/** What following needs to know of the request that it is for. */
export interface Way {
  readonly trace: Trace;
  /** True of host names that this Worker answers for. */
  readonly isOurs: (hostname: string) => boolean;
}

/** What came of a request after its redirects. */
export interface Followed {
  /** The last answer. */
  readonly response: Response;
  /** Headers of the registry's own answer: the first that another origin did not give. */
  readonly registryHeaders: Headers;
  readonly url: URL;
  /** True if the way left the registry's origin: its credentials were dropped then, and do not come back. */
  readonly elsewhere: boolean;
  readonly redirected: boolean;
}

/**
 * Sends a GET or HEAD and follows where it leads.
 * @throws RegistryError UNKNOWN with 502, which names the hop that was refused
 */
export async function sendFollowing(request: UpstreamRequest, way: Way): Promise<Followed> {
  const { isOurs, trace } = way;
  let current = request;
  let response = await send(current, trace);
  let registryHeaders = response.headers;
  let strayed = false;

  for (let hops = 0; REDIRECTS.includes(response.status); hops += 1) {
    const location = response.headers.get("Location");
    await discardBody(response);
    if (location === null) throw refused(current.url, "redirects without saying where to");
    if (hops === MAX_HOPS) throw refused(current.url, "redirects too many times");
    if (!URL.canParse(location, current.url.href))
      throw refused(current.url, "redirects to no valid address");
    const target = new URL(location, current.url);
    const objection = objectionTo(target, request.url, isOurs);
    if (objection !== undefined) throw refused(target, objection);

    // Dropped once, the credentials stay dropped for the rest of the chain, also when it comes back.
    if (target.origin !== current.url.origin) {
      strayed = true;
      current = { ...current, headers: withoutCredentials(current.headers) };
    }
    current = { ...current, url: target };
    response = await send(current, trace);
    if (!strayed) registryHeaders = response.headers;
  }
  return {
    response,
    registryHeaders,
    url: current.url,
    elsewhere: strayed,
    redirected: current !== request,
  };
}

/** Why a redirect's target is refused, or undefined. There is no list of CDN hosts: they change every year. */
function objectionTo(target: URL, registry: URL, isOurs: (hostname: string) => boolean): string | undefined {
  if (target.username !== "" || target.password !== "")
    return "is named with a user, which no redirect needs";
  if (target.origin === registry.origin) return undefined;
  if (registry.protocol === "http:" && isLoopback(registry.hostname)) {
    // Development and tests: a registry on this machine may lead to another port of it.
    return isLoopback(target.hostname) ? undefined : "is not on this machine, as the registry is";
  }
  if (target.protocol !== "https:") return "is not https";
  if (target.port !== "" && target.port !== registry.port) return "is on an unusual port";
  if (isAddress(target.hostname)) return "is a bare address";
  if (isLocalName(target.hostname)) return "is a local name";
  if (isOurs(target.hostname)) return "is a host of this proxy, which would be a loop";
  return undefined;
}

function refused(url: URL, why: string): RegistryError {
  return new RegistryError("UNKNOWN", `A redirect of the registry was refused: ${url.host} ${why}.`, {
    status: 502,
    // The host alone: paths and queries of redirects carry signatures.
    problem: `redirect refused: ${url.host} ${why}`,
  });
}
