// Blobs in the store: found in the cache or the bucket, and kept there while they stream to a client.

import { callerNetwork } from "../../access/addresses.ts";
import { hasDigest, isVerifiable } from "../../distribution/digest.ts";
import type { Digest } from "../../distribution/reference.ts";
import { remember } from "../../isolate.ts";
import type { ByteRange } from "../../store/store.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { proveBlob } from "./blob-proofs.ts";
import { passAndFillBucket } from "./bucket-fills.ts";
import { pass, type Source } from "./content.ts";
import { copy, release } from "./copy.ts";
import { keepUnlessEnded } from "./endings.ts";
import { blobEntry } from "./entries.ts";
import { FillLedger, type Fill } from "./fills.ts";
import { isHead, type ContentLane } from "./lane.ts";

/** A blob is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

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
  const { followed, response } = answer;
  const size = lengthOf(response);
  const isWhole = response.status === 200 && !isHead(lane);
  const isPlain = !response.headers.has("Content-Encoding");
  if (!isVerifiable(digest)) return pass(lane, followed, "bypass");
  const passed = await pass(lane, followed, source);
  const { body } = passed;
  if (body === null || !isWhole || !isPlain || size === undefined) return passed;
  if (size > lane.config.cacheMaxBlob) {
    if (lane.bucket === undefined || source !== "miss") return passed;
    const blob = { entry: blobEntry(lane, digest), digest, size };
    return new Response(passAndFillBucket(lane, lane.bucket, blob, body), passed);
  }
  const fill = lane.errand.registry.store ? openFill(lane, size) : undefined;
  if (fill === undefined) return passed;
  const { toClient, toStore } = copy(body, size, fill, lane.defer);
  lane.defer(keep(lane, digest, toStore, answer, source).finally(() => fill.endStore()));
  return new Response(toClient, passed);
}

/** The length that an answer says; undefined where that is not a plain number. */
function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get("Content-Length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/** Room for a fill, if this caller can have it. */
function openFill({ errand, upstream }: ContentLane, size: number): Fill | undefined {
  const ledger = ledgers.get("fills") ?? new FillLedger();
  ledgers.set("fills", ledger);
  const network = callerNetwork(errand.inbound.request.headers);
  return ledger.open({ registry: upstream, network, size }, Date.now());
}

/** Keeps a blob if it came whole and is what its digest says. */
async function keep(
  lane: ContentLane,
  digest: Digest,
  whole: Promise<Uint8Array>,
  answer: PublicResponse,
  source: Source,
): Promise<void> {
  // Broken off, or too slow: nothing is kept.
  const bytes = await whole.catch(() => undefined);
  if (bytes === undefined) return;
  if (await hasDigest(bytes, digest)) {
    // A mirror's answer proves nothing (S9).
    if (source === "miss") proveBlob(lane, digest, answer.askedAt);
    const entry = blobEntry(lane, digest);
    await keepUnlessEnded(lane, { kind: "blob", digest }, answer.askedAt, {
      write: () => lane.store.writeContent(entry, {}, bytes, KEEP_SECONDS, answer),
      remove: () => lane.store.delete(entry),
    });
  }
  release(bytes);
}
