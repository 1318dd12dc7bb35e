// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer: in the isolate, in the
// store of the data centre, and in the one that lasts.

import { accepts, isBroad, type Accept } from "../../distribution/accept.ts";
import type { Digest, Tag } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Store } from "../../store/store.ts";
import { isEnded, noteEnding } from "./endings.ts";
import { tagEntry } from "./entries.ts";
import type { ContentLane } from "./lane.ts";
import { parseClasses, wordsOfClasses, type Classes, type ResolvedTag } from "./tag-words.ts";

export type { ResolvedTag } from "./tag-words.ts";

/** Classes of clients that take less than all manifests: more of them push out the oldest of their kind. */
const MAX_NARROW = 8;
const MAX_MEDIA_TYPE = 256;
const STALE_MS = 24 * 60 * 60 * 1000;
/** Where each write is on the owner's bill, that the same digest was confirmed waits for so long. */
const RENEW_MS = 60 * 60 * 1000;
/** Whether what was written arrived there is looked at after so long. */
const LOOK_MS = 10 * 60 * 1000;

const sizeOf = (classes: Classes, key: string): number => key.length + JSON.stringify(classes).length;
const memory = remember<string, Classes>({ entries: 5000, bytes: 4 * 1024 * 1024, sizeOf });
/** What the store that lasts is known to have. */
const lasting = remember<string, Classes>({ entries: 2000, bytes: 1024 * 1024, sizeOf });

/** What is remembered of a tag. */
export interface Recalled {
  /** For this class of Accept, at most a day old. */
  readonly own: ResolvedTag | undefined;
  /** For whatever class, if its type is one that the client accepts: for when the registry cannot answer. */
  readonly any: ResolvedTag | undefined;
  readonly accept: Accept;
  /** True where the store of the data centre was looked at, and has nothing of the tag. */
  readonly isNew: boolean;
  /** True where the store that lasts was looked at. */
  readonly isLasting: boolean;
}

/** Recalls a tag; what this isolate remembers and is not young counts only where the store has it. */
export async function recallTag(lane: ContentLane, tag: Tag, accept: Accept): Promise<Recalled> {
  // The registry judges each client by itself: what it said to one says nothing to the next.
  if (!lane.errand.registry.store)
    return { accept, own: undefined, any: undefined, isNew: false, isLasting: false };
  const remembered = memory.get(nameOf(lane, tag)) ?? {};
  const own = remembered[accept.class];
  if (own !== undefined && isYoung(lane, own)) {
    return { accept, ...chosen(remembered, accept), isNew: false, isLasting: false };
  }
  const stored = await readStored(lane, lane.store, tag);
  const near = chosen(learn(lane, tag, stored), accept);
  const isNew = Object.keys(stored).length === 0;
  if (lane.lasting === undefined || near.any !== undefined) {
    return { accept, ...near, isNew, isLasting: false };
  }
  const far = chosen(await recallLasting(lane, lane.lasting, tag), accept);
  return { accept, ...far, isNew, isLasting: true };
}

/**
 * What of a tag may be served although the registry cannot answer. Of a repository that is kept in the bucket that is what
 * stands there: another data centre may have ended it.
 * @param recalled what was known of it before the registry was asked
 */
export async function recallStale(
  lane: ContentLane,
  tag: Tag,
  recalled: Recalled,
): Promise<ResolvedTag | undefined> {
  if (lane.lasting === undefined || recalled.isLasting) return recalled.own ?? recalled.any;
  const { any, own } = chosen(await recallLasting(lane, lane.lasting, tag), recalled.accept);
  return own ?? any;
}

async function recallLasting(lane: ContentLane, level: Store, tag: Tag): Promise<Classes> {
  const stored = await readStored(lane, level, tag);
  lasting.set(nameOf(lane, tag), stored);
  return learn(lane, tag, stored);
}

/** For this class of Accept, and for a client that takes another one's too. */
function chosen(classes: Classes, accept: Accept): Pick<Recalled, "any" | "own"> {
  const usable = Object.values(classes).filter(({ at }) => Date.now() - at <= STALE_MS);
  // An index before an image: a client that takes both would have been given it.
  const accepted = usable
    .filter(({ mediaType }) => accepts(accept, mediaType))
    .sort((one, other) => Number(isIndex(other)) - Number(isIndex(one)) || other.at - one.at);
  return { own: usable.find((one) => one === classes[accept.class]), any: accepted[0] };
}

function isIndex({ mediaType }: ResolvedTag): boolean {
  return /index|list/.test(mediaType);
}

/** True while it is believed without asking. */
export function isYoung({ config }: ContentLane, { at }: ResolvedTag): boolean {
  return Date.now() - at < config.tagTtlMs;
}

/** Every digest that the tag stands for, whatever the class. */
export async function digestsOfTag(lane: ContentLane, tag: Tag): Promise<Digest[]> {
  const remembered = memory.get(nameOf(lane, tag)) ?? {};
  const stored = await Promise.all(levelsOf(lane).map((level) => readStored(lane, level, tag)));
  const all = [remembered, ...stored].flatMap((classes) => Object.values(classes));
  return all.map(({ digest }) => digest);
}

/**
 * Remembers the registry's own word; a mirror's is never remembered.
 * @param isNew true where the store was found to have nothing of the tag
 */
