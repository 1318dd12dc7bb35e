// Our own challenges: they bring token requests back to this proxy.

import { isKeyRoute, type Route } from "../config/registry.ts";
import { formatChallenge } from "../distribution/challenge.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";

/** The address that a client reached us by, as far as a challenge speaks of it. */
export interface Front {
  /** The request's address; only its scheme counts. */
  readonly url: URL;
  readonly host: Host;
  readonly route: Route;
}

/** The token service's address as clients see it: one for each host, always the same (containerd keeps the first). */
export function realmOf(front: Front): string {
  // `request.url` loses a port in `wrangler dev`; the Host header has it.
  return `${front.url.protocol}//${front.host.authority}/v2/auth`;
}

/** What a Bearer challenge of ours may say beside its realm. */
export interface ChallengeOptions {
  /** As the registry's own challenges have it; to be said each time, since clients take another one for another host. */
  readonly service: string | undefined;
  readonly scope?: string | undefined;
  readonly error?: "insufficient_scope" | "invalid_token" | undefined;
  /** A sentence beside `error` (RFC 6750, section 3): docker shows nothing of the body then, but this. */
  readonly description?: string | undefined;
}

/** Our challenge, realm first: some clients (docker, podman) look at nothing behind it. */
export function ourChallenge(front: Front, options: ChallengeOptions): string {
  const parameters = new Map([["realm", realmOf(front)]]);
  const service = front.route.kind === "universal" ? front.host.authority : options.service;
  if (service !== undefined) parameters.set("service", service);
  if (options.scope !== undefined) parameters.set("scope", options.scope);
  if (options.error !== undefined) parameters.set("error", options.error);
  if (options.description !== undefined) parameters.set("error_description", options.description);
  return formatChallenge({ scheme: "Bearer", parameters });
}

/**
 * A 401 of our own, upon which a client asks our token service. Of the host of a key row no answer says anything, and a
 * challenge would, in its realm (S16).
 */
export function unauthorized(front: Front, message: string, options: ChallengeOptions): RegistryError {
  const headers: Record<string, string> = isKeyRoute(front.route)
    ? {}
    : { "WWW-Authenticate": ourChallenge(front, options) };
  return new RegistryError("UNAUTHORIZED", message, { headers });
}
