// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer.

import { accepts, isBroad, type Accept } from "../../distribution/accept.ts";
import type { Digest, Tag } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
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
}

/** Recalls a tag; what this isolate remembers and is not young is compared with what others wrote since. */
export async function recallTag(lane: ContentLane, tag: Tag, accept: Accept): Promise<Recalled> {
  // The registry judges each client by itself: what it said to one says nothing to the next.
  if (!lane.errand.registry.store) return { own: undefined, any: undefined };
  const remembered = memory.get(nameOf(lane, tag)) ?? {};
  const own = remembered[accept.class];
  const isYoung = own !== undefined && Date.now() - own.at < lane.config.tagTtlMs;
  const classes = isYoung ? remembered : await readAgain(lane, tag);
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

/** Every digest that the tag stands for, whatever the class. */
export async function digestsOfTag(lane: ContentLane, tag: Tag): Promise<Digest[]> {
  return Object.values(await readAgain(lane, tag)).map(({ digest }) => digest);
}

/** Remembers the registry's own word; a mirror's is never remembered. */
export async function rememberTag(
  lane: ContentLane,
  tag: Tag,
  accept: Accept,
  resolved: ResolvedTag,
): Promise<void> {
  if (resolved.mediaType.length > MAX_MEDIA_TYPE) return;
  const known = memory.get(nameOf(lane, tag)) ?? (await readAgain(lane, tag));
  write(lane, tag, bounded({ ...known, [accept.class]: resolved }, accept.class));
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

/** The registry has the tag no longer for clients of this class, or refuses it to them. */
export async function dropTagClass(lane: ContentLane, tag: Tag, accept: string): Promise<void> {
  const known = await readAgain(lane, tag);
  if (known[accept] === undefined) return;
  const others = Object.fromEntries(Object.entries(known).filter(([name]) => name !== accept));
  if (Object.keys(others).length === 0) await dropTag(lane, tag);
  else write(lane, tag, others);
}

/** Forgets a tag that was pushed anew, or deleted, through here. */
export async function dropTag(lane: ContentLane, tag: Tag): Promise<void> {
  memory.delete(nameOf(lane, tag));
  await lane.store.delete(tagEntry(lane, tag));
}

function write(lane: ContentLane, tag: Tag, classes: Classes): void {
  memory.set(nameOf(lane, tag), classes);
  lane.defer(lane.store.writeRecord(tagEntry(lane, tag), wordsOfClasses(classes), STALE_MS / 1000));
}

/** What the isolate remembers and what the store has, class by class the later. */
async function readAgain(lane: ContentLane, tag: Tag): Promise<Classes> {
  const words = (await lane.store.describe(tagEntry(lane, tag)))?.words;
  const remembered = memory.get(nameOf(lane, tag)) ?? {};
  const stored = parseClasses(words, Date.now());
  const later = Object.entries(stored).filter(([name, { at }]) => at >= (remembered[name]?.at ?? 0));
  const classes = { ...remembered, ...Object.fromEntries(later) };
  if (Object.keys(classes).length > 0) memory.set(nameOf(lane, tag), classes);
  return classes;
}

function nameOf({ repository, upstream }: ContentLane, tag: Tag): string {
  return `${upstream} ${repository} ${tag}`;
}
