// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer.

import { accepts, isBroad, type Accept } from "../../distribution/accept.ts";
import type { Digest, Tag } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import { isEnded, noteEnding } from "./endings.ts";
import { tagEntry } from "./entries.ts";
import type { ContentLane } from "./lane.ts";
import { parseClasses, wordsOfClasses, type Classes, type ResolvedTag } from "./tag-words.ts";

export type { ResolvedTag } from "./tag-words.ts";

/** Classes of clients that take less than all manifests: more of them push out the oldest of their kind. */
const MAX_NARROW = 8;
const MAX_MEDIA_TYPE = 256;
const STALE_MS = 24 * 60 * 60 * 1000;

const memory = remember<string, Classes>({
  entries: 5000,
  bytes: 4 * 1024 * 1024,
  sizeOf: (classes, key) => key.length + JSON.stringify(classes).length,
});

/** What is remembered of a tag. */
export interface Recalled {
  /** For this class of Accept, at most a day old. */
  readonly own: ResolvedTag | undefined;
  /** For whatever class, if its type is one that the client accepts: for when the registry cannot answer. */
  readonly any: ResolvedTag | undefined;
  /** True where the store was looked at, and has nothing of the tag. */
  readonly isNew: boolean;
}

/** Recalls a tag; what this isolate remembers and is not young counts only where the store has it. */
export async function recallTag(lane: ContentLane, tag: Tag, accept: Accept): Promise<Recalled> {
  // The registry judges each client by itself: what it said to one says nothing to the next.
  if (!lane.errand.registry.store) return { own: undefined, any: undefined, isNew: false };
  const remembered = memory.get(nameOf(lane, tag)) ?? {};
  const own = remembered[accept.class];
  const stored = own !== undefined && isYoung(lane, own) ? undefined : await readStored(lane, tag);
  const classes = stored === undefined ? remembered : learn(lane, tag, stored);
  const usable = Object.values(classes).filter(({ at }) => Date.now() - at <= STALE_MS);
  // An index before an image: a client that takes both would have been given it.
  const accepted = usable
    .filter(({ mediaType }) => accepts(accept, mediaType))
    .sort((one, other) => Number(isIndex(other)) - Number(isIndex(one)) || other.at - one.at);
  return {
    own: usable.find((one) => one === classes[accept.class]),
    any: accepted[0],
    isNew: stored !== undefined && Object.keys(stored).length === 0,
  };
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
  const all = [remembered, await readStored(lane, tag)].flatMap((classes) => Object.values(classes));
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
  const stored = isNew ? {} : await readStored(lane, tag);
  const name = accept.class;
  const remembered = learn(lane, tag, stored);
  // Of two answers the later question's stands, and none that was asked before the tag was ended.
  if ((remembered[name]?.at ?? 0) > resolved.at) return;
  if (isEnded(lane, { kind: "tag", tag, accept: name }, resolved.at)) return;
  memory.set(nameOf(lane, tag), bounded({ ...remembered, [name]: resolved }, name));
  lane.defer(write(lane, tag, bounded({ ...stored, [name]: resolved }, name)));
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
  const stored = await readStored(lane, tag);
  learn(lane, tag, stored);
  if (stored[accept] !== undefined) await write(lane, tag, stored);
}

/** Forgets a tag that was pushed anew, or deleted, through here. */
export async function dropTag(lane: ContentLane, tag: Tag): Promise<void> {
  noteEnding(lane, { kind: "tag", tag, accept: undefined }, "changed");
  memory.delete(nameOf(lane, tag));
  await lane.store.delete(tagEntry(lane, tag));
}

/** Writes what was not ended, and again where some of it was ended while it was written. */
async function write(lane: ContentLane, tag: Tag, classes: Classes): Promise<void> {
  const entry = tagEntry(lane, tag);
  const left = living(lane, tag, classes);
  const count = Object.keys(left).length;
  await (count === 0
    ? lane.store.delete(entry)
    : lane.store.writeRecord(entry, wordsOfClasses(left), STALE_MS / 1000));
  if (Object.keys(living(lane, tag, left)).length < count) await write(lane, tag, left);
}

/** What the store has, ended or not. */
async function readStored(lane: ContentLane, tag: Tag): Promise<Classes> {
  const words = (await lane.store.describe(tagEntry(lane, tag)))?.words;
  return parseClasses(words, Date.now());
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
