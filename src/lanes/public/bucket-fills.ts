// Fills of the bucket: large blobs, fetched once more and piped into R2 while the client has its own stream.

import { remember } from "../../isolate.ts";
import type { BucketStore } from "../../store/bucket.ts";
import type { ContentEntry } from "../../store/entry.ts";
import { discard, questionOf } from "./asked.ts";
import { keepUnlessEnded } from "./endings.ts";
import { inquire } from "./inquire.ts";
import type { RepositoryLane } from "./lane.ts";

/** R2's largest single object in one request. */
const MAX_BUCKET = 5 * 1024 * 1024 * 1024;
/** Fills of an isolate at once, each in a place of its own. */
const PLACES = [0, 1, 2, 3] as const;
/** Of those for one registry: one that stalls keeps no other's out. */
const REGISTRY_PLACES = 2;
/** A place is free again so long after its fill was last seen: the code that should free it need not run (S11). */
const TAKEN_MS = 120_000;
const RENEW_MS = 30_000;
/** A blob is not tried again for so long, whatever came of it: strangers who come and leave cost one fetch (S11). */
const RETRY_FILL_MS = 10 * 60 * 1000;

const triedFills = remember<string, number>(1000);
const places = remember<(typeof PLACES)[number], Taken>(PLACES.length);

interface Taken {
  readonly registry: string;
  readonly name: string;
  readonly until: number;
}

/** A blob to be kept, and where. */
export interface LargeBlob {
  readonly entry: ContentEntry;
  readonly size: number;
}

/**
 * Passes a blob on, and has the bucket filled meanwhile.
 * @param body the client's stream
 * @returns the stream for the client, which tells when the client leaves
 */
export function passAndFillBucket(
  lane: RepositoryLane,
  bucket: BucketStore,
  blob: LargeBlob,
  body: ReadableStream,
): ReadableStream {
  // A native pipe of its own. Not deferred: it lives as long as the answer, and the fill is deferred.
  const { readable, writable } = new FixedLengthStream(blob.size);
  const left = new AbortController();
  body.pipeTo(writable).catch(() => left.abort());
  lane.defer(fillBucket(lane, bucket, blob, left.signal));
  return readable;
}

/**
 * Fetches a large blob once more, from the registry straight into the bucket. A copy of the client's own stream would
 * have to be held in memory where R2 is slower than the client, or hold the client back.
 * @param left aborted when the client leaves: then the fill is abandoned, and leaves no object
 */
async function fillBucket(
  lane: RepositoryLane,
  bucket: BucketStore,
  { entry, size }: LargeBlob,
  left: AbortSignal,
): Promise<void> {
  if (size > MAX_BUCKET) return;
  const place = takePlace(lane.upstream, JSON.stringify(entry), Date.now());
  if (place === undefined) return;
  const timer = setInterval(() => place.renew(Date.now()), RENEW_MS);
  try {
    // A look that was late says nothing; where this one does neither, it is not fetched for nothing.
    if (await bucket.has(entry).catch(() => true)) return;
    const asked = await inquire(lane, questionOf(lane.repository, entry, "GET"));
    if (asked.kind !== "found" || asked.answer.response.status !== 200) {
      await discard(asked);
      return;
    }
    const { answer } = asked;
    await keepUnlessEnded(lane, bucket, entry, {
      askedAt: answer.askedAt,
      write: () => bucket.writeStream(entry, answer, { size, signal: left }),
    });
    // Ended before it began, it was not read.
    await discard(asked);
  } finally {
    clearInterval(timer);
    place.free();
  }
}

/** A place for a fill; undefined where none is free, or the blob has one or had one lately. */
function takePlace(
  registry: string,
  name: string,
  now: number,
): { renew(now: number): void; free(): void } | undefined {
  const taken = PLACES.map((place) => places.get(place)).filter(
    (one) => one !== undefined && one.until > now,
  );
  const free = PLACES.find((place) => !taken.includes(places.get(place)));
  const ofRegistry = taken.filter((one) => one?.registry === registry).length;
  if (free === undefined || ofRegistry >= REGISTRY_PLACES) return undefined;
  if (taken.some((one) => one?.name === name)) return undefined;
  const triedAt = triedFills.get(name);
  if (triedAt !== undefined && now - triedAt < RETRY_FILL_MS) return undefined;
  triedFills.set(name, now);
  const renew = (at: number): void => places.set(free, { registry, name, until: at + TAKEN_MS });
  renew(now);
  return { renew, free: () => places.delete(free) };
}
