// Where it is kept what tags stand for: in the isolate, and as words of each level. What was ended is not written back.

import { isBroad } from "../../distribution/accept.ts";
import type { Tag } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { Store } from "../../store/store.ts";
import { isEnded } from "./endings.ts";
import { tagEntry } from "./entries.ts";
import type { ContentLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import { parseClasses, wordsOfClasses, type Classes, type DescribedManifest } from "./tag-words.ts";

/** For so long a tag may be served while the registry cannot answer. */
export const STALE_MS = 24 * 60 * 60 * 1000;
/** Classes of clients that take less than all manifests: more of them push out the oldest of their kind. */
const MAX_NARROW = 8;

const sizeOf = (classes: Classes, key: string): number => key.length + JSON.stringify(classes).length;
export const memory = remember<string, Classes>({ entries: 5000, bytes: 4 * 1024 * 1024, sizeOf });
/** What the store that lasts is known to have. */
export const lasting = remember<string, Classes>({ entries: 2000, bytes: 1024 * 1024, sizeOf });

/** True while it is believed without asking. */
export function isYoung({ config }: ContentLane, { at }: DescribedManifest): boolean {
  return Date.now() - at < config.tagTtlMs;
}

/** A stranger's narrow classes push out each other, and never those that take every manifest, as clients do. */
export function bounded(classes: Classes, kept: string): Classes {
  const narrow = Object.entries(classes).filter(([name]) => !isBroad(name) && name !== kept);
  const oldestFirst = narrow.sort(([, one], [, other]) => one.at - other.at);
  const dropped = new Set(
    oldestFirst.slice(0, Math.max(0, narrow.length - MAX_NARROW + 1)).map(([name]) => name),
  );
  return Object.fromEntries(Object.entries(classes).filter(([name]) => !dropped.has(name)));
}

export function levelsOf(lane: ContentLane): readonly Store[] {
  return lane.lasting === undefined ? [lane.store] : [lane.store, lane.lasting];
}

/** Writes what was not ended, and again where some of it was ended while it was written. */
export async function write(lane: ContentLane, level: Store, tag: Tag, classes: Classes): Promise<void> {
  const entry = tagEntry(lane, tag);
  const left = living(lane, tag, classes);
  const count = Object.keys(left).length;
  await (count === 0 ? level.delete(entry) : level.writeRecord(entry, wordsOfClasses(left), STALE_MS / 1000));
  if (Object.keys(living(lane, tag, left)).length < count) await write(lane, level, tag, left);
}

/** What a level has, ended or not; of one that fails, nothing. */
export async function readStored(lane: ContentLane, level: Store, tag: Tag): Promise<Classes> {
  return readOf(lane, level, tag).catch(() => ({}));
}

/** @throws Error where the level fails */
export async function readOf(lane: ContentLane, level: Store, tag: Tag): Promise<Classes> {
  return parseClasses(await level.readRecord(tagEntry(lane, tag)), Date.now());
}

/** What the store has and what the isolate remembers, class by class the later. */
export function learn(lane: ContentLane, tag: Tag, stored: Classes): Classes {
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
