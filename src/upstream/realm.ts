// Which token service a registry has, and whether credentials may be sent to it (S4).

import type { Config } from "../config/config.ts";
import type { Registry, Route } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Host } from "../distribution/hosts.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import { inTurn, WAITED } from "../flights.ts";
import { remember, type BoundedMap } from "../isolate.ts";
import type { Trace } from "../log.ts";
import { askForRealm, type BearerRealm, type Learned, type Refused } from "./realm-question.ts";

interface Remembered {
  readonly learned: Learned | Refused;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** When the registry was asked again last, and said nothing. */
  readonly triedAt?: number;
}

const RELEARN_AFTER_MS = 60 * 60 * 1000;
/** For so long it stands in where the registry, asked again, says nothing. As long as a proof holds then (S9). */
const STANDS_IN_MS = 24 * 60 * 60 * 1000;
/** What is left of a deadline when something can still be done by it. */
const LEAST_MS = 100;
/** After a failure of the token service it is asked where it is now, but not by every request. */
const RELEARN_ON_FAILURE_MS = 60 * 1000;
/** One repository that is open says little of itself tomorrow. */
const OPEN_REPOSITORY_MS = 60 * 1000;

/** What registries said, per origin: public knowledge, the same for every client. */
const registries = remember<string, Remembered>(64);
/** What repositories said, of registries without a challenge at `/v2/`: each for itself, and nothing of the others (F7). */
const repositories = remember<string, Remembered>({ entries: 1000, bytes: 1024 * 1024, sizeOf: sizeOfEntry });
/** The same of repositories that were not proved to exist: apart, so that made-up names push nothing out (S17). */
const unproven = remember<string, Remembered>({ entries: 200, bytes: 256 * 1024, sizeOf: sizeOfEntry });
/** Those without a challenge; for the same reason. */
const openRepositories = remember<string, Remembered>(1000);
/** When a token service failed last. */
const doubts = remember<string, number>({ entries: 64, bytes: 64 * 1024, sizeOf: (_, key) => key.length });

/**
 * Learns how a registry authenticates, from requests of our own without any credentials, and remembers it.
 * @param repository asked where `/v2/` answers without a challenge (some registries challenge on resources only)
 * @param deadline of what it is learned for; undefined where each question may take its own time
 * @throws RegistryError UNKNOWN with 502 where the registry names a token service that is not known to be its own
 */
export async function learnRealm(
  registry: Registry,
  repository: RepositoryName | undefined,
  trace: Trace,
  deadline?: number,
): Promise<Learned> {
  const key = keyOf(registry);
  const recalled = (): Learned | Refused | undefined => recall(registries, key, key, RELEARN_AFTER_MS);
  let learned = recalled();
  if (learned === undefined) {
    const ask = (): Promise<Learned | Refused> => learnOfRegistry(registry, trace, deadline);
    const told = await inTurn(`realm ${key}`, ask);
    learned = told === WAITED ? (recalled() ?? (await ask())) : told;
  }
  if (learned.kind !== "open" || repository === undefined) return usable(registry, learned);

  let itsOwn = recallRepository(key, repository);
  if (itsOwn === undefined) {
    itsOwn = await askForRealm(registry, `/v2/${repository}/manifests/latest`, trace, deadline);
    const map = itsOwn.kind === "open" ? openRepositories : unproven;
    map.set(`${key} ${repository}`, { learned: itsOwn, at: Date.now() });
  }
  return usable(registry, itsOwn);
}

/**
 * Asks `/v2/`. What was learned there before stands in where nothing is learned now: it was judged by the same pins, which
 * are part of its key (S4), and a registry's `/v2/` is not to come between what is stored and who asks for it (S18).
 */
async function learnOfRegistry(
  registry: Registry,
  trace: Trace,
  deadline = Infinity,
): Promise<Learned | Refused> {
  const key = keyOf(registry);
  const known = registries.get(key);
  const standsIn =
    known !== undefined && known.learned.kind !== "refused" && Date.now() - known.at < STANDS_IN_MS;
  if (standsIn && Date.now() - (known.triedAt ?? -Infinity) < RELEARN_ON_FAILURE_MS) return known.learned;
  try {
    const learned = await askForRealm(registry, "/v2/", trace, deadline);
    registries.set(key, { learned, at: Date.now() });
    return learned;
  } catch (error) {
    if (!standsIn || !(error instanceof RegistryError)) throw error;
    if (registries.get(key) === known) registries.set(key, { ...known, triedAt: Date.now() });
    if (deadline - Date.now() < LEAST_MS) throw error;
    trace.problem = error.problem;
    return known.learned;
  }
}

