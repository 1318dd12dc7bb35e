// Blobs in the store: found in the cache or the bucket, and kept there while they stream to a client.

import { callerNetwork } from "../../access/addresses.ts";
import { hasDigest, isVerifiable } from "../../distribution/digest.ts";
import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { BucketStore } from "../../store/bucket.ts";
import type { ByteRange, Origin, StoredObject } from "../../store/store.ts";
import type { Answer } from "../../upstream/answer.ts";
import { proveBlob } from "./blob-proofs.ts";
import { passAndFillBucket } from "./bucket-fills.ts";
import { pass, type Source } from "./content.ts";
import { copy, release } from "./copy.ts";
import { isDeleted, keepUnlessEnded } from "./endings.ts";
import { blobEntry } from "./entries.ts";
import { FillLedger, type Fill } from "./fills.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { bucketToRead, isDue, keepLasting, noteLasting, roomForBucket } from "./lasting.ts";

/** A blob is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;
/** Time to put one into the bucket that is here already: what is deferred is cut 30 s after the answer. */
const STREAM_MS = 25_000;

/** One ledger for the isolate. */
const ledgers = remember<"fills", FillLedger>(1);

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
  for (const level of [lane.store, bucketToRead(lane)]) {
    if (level === undefined) continue;
    const read = readAtOnce ? await level.read(entry) : undefined;
    const found = readAtOnce ? read : await level.describe(entry);
    if (found === undefined) continue;
    // A deletion that the bucket did not take.
    if (isDeleted(lane, entry, found.keptAt)) {
      await read?.body.cancel();
      continue;
    }
    if (level !== lane.store) noteLasting(entry);
    const show = (whole: StoredObject): ReadableStream =>
      level === lane.store ? passOn(lane, digest, whole) : bringUp(lane, digest, whole);
    return {
      size: found.size,
      body: read && show(read),
      read: async (range) => {
        const object = await level.read(entry, range);
        return object && (range === undefined ? show(object) : object.body);
      },
    };
  }
  return undefined;
}

/** A blob of this data centre is put into the bucket too, if that keeps its repository and does not have it. */
function passOn(lane: ContentLane, digest: Digest, { body, size }: StoredObject): ReadableStream {
  const entry = blobEntry(lane, digest);
  if (lane.lasting === undefined || !isDue(entry)) return body;
  const askedAt = Date.now();
  const write = async (bucket: BucketStore): Promise<void> => {
    const source = await lane.store.read(entry);
    if (source === undefined) return;
    await bucket.writeStream(entry, source, { size, signal: AbortSignal.timeout(STREAM_MS) });
  };
  lane.defer(keepLasting(lane, { entry, askedAt, isOld: true, write }));
  return body;
}

/** A small blob of the bucket is kept in this data centre too. */
function bringUp(lane: ContentLane, digest: Digest, object: StoredObject): ReadableStream {
  const { body, size } = object;
  if (size > lane.config.cacheMaxBlob) return body;
  return copyIntoStore(lane, digest, body, size, { origin: object, askedAt: Date.now(), isProof: false });
}

/** A copy of a blob goes into the store. @returns what the client gets: the body itself where there is no room for a copy */
function copyIntoStore(
  lane: ContentLane,
  digest: Digest,
  body: ReadableStream,
  size: number,
  source: BlobSource,
): ReadableStream {
  const fill = openFill(lane, size);
  if (fill === undefined) return body;
  const { toClient, toStore } = copy(body, size, fill, lane.defer);
  lane.defer(keep(lane, digest, toStore, source).finally(() => fill.endStore()));
  return toClient;
}

/** Passes a blob to the client, and a copy of it to the store where it is small enough to be hashed. */
export async function fillAndPass(
  lane: ContentLane,
  digest: Digest,
  answer: Answer,
  source: Source,
): Promise<Response> {
  const { followed, response } = answer;
  const size = lengthOf(response);
  const isWhole = response.status === 200 && !isHead(lane);
  const isPlain = !response.headers.has("Content-Encoding");
  if (!isVerifiable(digest)) return pass(lane, followed, "bypass");
  const passed = await pass(lane, followed, source);
  const { body } = passed;
  if (body === null || !isWhole || !isPlain || size === undefined) return passed;
  if (size > lane.config.cacheMaxBlob) {
    if (lane.lasting === undefined || source !== "miss") return passed;
    const blob = { entry: blobEntry(lane, digest), size };
    return new Response(passAndFillBucket(lane, lane.lasting, blob, body), passed);
  }
  if (!lane.errand.registry.store) return passed;
  // A mirror's answer proves nothing (S9).
  const from = { origin: answer, askedAt: answer.askedAt, isProof: source === "miss" };
  return new Response(copyIntoStore(lane, digest, body, size, from), passed);
}

/** The length that an answer says; undefined where that is not a plain number. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get("Content-Length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Room for a fill, if this caller can have it. */
function openFill({ errand }: ContentLane, size: number): Fill | undefined {
  const ledger = ledgers.get("fills") ?? new FillLedger();
  ledgers.set("fills", ledger);
  const { inbound, registry } = errand;
  const network = callerNetwork(inbound.request.headers);
  // Of whatever class: a registry has one share.
  return ledger.open({ registry: registry.upstream, network, size }, Date.now());
}

/** Where a blob comes from that is being kept. */
interface BlobSource {
  readonly origin: Origin;
  /** When it was asked for. */
  readonly askedAt: number;
  /** True of the registry's own answer. */
  readonly isProof: boolean;
}

/** Keeps a blob if it came whole and is what its digest says, at every level that does not have it. */
async function keep(
  lane: ContentLane,
  digest: Digest,
  whole: Promise<Uint8Array>,
  { askedAt, isProof, origin }: BlobSource,
): Promise<void> {
  // Broken off, or too slow: nothing is kept.
  const bytes = await whole.catch(() => undefined);
  if (bytes === undefined) return;
  if (!(await hasDigest(bytes, digest))) {
    release(bytes);
    return;
  }
  if (isProof) proveBlob(lane, digest, askedAt);
  const entry = blobEntry(lane, digest);
  const endRoom = lane.lasting === undefined ? undefined : roomForBucket(bytes.byteLength);
  const write = (bucket: BucketStore): Promise<void> => bucket.writeContent(entry, {}, bytes);
  const lasting = endRoom && keepLasting(lane, { entry, askedAt, isOld: false, write }).finally(endRoom);
  await keepUnlessEnded(lane, lane.store, entry, {
    askedAt,
    write: () => lane.store.writeContent(entry, {}, bytes, KEEP_SECONDS, origin),
  });
  // The room of the fill does not wait for the bucket.
  lane.defer(Promise.resolve(lasting).finally(() => release(bytes)));
}
