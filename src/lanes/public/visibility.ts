// Whether a repository is public: the record without which nothing stored is served (S9).

import { storeKey } from "../../store/store.ts";
import { BoundedMap } from "../../isolate.ts";
import type { RepositoryLane } from "./lane.ts";

/** What is known of a repository. Times in milliseconds since the epoch, 0 for never. */
export interface Visibility {
  /** Part of every key of its content: a denial begins a new one, and leaves the old content behind. */
  readonly generation: string;
  /** When an anonymous request to the registry itself was last begun that it answered. */
  readonly provenAt: number;
  /** When it was last refused on a fresh anonymous token. */
  readonly deniedAt: number;
}

const UNKNOWN: Visibility = { generation: "0", provenAt: 0, deniedAt: 0 };
/** A proof is good for serving what is stored for so long. */
const FRESH_MS = 5 * 60 * 1000;
/** While the registry proves nothing (429, 5xx, silence), its last word holds for so long. */
const HOLDS_MS = 24 * 60 * 60 * 1000;
/** A proof is written again only after so long: a pull proves its repository many times a second. */
const REWRITE_MS = 30 * 1000;

const memory = new BoundedMap<string, Visibility>(5000);
/** The proof that this isolate last wrote to the store, by the same name. */
const written = new BoundedMap<string, number>(5000);

/** Forgets what the isolate remembers; a fresh isolate, for tests. */
export function forgetVisibility(): void {
  memory.clear();
  written.clear();
}

/** True while stored content may be served without asking. */
export function isFresh(visibility: Visibility): boolean {
  return isPublic(visibility) && Date.now() - visibility.provenAt <= FRESH_MS;
}

/** True while stored content may be served although the registry cannot answer. */
export function holds(visibility: Visibility): boolean {
  return isPublic(visibility) && Date.now() - visibility.provenAt <= HOLDS_MS;
}

function isPublic(visibility: Visibility): boolean {
  return visibility.provenAt > visibility.deniedAt;
}

/** What is known by now, of this isolate and the others of the data centre. */
export async function readVisibility(lane: RepositoryLane): Promise<Visibility> {
  const name = nameOf(lane);
  const remembered = memory.get(name);
  if (remembered !== undefined && isFresh(remembered)) return remembered;
  const stored = await readStored(lane);
  // Read again: a denial may have come while the store was asked.
  const latest = merge(memory.get(name) ?? UNKNOWN, stored);
  memory.set(name, latest);
  return latest;
}

/** The registry answered an anonymous request. @param askedAt when that request was begun */
export async function provePublic(lane: RepositoryLane, askedAt: number): Promise<Visibility> {
  const known = await readVisibility(lane);
  // A denial that came while this answer was on its way is the later word.
  if (askedAt <= known.deniedAt || askedAt <= known.provenAt) return known;
  const name = nameOf(lane);
  const proved = { ...known, provenAt: askedAt };
  memory.set(name, proved);
  if (!isPublic(known) || askedAt - (written.get(name) ?? 0) > REWRITE_MS) {
    written.set(name, askedAt);
    // With what memory knows by then: a denial that came meanwhile must not be written over.
    lane.defer(readStored(lane).then((stored) => write(lane, merge(memory.get(name) ?? proved, stored))));
  }
  return proved;
}

/** The registry refused on a fresh anonymous token: what was stored is out of reach from here on. */
export async function denyPublic(lane: RepositoryLane): Promise<void> {
  const known = await readVisibility(lane);
  const begun = known.deniedAt > known.provenAt && known.generation !== UNKNOWN.generation;
  const generation = begun ? known.generation : crypto.randomUUID();
  const denied = { ...known, generation, deniedAt: Date.now() };
  memory.set(nameOf(lane), denied);
  // Not deferred: the denial must stand before anybody else is answered from the store.
  await write(lane, denied);
}

async function write(lane: RepositoryLane, visibility: Visibility): Promise<void> {
  const metadata = {
    name: nameOf(lane),
    generation: visibility.generation,
    provenAt: String(visibility.provenAt),
    deniedAt: String(visibility.deniedAt),
  };
  // Longer than any proof holds, so that a denial is not forgotten before the content it hides.
  await lane.store.writeRecord(await keyOf(lane), metadata, (8 * HOLDS_MS) / 1000);
}

function parse(name: string, metadata: Readonly<Record<string, string>> | undefined): Visibility | undefined {
  const provenAt = Number(metadata?.["provenAt"]);
  const deniedAt = Number(metadata?.["deniedAt"]);
  const generation = metadata?.["generation"];
  if (metadata?.["name"] !== name || generation === undefined) return undefined;
  if (!Number.isSafeInteger(provenAt) || !Number.isSafeInteger(deniedAt)) return undefined;
  return { generation, provenAt, deniedAt };
}

/** The last word of each kind; the generation is that of the last denial. */
function merge(one: Visibility, other: Visibility): Visibility {
  return {
    generation: other.deniedAt > one.deniedAt ? other.generation : one.generation,
    provenAt: Math.max(one.provenAt, other.provenAt),
    deniedAt: Math.max(one.deniedAt, other.deniedAt),
  };
}

async function readStored(lane: RepositoryLane): Promise<Visibility> {
  return parse(nameOf(lane), (await lane.store.describe(await keyOf(lane)))?.metadata) ?? UNKNOWN;
}

function nameOf(lane: RepositoryLane): string {
  return `${lane.upstream} ${lane.repository}`;
}

function keyOf(lane: RepositoryLane): ReturnType<typeof storeKey> {
  return storeKey(lane.upstream, lane.repository, "", "visibility", "");
}