export async function rememberTag(
  lane: ContentLane,
  tag: Tag,
  accept: Accept,
  resolved: ResolvedTag,
  isNew: boolean,
): Promise<void> {
  if (!lane.errand.registry.store || resolved.mediaType.length > MAX_MEDIA_TYPE) return;
  // Of other classes the store's word is written back and never the isolate's: another isolate may have ended them.
  const stored = isNew ? {} : await readStored(lane, lane.store, tag);
  const name = accept.class;
  const remembered = learn(lane, tag, stored);
  // Of two answers the later question's stands, and none that was asked before the tag was ended.
  if ((remembered[name]?.at ?? 0) > resolved.at) return;
  if (isEnded(lane, { kind: "tag", tag, accept: name }, resolved.at)) return;
  memory.set(nameOf(lane, tag), bounded({ ...remembered, [name]: resolved }, name));
  lane.defer(write(lane, lane.store, tag, bounded({ ...stored, [name]: resolved }, name)));
  if (lane.lasting !== undefined) lane.defer(renew(lane, lane.lasting, tag, name, resolved));
}

/** Keeps a tag where each write counts: at once where its digest changed, else after an hour. */
async function renew(
  lane: ContentLane,
  level: Store,
  tag: Tag,
  accept: string,
  resolved: ResolvedTag,
): Promise<void> {
  const isSaid = (classes: Classes | undefined): boolean => {
    const own = classes?.[accept];
    return own?.digest === resolved.digest && resolved.at - own.at < RENEW_MS;
  };
  const name = nameOf(lane, tag);
  const known = lasting.get(name);
  if (isSaid(known)) return;
  // Before anything is waited for: those who resolve it at the same time have nothing to do then.
  const unsure = { ...resolved, at: resolved.at - RENEW_MS + LOOK_MS };
  lasting.set(name, { ...known, [accept]: unsure });
  const stored = await readStored(lane, level, tag);
  const isThere = isSaid(stored) || (stored[accept]?.at ?? 0) > resolved.at;
  lasting.set(name, isThere ? stored : { ...stored, [accept]: unsure });
  if (!isThere) await write(lane, level, tag, bounded({ ...stored, [accept]: resolved }, accept));
}

/** A stranger's narrow classes push out each other, and never those that take every manifest, as clients do. */
function bounded(classes: Classes, kept: string): Classes {
  const narrow = Object.entries(classes).filter(([name]) => !isBroad(name) && name !== kept);
  const oldestFirst = narrow.sort(([, one], [, other]) => one.at - other.at);
  const dropped = new Set(
    oldestFirst.slice(0, Math.max(0, narrow.length - MAX_NARROW + 1)).map(([name]) => name),
  );
  return Object.fromEntries(Object.entries(classes).filter(([name]) => !dropped.has(name)));
}

/** The registry has the tag no longer for clients of this class, or refuses it to them; to be called after `noteEnding`. */
export async function dropTagClass(lane: ContentLane, tag: Tag, accept: string): Promise<void> {
  lasting.delete(nameOf(lane, tag));
  const drop = async (level: Store): Promise<void> => {
    const stored = await readOf(lane, level, tag).catch(() => undefined);
    if (level === lane.store) learn(lane, tag, stored ?? {});
    // What cannot be read is not left there for others: to the other classes it is a miss.
    if (stored === undefined) return level.delete(tagEntry(lane, tag));
    if (stored[accept] !== undefined) await write(lane, level, tag, stored);
  };
  await Promise.all(levelsOf(lane).map(drop));
}

/** Forgets a tag that was pushed anew, or deleted, through here. */
export async function dropTag(lane: ContentLane, tag: Tag): Promise<void> {
  noteEnding(lane, { kind: "tag", tag, accept: undefined }, "changed");
  for (const map of [memory, lasting]) map.delete(nameOf(lane, tag));
  await Promise.all(levelsOf(lane).map((level) => level.delete(tagEntry(lane, tag))));
}

function levelsOf(lane: ContentLane): readonly Store[] {
  return lane.lasting === undefined ? [lane.store] : [lane.store, lane.lasting];
}

/** Writes what was not ended, and again where some of it was ended while it was written. */
async function write(lane: ContentLane, level: Store, tag: Tag, classes: Classes): Promise<void> {
  const entry = tagEntry(lane, tag);
  const left = living(lane, tag, classes);
  const count = Object.keys(left).length;
  await (count === 0 ? level.delete(entry) : level.writeRecord(entry, wordsOfClasses(left), STALE_MS / 1000));
  if (Object.keys(living(lane, tag, left)).length < count) await write(lane, level, tag, left);
}

/** What a level has, ended or not; of one that fails, nothing. */
async function readStored(lane: ContentLane, level: Store, tag: Tag): Promise<Classes> {
  return readOf(lane, level, tag).catch(() => ({}));
}

/** @throws Error where the level fails */
async function readOf(lane: ContentLane, level: Store, tag: Tag): Promise<Classes> {
  return parseClasses(await level.readRecord(tagEntry(lane, tag)), Date.now());
}

/** What the store has and what the isolate remembers, class by class the later. */
function learn(lane: ContentLane, tag: Tag, stored: Classes): Classes {
  const remembered = Object.entries(memory.get(nameOf(lane, tag)) ?? {});
  const later = remembered.filter(([name, own]) => {
    const kept = stored[name];
    // What is not there any more may have been ended by another isolate; what is young would be believed anyhow.
    return kept === undefined ? isYoung(lane, own) : own.at > kept.at;
  });
  const classes = living(lane, tag, { ...stored, ...Object.fromEntries(later) });
  if (Object.keys(classes).length > 0) memory.set(nameOf(lane, tag), classes);
  else memory.delete(nameOf(lane, tag));
  return classes;
}

/** Without the classes that were ended since the registry was asked. */
function living(lane: ContentLane, tag: Tag, classes: Classes): Classes {
  const left = Object.entries(classes).filter(
    ([accept, { at }]) => !isEnded(lane, { kind: "tag", tag, accept }, at),
  );
  return Object.fromEntries(left);
}

function nameOf({ repository, upstream }: ContentLane, tag: Tag): string {
  return `${upstream} ${repository} ${tag}`;
}
