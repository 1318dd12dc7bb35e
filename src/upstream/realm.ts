// Which token service a registry has, and whether credentials may be sent to it (S4).

import type { Registry, Route } from "../config/registry.ts";
import { isScheme, parseChallenges, type Challenge } from "../distribution/challenge.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import type { Trace } from "../log.ts";
import { remember } from "../isolate.ts";
import { discardBody } from "../distribution/body.ts";
import { send, Unreachable, SHORT_TIMEOUT_MS } from "./fetch.ts";
import { limitHeaders } from "./headers.ts";

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
  /** The realm without user and query, fit to be shown. */
  readonly shown: string;
  /** True of one that an owner could allow. */
  readonly allowable: boolean;
}

interface Remembered {
  readonly learned: Learned | Refused;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

const RELEARN_AFTER_MS = 60 * 60 * 1000;
/** After a failure of the token service it is asked where it is now, but not by every request. */
const RELEARN_ON_FAILURE_MS = 60 * 1000;

/** Each client would wait for the whole timeout otherwise, one after the other. */
const SILENT_MS = 10 * 1000;
/** One repository that is open says nothing of the others, and little of itself tomorrow. */
const OPEN_REPOSITORY_MS = 60 * 1000;

/** What registries said, per origin: public knowledge, the same for every client. */
const memory = remember<string, Remembered>(64);
/** Registries that gave no answer at all, and until when they are not asked again. */
const silent = remember<string, { readonly until: number; readonly host: string; readonly why: string }>(64);
/** Repositories of registries without a challenge at `/v2/`, that had none of their own. */
const openRepositories = remember<string, number>(1000);

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
  const key = keyOf(registry);
  let learned = recall(key);
  if (learned === undefined) {
    learned = interpret(registry, await askForChallenge(registry, "/v2/", trace));
    memory.set(key, { learned, at: Date.now() });
  }
  if (learned.kind !== "open" || repository === undefined) return usable(registry, learned);

  const opened = `${key} ${repository}`;
  if ((openRepositories.get(opened) ?? 0) > Date.now()) return learned;
  const itsOwn = interpret(
    registry,
    await askForChallenge(registry, `/v2/${repository}/manifests/latest`, trace),
  );
  if (itsOwn.kind === "open") openRepositories.set(opened, Date.now() + OPEN_REPOSITORY_MS);
  else memory.set(key, { learned: itsOwn, at: Date.now() });
  return usable(registry, itsOwn);
}

/** What is remembered and young enough to count. */
function recall(key: string): Learned | Refused | undefined {
  const known = memory.get(key);
  if (known === undefined) return undefined;
  const lifetime = known.learned.kind === "refused" ? RELEARN_ON_FAILURE_MS : RELEARN_AFTER_MS;
  return Date.now() - known.at < lifetime ? known.learned : undefined;
}

/** What a registry says is judged by the realms that its rows trust: another table, another judgement. */
function keyOf(registry: Registry): string {
  return JSON.stringify([registry.upstream, registry.realms]);
}

/**
 * Refuses a foreign token service (CVE-2026-33540: a registry that names one would collect its users' passwords
 * there), with the line that the owner would have to write.
 */
function usable(registry: Registry, learned: Learned | Refused): Learned {
  if (learned.kind !== "refused") return learned;
  const advice = learned.allowable
    ? ` If it is right, the owner of this proxy adds to the registry's row: realm = "${learned.shown}"`
    : "";
  throw new RegistryError(
    "UNKNOWN",
    `${registry.name} names a token service (${learned.shown}) that is not known to be its own, ` +
      `so nothing was sent there.${advice}`,
    { status: 502, problem: `token service of ${registry.name} refused: ${learned.shown}` },
  );
}

/** What a registry said when it was last asked at `/v2/`, as far as this isolate remembers. */
export function rememberedRealm(registry: Registry): Learned | undefined {
  const learned = memory.get(keyOf(registry))?.learned;
  return learned?.kind === "refused" ? undefined : learned;
}

/** What it says now, without believing it. @throws RegistryError where it says nothing */
export async function askedAnew(registry: Registry, trace: Trace): Promise<Learned> {
  return usable(registry, interpret(registry, await askForChallenge(registry, "/v2/", trace)));
}

/** The service that a registry's challenge named, as far as this isolate remembers. */
export function rememberedService(registry: Registry): string | undefined {
  const learned = memory.get(keyOf(registry))?.learned;
  return learned?.kind === "bearer" ? learned.service : undefined;
}

/** The service of a host's challenges, as far as it is the registry's to say: a universal host has its own. */
export function serviceOf(route: Route): string | undefined {
  return route.kind === "registry" ? rememberedService(route.registry) : undefined;
}

/** To be called when the token service failed: lets the next request learn again, at most once a minute. */
export function doubtRealm(registry: Registry): void {
  const key = keyOf(registry);
  const known = memory.get(key);
  if (known !== undefined && Date.now() - known.at >= RELEARN_ON_FAILURE_MS) memory.delete(key);
}

async function sendUnlessSilent(registry: Registry, path: string, trace: Trace): Promise<Response> {
  const known = silent.get(registry.upstream);
  if (known !== undefined && known.until > Date.now()) {
    throw new Unreachable(known.host, known.why, `${known.host} ${known.why} a moment ago`);
  }
  const request = {
    url: new URL(path, registry.upstream),
    method: path === "/v2/" ? "GET" : "HEAD",
    headers: new Headers({ Accept: "*/*", "Accept-Encoding": "identity" }),
    deadline: Date.now() + SHORT_TIMEOUT_MS,
  };
  try {
    return await send(request, trace);
  } catch (error) {
    if (error instanceof Unreachable) {
      const { host, why } = error;
      silent.set(registry.upstream, { until: Date.now() + SILENT_MS, host, why });
    }
    throw error;
  }
}

/** `HEAD` for manifests: it challenges like `GET`, and Docker Hub does not count it. */
async function askForChallenge(
  registry: Registry,
  path: string,
  trace: Trace,
): Promise<Challenge[] | "open"> {
  const response = await sendUnlessSilent(registry, path, trace);
  await discardBody(response);
  const { status } = response;
  // Of a manifest, a redirect (registry.k8s.io) and an absence are answers without a challenge too.
  const isAnswered = status === 404 || (status >= 300 && status < 400);
  if (response.ok || (isAnswered && path !== "/v2/")) return "open";
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
  if (realm === undefined) return { kind: "refused", shown: "no valid URL", allowable: false };
  const shown = `${realm.origin}${realm.pathname}`;
  const hasUser = realm.username !== "" || realm.password !== "";
  if (hasUser || !isTrusted(registry, realm)) return { kind: "refused", shown, allowable: !hasUser };
  const service = bearer.parameters.get("service");
  return { kind: "bearer", realm, service: service === "" ? undefined : service };
}

/** A realm belongs to the registry if it is of its own origin, the pinned pair, or the owner's word. */
function isTrusted(registry: Registry, realm: URL): boolean {
  return [registry.upstream, ...registry.realms].includes(realm.origin);
}
