// A request that has found its host in the routes table, with what every step of its way needs to know.

import type { Caller, Visitor } from "../access/admission.ts";
import type { BareRequest } from "../access/caller.ts";
import type { Front } from "../access/challenge.ts";
import type { Config } from "../config/config.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";

/** Keeps work going after the answer has been given (`waitUntil`). */
export type Defer = (work: Promise<unknown>) => void;

/** @typeParam Who whom it may be of: a stranger only at addresses that are for everybody. */
export interface Inbound<Who extends Visitor = Caller> extends Front {
  /** Without its credentials: they are the caller's. */
  readonly request: BareRequest;
  readonly caller: Who;
  readonly config: Config;
  readonly trace: Trace;
  readonly defer: Defer;
  /** True of host names that this Worker answers for: a redirect there would be a loop. */
  readonly isOurs: (hostname: string) => boolean;
}

/** True of the methods that read. */
export function isRead(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** @throws RegistryError UNSUPPORTED for methods that an address of ours does not have */
export function requireRead({ method }: BareRequest): void {
  if (isRead(method)) return;
  throw new RegistryError("UNSUPPORTED", "This address takes GET and HEAD.", {
    headers: { Allow: "GET, HEAD" },
  });
}
