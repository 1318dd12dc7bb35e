// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer: in the isolate, in the
// store of the data centre, and in the one that lasts.

import { accepts, type Accept } from "../../distribution/accept.ts";
import type { Digest, Tag } from "../../distribution/reference.ts";
import { inTime } from "../../in-time.ts";
import type { BucketStore } from "../../store/bucket.ts";
import type { Store } from "../../store/store.ts";
import { isEnded, noteEnding } from "./endings.ts";
import { tagEntry } from "./entries.ts";
import type { ContentLane } from "./lane.ts";
import { nameOf } from "./names.ts";
import {
  bounded,
  isYoung,
  lasting,
  learn,
  levelsOf,
  memory,
  readOf,
  readStored,
  STALE_MS,
  write,
} from "./tag-store.ts";
import { parseClasses, type Classes, type DescribedManifest } from "./tag-words.ts";

export { isYoung } from "./tag-store.ts";

const MAX_MEDIA_TYPE = 256;
/** Each write there is on the owner's bill: a digest that was only confirmed is written again after so long. */
const RENEW_MS = 60 * 60 * 1000;
/** Whether what was written arrived there is looked at after so long. */
const LOOK_MS = 10 * 60 * 1000;

/** A bucket that is late is asked so often, and waited for so long each time: what is deferred is cut after 30 s. */
const LATE_ATTEMPTS = 3;
const LATE_MS = 5_000;
const PAUSE_MS = 1_000;

/** What is remembered of a tag. */
export interface Recalled {
  /** For this class of Accept, at most a day old. */
  readonly own: DescribedManifest | undefined;
  /** For whatever class, if its type is one that the client accepts: for when the registry cannot answer. */
  readonly any: DescribedManifest | undefined;
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
): Promise<DescribedManifest | undefined> {
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

function isIndex({ mediaType }: DescribedManifest): boolean {
  return /index|list/.test(mediaType);
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
  resolved: DescribedManifest,
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
  resolved: DescribedManifest,
): Promise<void> {
  const isSaid = (classes: Classes | undefined): boolean => isSaidBy(classes ?? {}, accept, resolved);
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

/**
 * True where a level says it already, and not too long ago. For a class of its own that is not there another one's answer
 * will do: of what clients ask in odd words each write would be on the owner's bill.
 */
function isSaidBy(classes: Classes, accept: string, { at, digest }: DescribedManifest): boolean {
  const own = classes[accept];
  const saying = own === undefined ? Object.values(classes) : [own];
  return saying.some((one) => one.digest === digest && at - one.at < RENEW_MS);
}

/**
 * The registry has the tag no longer for clients of this class, or refuses it to them; to be called after `noteEnding`.
 * @param where also in a bucket that does not keep this repository, or in what keeps it only
 */
export async function dropTagClass(
  lane: ContentLane,
  tag: Tag,
  accept: string,
  where: "everywhere" | "here",
): Promise<void> {
  lasting.delete(nameOf(lane, tag));
  const drop = async (level: Store): Promise<void> => {
    const stored = await readOf(lane, level, tag).catch(() => undefined);
    if (level === lane.store) learn(lane, tag, stored ?? {});
    if (stored === undefined && level === lane.lasting) {
      lane.defer(dropLater(lane, lane.lasting, tag, accept));
      return;
    }
    // What cannot be read is not left there for others: to the other classes it is a miss.
    if (stored === undefined) return level.delete(tagEntry(lane, tag));
    if (stored[accept] !== undefined) await write(lane, level, tag, stored);
  };
  await Promise.all(levelsOf(lane).map(drop));
  // It may be there from a time when the bucket kept this repository, and keep it again.
  if (lane.lasting === undefined && where === "everywhere") await lane.bucket?.delete(tagEntry(lane, tag));
}

/** The bucket did not answer in time: it is asked again, without haste, before the other classes lose theirs too. */
async function dropLater(lane: ContentLane, bucket: BucketStore, tag: Tag, accept: string): Promise<void> {
  const entry = tagEntry(lane, tag);
  for (let attempt = 1; attempt <= LATE_ATTEMPTS; attempt += 1) {
    const read = await inTime(
      bucket.lookUp(entry).then((words) => ({ words })),
      LATE_MS,
    );
    if (read !== undefined) {
      const stored = parseClasses(read.words, Date.now());
      if (stored[accept] !== undefined) await write(lane, bucket, tag, stored);
      return;
    }
    await scheduler.wait(PAUSE_MS);
  }
  await bucket.delete(entry);
}

/** Forgets a tag that was pushed anew, or deleted, through here. */
export async function dropTag(lane: ContentLane, tag: Tag): Promise<void> {
  noteEnding(lane, { kind: "tag", tag, accept: undefined }, "changed");
  for (const map of [memory, lasting]) map.delete(nameOf(lane, tag));
  const entry = tagEntry(lane, tag);
  await Promise.all([lane.store.delete(entry), lane.bucket?.delete(entry)]);
}
