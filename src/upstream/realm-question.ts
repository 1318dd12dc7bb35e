// The question which token service a registry has, asked without anything of a client's, and what its answer means (S4).

import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { isScheme, parseChallenges, type Challenge } from "../distribution/challenge.ts";
import { RegistryError } from "../distribution/errors.ts";
import { isHtml } from "../distribution/media-types.ts";
import { remember } from "../isolate.ts";
import type { Trace } from "../log.ts";
import { knownRegistry } from "../registries.ts";
import { deadlineIn, send, SHORT_TIMEOUT_MS, Unreachable } from "./fetch.ts";
import { limitHeaders } from "./headers.ts";

/** What a registry says when it is asked without credentials. */
export type Learned =
  /** It has a token service that may get credentials. */
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined }
  /** It asks for Basic credentials itself. */
  | { readonly kind: "basic" }
  /** It asks for nothing; or says no, and not to whom it would say yes (Google's do so, of some repositories). */
  | { readonly kind: "open"; readonly saysNo?: boolean };

/** A registry's token service. */
export type BearerRealm = Extract<Learned, { kind: "bearer" }>;

/** A token service that is not known to be the registry's own. */
export interface Refused {
  readonly kind: "refused";
  /** Undefined where the realm is not an address. */
  readonly host: string | undefined;
  /** The realm without user and query, as an owner could allow it; undefined for one that nobody could. */
  readonly allowable: string | undefined;
}

/** Each client would wait for the whole timeout otherwise, one after the other. */
const SILENT_MS = 10 * 1000;

/** Registries that gave no answer at all, and until when they are not asked again. */
const silent = remember<string, { readonly until: number; readonly host: string; readonly why: string }>(64);

/**
 * Asks a registry for its challenge.
 * @param path `/v2/`, or a manifest of a repository
 * @param deadline of what it is asked for; undefined where the question may take its own time
 * @throws RegistryError UNAVAILABLE or TOOMANYREQUESTS where nothing was learned
 */
export async function askForRealm(
  registry: Registry,
  path: string,
  trace: Trace,
  deadline?: number,
): Promise<Learned | Refused> {
  const response = await sendUnlessSilent(registry, path, trace, deadline);
  return interpret(registry, await readChallenges(registry, path, response));
}

async function sendUnlessSilent(
  registry: Registry,
  path: string,
  trace: Trace,
  latest: number | undefined,
): Promise<Response> {
  const known = silent.get(registry.upstream);
  if (known !== undefined && known.until > Date.now()) {
    throw new Unreachable(known.host, known.why, `${known.host} ${known.why} a moment ago`);
  }
  const deadline = deadlineIn(SHORT_TIMEOUT_MS);
  const request = {
    url: new URL(path, registry.upstream),
    // It challenges like `GET`, and Docker Hub does not count it.
    method: path === "/v2/" ? "GET" : "HEAD",
    headers: new Headers({ Accept: "*/*", "Accept-Encoding": "identity" }),
    deadline: Math.min(deadline, latest ?? Infinity),
  };
  try {
    return await send(request, trace);
  } catch (error) {
    // A repository that is slow says nothing of its registry, nor does a question that was not given its time (S18).
    if (error instanceof Unreachable && path === "/v2/" && request.deadline === deadline) {
      const { host, why } = error;
      silent.set(registry.upstream, { until: Date.now() + SILENT_MS, host, why });
    }
    throw error;
  }
}

async function readChallenges(
  registry: Registry,
  path: string,
  response: Response,
): Promise<Challenge[] | "open" | "says no"> {
  await discardBody(response);
  const { status } = response;
  // Of a manifest, a redirect (registry.k8s.io) and an absence are answers without a challenge too.
  const isAnswered = status === 404 || (status >= 300 && status < 400);
  if (response.ok && isHtml(response.headers.get("Content-Type"))) {
    // Whoever shows it, it is not the registry: a login page is no openness.
    const problem = `${registry.name} answered with a web page when asked for its token service`;
    throw new RegistryError("UNKNOWN", `${problem}. Try again later.`, { status: 502, problem });
  }
  // Elsewhere a 404 of `/v2/` may be a gateway's whose registry is gone for a moment, and nothing is learned.
  const isWithoutPing = status === 404 && knownRegistry(registry.name)?.hasNoPing === true;
  if (response.ok || isWithoutPing || (isAnswered && path !== "/v2/")) return "open";
  if (status !== 401) {
    // Neither a challenge nor openness: a block page, trouble. Nothing was learned.
    const problem = `${registry.name} answered ${status} when asked for its token service`;
    throw new RegistryError(
      status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE",
      `${problem}. Try again later.`,
      { headers: limitHeaders(response.headers), problem },
    );
  }
  // Google's registries answer some 401s without a challenge.
  const challenges = parseChallenges(response.headers.get("WWW-Authenticate"));
  return challenges.length === 0 ? "says no" : challenges;
}

function interpret(registry: Registry, challenges: Challenge[] | "open" | "says no"): Learned | Refused {
  if (challenges === "open") return { kind: "open" };
  if (challenges === "says no") return { kind: "open", saysNo: true };
  const bearer = challenges.find((challenge) => isScheme(challenge, "bearer"));
  if (bearer === undefined) {
    return challenges.some((challenge) => isScheme(challenge, "basic"))
      ? { kind: "basic" }
      : { kind: "open" };
  }
  const text = bearer.parameters.get("realm") ?? "";
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  if (realm === undefined) return { kind: "refused", host: undefined, allowable: undefined };
  const hasUser = realm.username !== "" || realm.password !== "";
  if (hasUser || !isTrusted(registry, realm)) {
    const allowable = hasUser ? undefined : `${realm.origin}${realm.pathname}`;
    return { kind: "refused", host: realm.host, allowable };
  }
  const service = bearer.parameters.get("service");
  return { kind: "bearer", realm, service: service === "" ? undefined : service };
}

/** A realm belongs to the registry if it is of its own origin, the pinned pair, or the owner's word. */
function isTrusted(registry: Registry, realm: URL): boolean {
  return [registry.upstream, ...registry.realms].includes(realm.origin);
}
