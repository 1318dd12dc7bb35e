// Which token service a registry has, and whether credentials may be sent to it (S4).

import type { Registry } from "../config.ts";
import { isScheme, parseChallenges, type Challenge } from "../distribution/challenge.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import type { Trace } from "../log.ts";
import { BoundedMap } from "./memory.ts";
import { send, SHORT_TIMEOUT_MS } from "./fetch.ts";

/** What a registry says when it is asked without credentials. */
export type Learned =
  /** It has a token service that may get credentials. */
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined }
  /** It asks for Basic credentials itself. */
  | { readonly kind: "basic" }
  /** It asks for nothing. */
  | { readonly kind: "open" };

/** What is remembered of a registry whose token service is not known to be its own. */
interface Refused {
  readonly kind: "refused";
  /** The realm without its query, fit to be shown. */
  readonly shown: string;
}

interface Remembered {
  readonly learned: Learned | Refused;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** True if a repository's manifest was asked too, because `/v2/` challenged nobody. */
  readonly thorough: boolean;
}

const RELEARN_AFTER_MS = 60 * 60 * 1000;
/** After a failure of the token service it is asked where it is now, but not by every request. */
const RELEARN_ON_FAILURE_MS = 60 * 1000;

/** What registries said, per origin: public knowledge, the same for every client. */
const memory = new BoundedMap<string, Remembered>(64);

/**
 * Learns how a registry authenticates, from requests of our own without any credentials, and remembers it.
 * @param repository asked where `/v2/` answers without a challenge (some registries challenge on resources only)
 * @throws RegistryError UNKNOWN with 502 where the registry names a token service that is not known to be its own
 */
export async function learnRealm(
  registry: Registry,
  repository: RepositoryName | undefined,
  trace: Trace,
): Promise<Learned> {
  const known = recall(registry, repository);
  if (known !== undefined) return usable(registry, known, trace);

  let challenges = await ask(registry, "/v2/", trace);
  let thorough = false;
  if (challenges === "open" && repository !== undefined) {
    thorough = true;
    challenges = await ask(registry, `/v2/${repository}/manifests/latest`, trace);
  }
  const learned = interpret(registry, challenges);
  memory.set(registry.upstream, { learned, at: Date.now(), thorough });
  return usable(registry, learned, trace);
}

/** What is remembered and young enough to count. */
function recall(registry: Registry, repository: RepositoryName | undefined): Learned | Refused | undefined {
  const known = memory.get(registry.upstream);
  if (known === undefined) return undefined;
  const lifetime = known.learned.kind === "refused" ? RELEARN_ON_FAILURE_MS : RELEARN_AFTER_MS;
  if (Date.now() - known.at >= lifetime) return undefined;
  return known.learned.kind === "open" && !known.thorough && repository !== undefined
    ? undefined
    : known.learned;
}

/**
 * Refuses a foreign token service (CVE-2026-33540: a registry that names one would collect its users' passwords
 * there), with the line that the owner would have to write.
 */
function usable(registry: Registry, learned: Learned | Refused, trace: Trace): Learned {
  if (learned.kind !== "refused") return learned;
  trace.problem = `token service of ${registry.name} refused: ${learned.shown}`;
  throw new RegistryError(
    "UNKNOWN",
    `${registry.name} names a token service that is not known to be its own (${learned.shown}), so nothing was sent ` +
      `there. If it is right, the owner of this proxy adds to the registry's row: realm = "${learned.shown}"`,
    { status: 502 },
  );
}

/** To be called when the token service failed: lets the next request learn again, at most once a minute. */
export function doubtRealm(registry: Registry): void {
  const known = memory.get(registry.upstream);
  if (known !== undefined && Date.now() - known.at >= RELEARN_ON_FAILURE_MS) memory.delete(registry.upstream);
}

/** Forgets everything; a fresh isolate, for tests. */
export function forgetRealms(): void {
  memory.clear();
}

/** `HEAD` for manifests: it challenges like `GET`, and Docker Hub does not count it. */
async function ask(registry: Registry, path: string, trace: Trace): Promise<Challenge[] | "open"> {
  const response = await send(
    {
      url: new URL(path, registry.upstream),
      method: path === "/v2/" ? "GET" : "HEAD",
      headers: new Headers({ Accept: "*/*", "Accept-Encoding": "identity" }),
      deadline: Date.now() + SHORT_TIMEOUT_MS,
    },
    trace,
  );
  await response.body?.cancel();
  if (response.status >= 500 || response.status === 429) {
    trace.problem = `${registry.name} answered ${response.status} when asked for its token service`;
    throw new RegistryError(
      response.status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE",
      `${registry.name} answered ${response.status} when asked for its token service. Try again later.`,
      { headers: retryAfter(response) },
    );
  }
  if (response.status !== 401) return "open";
  // Google's registries answer some 401s without a challenge.
  const challenges = parseChallenges(response.headers.get("WWW-Authenticate"));
  return challenges.length === 0 ? "open" : challenges;
}

function interpret(registry: Registry, challenges: Challenge[] | "open"): Learned | Refused {
  if (challenges === "open") return { kind: "open" };
  const bearer = challenges.find((challenge) => isScheme(challenge, "bearer"));
  if (bearer === undefined) {
    return challenges.some((challenge) => isScheme(challenge, "basic"))
      ? { kind: "basic" }
      : { kind: "open" };
  }
  const text = bearer.parameters.get("realm") ?? "";
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  if (realm === undefined) return { kind: "refused", shown: "no valid URL" };
  if (!isTrusted(registry, realm)) return { kind: "refused", shown: `${realm.origin}${realm.pathname}` };
  const service = bearer.parameters.get("service");
  return { kind: "bearer", realm, service: service === "" ? undefined : service };
}

/** A realm belongs to the registry if it is of its own origin, the pinned pair, or the owner's word. */
function isTrusted(registry: Registry, realm: URL): boolean {
  if (realm.username !== "" || realm.password !== "") return false;
  return [registry.upstream, ...registry.realms].includes(realm.origin);
}

function retryAfter(response: Response): HeadersInit {
  const value = response.headers.get("Retry-After");
  return value === null ? {} : { "Retry-After": value };
}
