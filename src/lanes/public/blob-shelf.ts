// Blobs in the store: found in the cache or the bucket, and kept there while they stream to a client.

import { readCapped } from "../../distribution/body.ts";
import { hasDigest, isVerifiable } from "../../distribution/digest.ts";
import { formatPath } from "../../distribution/path.ts";
import { algorithmOf, type Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { BucketStore } from "../../store/bucket.ts";
import type { ByteRange } from "../../store/store.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { discard } from "./asked.ts";
import { blobEntry } from "./entries.ts";
import { inquire } from "./inquire.ts";
import { proveBlob } from "./blob-proofs.ts";
import { pass, type Source } from "./content.ts";
import { isHead, type ContentLane } from "./lane.ts";

/** A blob is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;
/** Memory of all fills under way in the isolate (S11); beyond it blobs stream past unstored. */
const MAX_IN_FLIGHT = 16 * 1024 * 1024;
/** R2's largest single object in one request. */
const MAX_BUCKET = 5 * 1024 * 1024 * 1024;
const MAX_BUCKET_FILLS = 2;

let bytesInFlight = 0;
const bucketFills = new Set<string>();
/** When a fill of the bucket was last tried: one that cannot succeed is not tried again by every pull. */
const triedFills = remember<string, number>(1000);
const RETRY_FILL_MS = 10 * 60 * 1000;

/** A blob that was found. */
export interface KeptBlob {
  /** Bytes of the whole. */
  readonly size: number;
  /** The whole, where it was read at once. */
  readonly body: ReadableStream | undefined;
  /** The whole or a part; undefined where it was evicted meanwhile. */
  read(range: ByteRange | undefined): Promise<ReadableStream | undefined>;
}

/** Looks in the store, then in the bucket. @param readAtOnce true where its whole body will be served whatever comes */
export async function findBlob(
  lane: ContentLane,
  digest: Digest,
  { readAtOnce }: { readonly readAtOnce: boolean },
): Promise<KeptBlob | undefined> {
  const entry = blobEntry(lane, digest);
  for (const shelf of [lane.store, lane.bucket]) {
    if (shelf === undefined) continue;
    const read = readAtOnce ? await shelf.read(entry) : undefined;
    const found = readAtOnce ? read : await shelf.describe(entry);
    if (found === undefined) continue;
    return {
      size: found.size,
      body: read?.body,
      read: async (range) => (await shelf.read(entry, range))?.body,
    };
  }
  return undefined;
}

/** Passes a blob to the client, and a copy of it to the store where it is small enough to be hashed. */
export async function fillAndPass(
  lane: ContentLane,
  digest: Digest,
  answer: PublicResponse,
  source: Source,
): Promise<Response> {
  const { response } = answer;
  const size = Number(response.headers.get("Content-Length") ?? "NaN");
  const { body } = response;
  const isWhole = response.status === 200 && !isHead(lane);
  const isPlain = !response.headers.has("Content-Encoding") && Number.isSafeInteger(size);
  if (!isVerifiable(digest)) return pass(lane, answer.followed, "bypass");
  if (body === null || !isWhole || !isPlain) return pass(lane, answer.followed, source);
  if (size > lane.config.cacheMaxBlob) {
    if (lane.bucket === undefined || source !== "miss") return pass(lane, answer.followed, source);
    // A native pipe of its own, which tells when the client leaves. Not deferred: it lives as long as the answer.
    const { readable, writable } = new FixedLengthStream(size);
    const left = new AbortController();
    body.pipeTo(writable).catch(() => left.abort());
    lane.defer(fillBucket(lane, lane.bucket, digest, size, left.signal));
    return pass(lane, { ...answer.followed, response: new Response(readable, response) }, source);
  }
  if (bytesInFlight + size > MAX_IN_FLIGHT) return pass(lane, answer.followed, source);

  // Native: the client's half does not pass through JavaScript, and goes on if the other half fails.
  const [toClient, toStore] = body.tee();
  lane.defer(fill(lane, digest, size, toStore, answer));
  return pass(lane, { ...answer.followed, response: new Response(toClient, response) }, source);
}

/** Reads a copy of a blob to its end, and keeps it if it is whole and what its digest says. */
async function fill(
  lane: ContentLane,
  digest: Digest,
  size: number,
  body: ReadableStream,
  answer: PublicResponse,
): Promise<void> {
  bytesInFlight += size;
  try {
    const bytes = await readCapped(body, size);
    if (bytes?.byteLength !== size || !(await hasDigest(bytes, digest))) return;
    proveBlob(lane, digest, answer.askedAt);
    await lane.store.writeContent(blobEntry(lane, digest), {}, bytes, KEEP_SECONDS, answer);
  } catch {
    // Broken off: nothing is kept.
  } finally {
    bytesInFlight -= size;
  }
}

/**
 * Fetches a large blob once more, from the registry straight into the bucket. A copy of the client's own stream would
 * have to be held in memory where R2 is slower than the client, or hold the client back.
 * @param left aborted when the client leaves: then the fill is abandoned, and leaves no object
 */
async function fillBucket(
  lane: ContentLane,
  bucket: BucketStore,
  digest: Digest,
  size: number,
  left: AbortSignal,
): Promise<void> {
  if (size > MAX_BUCKET || algorithmOf(digest) !== "sha256" || bucketFills.size >= MAX_BUCKET_FILLS) return;
  const { repository } = lane;
  const entry = blobEntry(lane, digest);
  const name = JSON.stringify(entry);
  if (bucketFills.has(name) || Date.now() - (triedFills.get(name) ?? 0) < RETRY_FILL_MS) return;
  triedFills.set(name, Date.now());
  bucketFills.add(name);
  try {
    const asked = await inquire(lane, {
      registry: lane.errand.registry,
      repository,
      path: formatPath({ kind: "blob", name: repository, digest }),
      method: "GET",
      conditions: { accept: "*/*" },
    });
    if (asked.kind !== "found" || asked.answer.response.status !== 200) {
      await discard(asked);
      return;
    }
    const sha256 = digest.slice("sha256:".length);
    await bucket.writeStream(entry, {}, asked.answer, { sha256, size, signal: left });
  } finally {
    // Nothing was wrong with it: the next client may have it filled.
    if (left.aborted) triedFills.delete(name);
    bucketFills.delete(name);
  }
}