/** To be called when a repository was proved to be one: what was learned of it is kept from then on. */
export function keepRealm(registry: Registry, repository: RepositoryName): void {
  const own = `${keyOf(registry)} ${repository}`;
  const known = unproven.get(own);
  if (known === undefined) return;
  unproven.delete(own);
  repositories.set(own, known);
}

/** What is remembered of a repository whose registry has no challenge at `/v2/`. Nobody is asked. */
export function rememberedRealm(
  registry: Registry,
  repository: RepositoryName | undefined,
): Learned | undefined {
  if (repository === undefined) return undefined;
  const learned = recallRepository(keyOf(registry), repository);
  return learned?.kind === "refused" ? undefined : learned;
}

function recallRepository(key: string, repository: RepositoryName): Learned | Refused | undefined {
  const own = `${key} ${repository}`;
  return (
    recall(repositories, own, key, RELEARN_AFTER_MS) ??
    recall(unproven, own, key, RELEARN_AFTER_MS) ??
    recall(openRepositories, own, key, OPEN_REPOSITORY_MS)
  );
}

/** What is remembered and young enough to count. */
function recall(
  map: BoundedMap<string, Remembered>,
  key: string,
  registry: string,
  lifetime: number,
): Learned | Refused | undefined {
  const known = map.get(key);
  if (known === undefined) return undefined;
  const { at, learned } = known;
  if (Date.now() - at >= (learned.kind === "refused" ? RELEARN_ON_FAILURE_MS : lifetime)) return undefined;
  const doubted = learned.kind === "bearer" ? doubts.get(doubtKey(registry, learned)) : undefined;
  return doubted !== undefined && doubted - at >= RELEARN_ON_FAILURE_MS ? undefined : learned;
}

/** What a registry says is judged by the realms that its rows trust: another table, another judgement. */
function keyOf(registry: Registry): string {
  return JSON.stringify([registry.upstream, registry.realms]);
}

/**
 * Refuses a foreign token service (CVE-2026-33540: a registry that names one would collect its users' passwords
 * there). The client is told where it is; the line that would allow it is for the owner, in the log: a stranger's
 * registry must not write what an owner pastes.
 */
function usable(registry: Registry, learned: Learned | Refused): Learned {
  if (learned.kind !== "refused") return learned;
  const { allowable, host } = learned;
  const where = host === undefined ? "without a valid address" : `on ${host}`;
  const advice =
    allowable === undefined
      ? ""
      : `; only if the registry's own documentation names it, its row may have realm = "${allowable}"`;
  throw new RegistryError(
    "UNKNOWN",
    `${registry.name} names a token service ${where} that is not known to be its own, so nothing was sent there. ` +
      "The owner of this proxy finds more in its log.",
    { status: 502, problem: `token service of ${registry.name} refused, ${where}${advice}` },
  );
}

/** What a registry said when it was last asked at `/v2/`, as far as this isolate remembers. */
export function learnedOfRegistry(registry: Registry): Learned | undefined {
  const learned = registries.get(keyOf(registry))?.learned;
  return learned?.kind === "refused" ? undefined : learned;
}

/** What it says now, which is not remembered. @throws RegistryError where it says nothing */
export async function askedAnew(registry: Registry, trace: Trace): Promise<Learned> {
  return usable(registry, await askForRealm(registry, "/v2/", trace));
}

/** The service that a challenge of the registry, or of its repository, named, as far as this isolate remembers. */
export function rememberedService(
  registry: Registry,
  repository: RepositoryName | undefined,
): string | undefined {
  const key = keyOf(registry);
  const own = `${key} ${repository ?? ""}`;
  for (const known of [repositories.get(own), unproven.get(own), registries.get(key)]) {
    if (known?.learned.kind === "bearer") return known.learned.service;
  }
  return undefined;
}

/**
 * The service of a host's challenges, as far as it is the registry's to say: a universal host has its own, and so has every
 * host of a closed proxy, whose strangers are not to hear which registry it is (S16).
 */
export function serviceOf({ config, host, route }: Asked): string | undefined {
  if (config.access.isClosed) return host.authority;
  return route.kind === "registry" ? rememberedService(route.registry, undefined) : undefined;
}

/** A host, as far as its challenges speak of it. */
interface Asked {
  readonly config: Config;
  readonly host: Host;
  readonly route: Route;
}

/** To be called when the token service failed: lets a later request learn again, at most once a minute. */
export function doubtRealm(registry: Registry, learned: BearerRealm): void {
  doubts.set(doubtKey(keyOf(registry), learned), Date.now());
}

function doubtKey(registry: string, { realm }: BearerRealm): string {
  return `${registry} ${realm.href}`;
}

function sizeOfEntry({ learned }: Remembered, key: string): number {
  const said = learned.kind === "bearer" ? learned.realm.href + (learned.service ?? "") : "";
  return key.length + said.length;
}
