// A request that has found its host in the routes table, with what every step of its way needs to know.

import type { Config, Route } from "../config/config.ts";
import { formatChallenge } from "../distribution/challenge.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { QueryPart } from "../distribution/query.ts";
import type { Host } from "../distribution/hosts.ts";
import type { Trace } from "../log.ts";

/** Keeps work going after the answer has been given (`waitUntil`). */
export type Defer = (work: Promise<unknown>) => void;

export interface Inbound {
  readonly request: Request;
  readonly url: URL;
  readonly config: Config;
  readonly route: Route;
  readonly host: Host;
  readonly trace: Trace;
  readonly defer: Defer;
}

/** The token service's address as clients see it: one for each host, always the same (containerd keeps the first). */
export function realmOf(inbound: Inbound): string {
  // `request.url` loses a port in `wrangler dev`; the Host header has it.
  return `${inbound.url.protocol}//${inbound.host.authority}/v2/auth`;
}

/** What a Bearer challenge of ours may say beside its realm. */
export interface ChallengeOptions {
  readonly service?: string | undefined;
  readonly scope?: string | undefined;
  readonly error?: "insufficient_scope" | "invalid_token" | undefined;
}

/** Our challenge, realm first: some clients (docker, podman) look at nothing behind it. */
export function ourChallenge(inbound: Inbound, options: ChallengeOptions): string {
  const parameters = new Map([["realm", realmOf(inbound)]]);
  const service = inbound.route.kind === "universal" ? inbound.host.authority : options.service;
  if (service !== undefined) parameters.set("service", service);
  if (options.scope !== undefined) parameters.set("scope", options.scope);
  if (options.error !== undefined) parameters.set("error", options.error);
  return formatChallenge({ scheme: "Bearer", parameters });
}

/** A 401 of our own, upon which a client asks our token service. */
export function unauthorized(inbound: Inbound, message: string, options: ChallengeOptions): RegistryError {
  return new RegistryError("UNAUTHORIZED", message, {
    headers: { "WWW-Authenticate": ourChallenge(inbound, options) },
  });
}

/**
 * The value of a parameter that must not be repeated (S8): two of them could be read as one here and as the other
 * by the registry.
 * @throws RegistryError NAME_INVALID
 */
export function singleParameter(parts: readonly QueryPart[], name: string): string | undefined {
  const values = parts.filter((part) => part.name === name);
  if (values.length > 1) throw new RegistryError("NAME_INVALID", `The query has ${name}= more than once.`);
  return values[0]?.value;
}

/** @throws RegistryError UNSUPPORTED for methods that an address of ours does not have */
export function requireRead(request: Request): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  throw new RegistryError("UNSUPPORTED", "This address takes GET and HEAD.", {
    headers: { Allow: "GET, HEAD" },
  });
}
