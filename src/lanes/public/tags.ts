// What tags resolved to, for a minute without asking, and for a day while the registry cannot answer.

import { parseDigest, type Digest, type Tag } from "../../distribution/reference.ts";
import { storeKey } from "../../store/store.ts";
import { BoundedMap } from "../../isolate.ts";
import type { RepositoryLane } from "./lane.ts";

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

const memory = new BoundedMap<string, Classes>(5000);

/** Forgets what the isolate remembers; a fresh isolate, for tests. */
export function forgetTags(): void {
  memory.clear();
}

/** What is remembered of a tag, at most a day old. */
export async function recallTag(
  lane: RepositoryLane,
  generation: string,
  tag: Tag,
  accept: string,
): Promise<ResolvedTag | undefined> {
  const resolved = (await read(lane, generation, tag))[accept];
  return resolved !== undefined && Date.now() - resolved.at <= STALE_MS ? resolved : undefined;
}

/** Remembers the registry's own word; a mirror's is never remembered. */
export async function rememberTag(
  lane: RepositoryLane,
  generation: string,
  tag: Tag,
  accept: string,
  resolved: ResolvedTag,
): Promise<void> {
  const others = Object.entries(await read(lane, generation, tag)).filter(([name]) => name !== accept);
  const classes = Object.fromEntries([...others.slice(1 - MAX_CLASSES), [accept, resolved]]);
  const name = nameOf(lane, generation, tag);
  memory.set(name, classes);
  const write = async (): Promise<void> => {
    const metadata = { name, classes: JSON.stringify(classes) };
    const key = await storeKey(lane.upstream, lane.repository, generation, "tag", tag);
    await lane.store.writeRecord(key, metadata, STALE_MS / 1000);
  };
  lane.defer(write());
}

/** Forgets a tag that the registry no longer has, or that was pushed anew through here. */
export async function dropTag(lane: RepositoryLane, generation: string, tag: Tag): Promise<void> {
  memory.delete(nameOf(lane, generation, tag));
  await lane.store.delete(await storeKey(lane.upstream, lane.repository, generation, "tag", tag));
}

async function read(lane: RepositoryLane, generation: string, tag: Tag): Promise<Classes> {
  const name = nameOf(lane, generation, tag);
  const remembered = memory.get(name);
  if (remembered !== undefined) return remembered;
  const key = await storeKey(lane.upstream, lane.repository, generation, "tag", tag);
  const metadata = (await lane.store.describe(key))?.metadata;
  const classes = metadata?.["name"] === name ? parse(metadata["classes"] ?? "") : {};
  if (Object.keys(classes).length > 0) memory.set(name, classes);
  return classes;
}

function parse(text: string): Classes {
  try {
    const value = JSON.parse(text) as Record<string, ResolvedTag>;
    return Object.fromEntries(Object.entries(value).filter(([, one]) => isResolved(one)));
  } catch {
    return {};
  }
}

function isResolved(value: ResolvedTag): boolean {
  return (
    parseDigest(value.digest) !== undefined &&
    typeof value.mediaType === "string" &&
    Number.isSafeInteger(value.size) &&
    Number.isSafeInteger(value.at)
  );
}

function nameOf(lane: RepositoryLane, generation: string, tag: Tag): string {
  return `${lane.upstream} ${lane.repository} ${generation} ${tag}`;
}
