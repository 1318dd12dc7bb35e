// Which lane serves a request: its own credentials decide, and for a request without any, whether the registry would ask
// for some. Privacy does not depend on anything that is found out later.

import type { OpenCaller } from "../access/admission.ts";
import { readToken } from "../access/bearer.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Trace } from "../log.ts";
import { isRead } from "../routing/inbound.ts";
import { learnRealm, rememberedRealm } from "../upstream/realm.ts";
import type { Learned } from "../upstream/realm-question.ts";
import type { Errand } from "./errand.ts";

/** A lane, and what it needs. The client lane passes credentials on, and only an open proxy's callers have any to pass. */
export type Choice =
  | { readonly lane: "client"; readonly caller: OpenCaller }
  | { readonly lane: "public" }
  | { readonly lane: "challenge" };

/** Chooses the lane. @throws RegistryError with 502 for a registry whose token service is refused */
export async function chooseLane(errand: Errand): Promise<Choice> {
  const { endpoint, inbound, place, registry } = errand;
  const { caller, request, route } = inbound;
  // A closed proxy has no client lane: nothing of a guest's is a registry's.
  if (caller.kind === "guest") return { lane: "public" };
  const client = { lane: "client", caller } as const;
  const { authorization } = caller.presented;
  if (authorization.kind === "bearer") {
    return readToken(authorization.token).kind === "anonymous" ? { lane: "public" } : client;
  }
  if (authorization.kind !== "none") return client;
  const reads = isRead(request.method) && endpoint.kind !== "upload";
  // On a universal host `/v2/` is nobody's yet, and nobody writes there: our challenge leads to every token service.
  if (route.kind === "universal" && (endpoint.kind === "ping" || !reads)) return { lane: "challenge" };
  switch (await learnedKind(registry, inbound.trace)) {
    case "bearer":
      return { lane: "challenge" };
    case "basic":
      return client;
    case "open":
      // Its own challenge reaches the client, as that of a registry that wants Basic everywhere.
      if (rememberedRealm(registry, place?.repository)?.kind === "basic") return client;
      return reads ? { lane: "public" } : client;
  }
}

/** What the registry would ask for. One that cannot be asked is taken to want tokens: ours then leads to what is stored. */
async function learnedKind(registry: Registry, trace: Trace): Promise<Learned["kind"]> {
  try {
    return (await learnRealm(registry, undefined, trace)).kind;
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status === 502) throw error;
    trace.problem = error.problem;
    return "bearer";
  }
}
