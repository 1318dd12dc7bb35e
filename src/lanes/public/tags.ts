// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer.

import { parseObject } from "../../distribution/json.ts";
import { parseDigest, type Digest, type Tag } from "../../distribution/reference.ts";
import type { Entry } from "../../store/entry.ts";
import { remember } from "../../isolate.ts";
import type { ContentLane } from "./lane.ts";

/** What the registry said of a tag. */
export interface ResolvedTag {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly size: number;
  /** When the registry was asked, in milliseconds since the epoch. */
  readonly at: number;
}

/** By class of Accept: a registry may answer another manifest to a client that takes other types. */
type Classes = Readonly<Record<string, ResolvedTag>>;

const MAX_CLASSES = 8;
const STALE_MS = 24 * 60 * 60 * 1000;

const memory = remember<string, Classes>(5000);

/** What is remembered of a tag for a class of Accept, at most a day old. */
export async function recallTag(
  lane: ContentLane,
  tag: Tag,
  accept: string,
): Promise<ResolvedTag | undefined> {
  const resolved = (await read(lane, tag))[accept];
  return resolved !== undefined && Date.now() - resolved.at <= STALE_MS ? resolved : undefined;
}

/** Remembers the registry's own word; a mirror's is never remembered. */
export async function rememberTag(
  lane: ContentLane,
  tag: Tag,
  accept: string,
  resolved: ResolvedTag,
): Promise<void> {
  const others = Object.entries(await read(lane, tag)).filter(([name]) => name !== accept);
  const classes = Object.fromEntries([...others.slice(1 - MAX_CLASSES), [accept, resolved]]);
  const words = { classes: JSON.stringify(classes) };
  memory.set(nameOf(lane, tag), classes);
  lane.defer(lane.store.writeRecord(entryOf(lane, tag), words, STALE_MS / 1000));
}

/** Forgets a tag that the registry no longer has, or that was pushed anew through here. */
export async function dropTag(lane: ContentLane, tag: Tag): Promise<void> {
  memory.delete(nameOf(lane, tag));
  await lane.store.delete(entryOf(lane, tag));
}

async function read(lane: ContentLane, tag: Tag): Promise<Classes> {
  const name = nameOf(lane, tag);
  const remembered = memory.get(name);
  if (remembered !== undefined) return remembered;
  const words = (await lane.store.describe(entryOf(lane, tag)))?.words;
  const classes = parse(words?.["classes"] ?? "");
  if (Object.keys(classes).length > 0) memory.set(name, classes);
  return classes;
}

function parse(text: string): Classes {
  const isEntry = (entry: [string, unknown]): entry is [string, ResolvedTag] => isResolved(entry[1]);
  return Object.fromEntries(Object.entries(parseObject(text) ?? {}).filter(isEntry));
}

function isResolved(value: unknown): value is ResolvedTag {
  if (typeof value !== "object" || value === null) return false;
  const { digest, mediaType, size, at } = value as Partial<Record<keyof ResolvedTag, unknown>>;
  return (
    typeof digest === "string" &&
    parseDigest(digest) !== undefined &&
    typeof mediaType === "string" &&
    Number.isSafeInteger(size) &&
    Number.isSafeInteger(at)
  );
}

function entryOf({ repository, upstream, visibility }: ContentLane, tag: Tag): Entry {
  return { kind: "tag", upstream, repository, generation: visibility.generation, tag };
}

function nameOf({ repository, upstream, visibility }: ContentLane, tag: Tag): string {
  return `${upstream} ${repository} ${visibility.generation} ${tag}`;
}
