// Content in the store that lasts: put there once, and looked for before it is put, since each write is on the owner's bill.

import { remember } from "../../isolate.ts";
import type { BucketStore } from "../../store/bucket.ts";
import type { ContentEntry, Entry } from "../../store/entry.ts";
import { discard, questionOf } from "./asked.ts";
import { keepUnlessEnded } from "./endings.ts";
import { inquire } from "./inquire.ts";
import type { ContentLane, RepositoryLane } from "./lane.ts";

/** What was found there is looked for again after so long: the owner's rule may have ended it. */
const LOOK_AGAIN_MS = 60 * 60 * 1000;
/** What was put there after so long: whether it arrived only a look tells. */
const LOOK_AFTER_PUT_MS = 10 * 60 * 1000;

/** When things are to be looked for again. */
const looks = remember<string, number>({
  entries: 5000,
  bytes: 2 * 1024 * 1024,
  sizeOf: (_, name) => name.length,
});

/** Bytes of small blobs that wait for the bucket, together: R2 may be slow, and a fill counts no longer (S11). */
const ROOM = 8 * 1024 * 1024;
/** What is deferred is cut 30 s after the answer; then the code that should end it does not run. */
const TAKEN_MS = 60_000;
const rooms = remember<"taken", Set<{ readonly bytes: number; readonly until: number }>>(1);

/** A thing to be kept. */
export interface LastingContent {
  readonly entry: ContentEntry;
  /** When the question was sent that it is the answer to, or when it was read from the level above. */
  readonly askedAt: number;
  /** True where it comes from this data centre and not from the registry: another one may have deleted it meanwhile. */
  readonly isOld: boolean;
  readonly write: (bucket: BucketStore) => Promise<void>;
}

/** Keeps content of a repository that is kept in the bucket, where it is not there yet. To be deferred. */
export async function keepLasting(
  lane: RepositoryLane,
  { askedAt, entry, isOld, write }: LastingContent,
): Promise<void> {
  const { lasting } = lane;
  if (lasting === undefined || !isDue(entry)) return;
  // Before anything is waited for: those who have it at the same time have nothing to do then.
  looks.set(nameOf(entry), Date.now() + LOOK_AFTER_PUT_MS);
  const isThere = await lasting.has(entry).catch(() => undefined);
  if (isThere === true) noteLasting(entry);
  // Where that cannot be told, it is not put there once more.
  if (isThere !== false) return;
  if (isOld && !(await isConfirmed(lane, entry))) return;
  await keepUnlessEnded(lane, lasting, entry, { askedAt, write: () => write(lasting) });
}

/** True if the registry still has it. */
async function isConfirmed(lane: RepositoryLane, entry: ContentEntry): Promise<boolean> {
  const asked = await inquire(lane, questionOf(lane.repository, entry, "HEAD"));
  await discard(asked);
  return asked.kind === "found";
}

/** True where it was not looked for lately. */
export function isDue(entry: Entry): boolean {
  return Date.now() >= (looks.get(nameOf(entry)) ?? 0);
}

/** Room for bytes on their way to the bucket. @returns what ends it; undefined where there is none */
export function roomForBucket(bytes: number): (() => void) | undefined {
  const now = Date.now();
  const all = rooms.get("taken") ?? new Set();
  rooms.set("taken", all);
  for (const one of all) if (one.until <= now) all.delete(one);
  const sum = [...all].reduce((total, one) => total + one.bytes, bytes);
  if (sum > ROOM) return undefined;
  const own = { bytes, until: now + TAKEN_MS };
  all.add(own);
  return () => all.delete(own);
}

/** It was found there. */
export function noteLasting(entry: Entry): void {
  looks.set(nameOf(entry), Date.now() + LOOK_AGAIN_MS);
}

/** The bucket, where it may be asked for content: made-up names of repositories that it does not keep cost no operation. */
export function bucketToRead({ bucket, lasting, visibility }: ContentLane): BucketStore | undefined {
  return lasting ?? (visibility.isProven ? bucket : undefined);
}

/** To be called before it is put anew: it was ended. */
export function forgetLasting(entry: Entry): void {
  looks.delete(nameOf(entry));
}

function nameOf(entry: Entry): string {
  return JSON.stringify(entry);
}
