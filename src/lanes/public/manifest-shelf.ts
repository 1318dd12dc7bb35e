// Manifests in the store: hashed before they are kept, and again each time they are read from below the isolate (S10, S11).

import { isManifestType, mediaTypeOf } from "../../distribution/media-types.ts";
import { digestOf, hasDigest } from "../../distribution/digest.ts";
import {
  beginsAsPage,
  isPage,
  isStorableManifest,
  MAX_STORED_MANIFEST,
} from "../../distribution/manifest.ts";
import type { Digest } from "../../distribution/reference.ts";
import { inTime, STORE_TIMEOUT_MS } from "../../in-time.ts";
import type { Origin, Store } from "../../store/store.ts";
import type { Answer } from "../../upstream/answer.ts";
import { FREE, NoRoom, Place, readInto, sendFrom } from "../reading-room.ts";
import { contentResponse, pageInstead, pass, type Content } from "./content.ts";
import { isDeleted, isEnded, keepUnlessEnded } from "./endings.ts";
import { manifestEntry } from "./entries.ts";
import { proveRepository, type ContentLane } from "./lane.ts";
import { bucketToRead, keepLasting, noteLasting } from "./lasting.ts";
import { readUnlessLarge, saidDigest, type ReadManifest } from "./manifest-answer.ts";
import { isYoungManifest, recallManifest, rememberManifest, type KnownManifest } from "./manifest-memory.ts";

/** A manifest is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

/**
 * The stored manifest, from the nearest level that has it, if its bytes still have that digest. It is not parsed again: what
 * has the digest of a document that was found to mean one thing is that document.
 */
export async function readManifest(lane: ContentLane, digest: Digest): Promise<StoredManifest | undefined> {
  const remembered = recallManifest(lane, digest);
  if (remembered === undefined) return readStoredManifest(lane, digest);
  const isYoung = isYoungManifest(remembered);
  const stored = isYoung ? undefined : await readStoredManifest(lane, digest);
  if (stored !== undefined) return stored;
  if (isYoung) keepLastingManifest(lane, digest, remembered, { askedAt: Date.now(), isOld: true });
  return { ...toContent(digest, remembered), remembered: isYoung ? "young" : "aged" };
}

/** A manifest, and whether only the isolate has it. */
export interface StoredManifest extends Content {
  /** "young" was there a moment ago; "aged" may have been ended by another isolate, which the registry can tell. */
  readonly remembered?: "aged" | "young";
}

/** The same from below the isolate's memory: what another isolate ended is not there. */
export async function readStoredManifest(lane: ContentLane, digest: Digest): Promise<Content | undefined> {
  return (await readFrom(lane, lane.store, digest)) ?? readFromBucket(lane, digest);
}

async function readFromBucket(lane: ContentLane, digest: Digest): Promise<Content | undefined> {
  const bucket = bucketToRead(lane);
  return bucket && readFrom(lane, bucket, digest);
}

/** What a level has, and brings up what it has. Garbage is deleted. */
async function readFrom(lane: ContentLane, level: Store, digest: Digest): Promise<Content | undefined> {
  const entry = manifestEntry(lane, digest);
  const askedAt = Date.now();
  const stored = await level.read(entry);
  if (stored === undefined) return undefined;
  const isLasting = level !== lane.store;
  // A deletion that the bucket did not take.
  if (isDeleted(lane, entry, stored.keptAt)) {
    await stored.body.cancel();
    return undefined;
  }
  const place = new Place(lane.errand.registry.upstream);
  let bytes: Uint8Array | undefined;
  try {
    const options = { expected: stored.size, timeoutMs: STORE_TIMEOUT_MS };
    bytes = await readInto(place, stored.body, MAX_STORED_MANIFEST, options);
  } catch (error) {
    if (error instanceof NoRoom) throw error;
    // A store that breaks off is a miss, and what it has is no garbage for that.
    return undefined;
  }
  const mediaType = stored.words["mediaType"] ?? "";
  const isIt = bytes !== undefined && isManifestType(mediaType) && (await hasDigest(bytes, digest));
  if (bytes === undefined || !isIt) {
    place.end();
    lane.defer(level.delete(entry));
    return undefined;
  }
  const manifest = { bytes, mediaType };
  if (isLasting) noteLasting(entry);
  void keepEverywhere(lane, digest, manifest, { askedAt, origin: stored, isInCache: !isLasting });
  const isHeld = isLasting && bytes.byteLength > FREE;
  // Who can write into the bucket could give other bytes the second time: those that were hashed are sent.
  if (isHeld) return toContent(digest, { ...manifest, place });
  place.end();
  if (bytes.byteLength <= FREE) return toContent(digest, manifest);
  // A large one is not held for its client: what was found to be right passes from the store.
  const again = await level.read(entry);
  return again === undefined
    ? toContent(digest, manifest)
    : { ...toContent(digest, manifest), body: again.body };
}

/**
 * Keeps a manifest whose digest was found to fit, if its document means one thing only. Ends when the next request finds it:
 * a small one at once, in memory, a large one in the store.
 */
export async function keepManifest(
  lane: ContentLane,
  digest: Digest,
  { bytes, mediaType: said }: ReadManifest,
  answer: Answer,
): Promise<void> {
  if (bytes.byteLength > MAX_STORED_MANIFEST || !isStorableManifest(bytes, said)) return;
  // Without parameters: a client compares types, and nobody needs what else a header says.
  const manifest = { bytes, mediaType: mediaTypeOf(said) };
  const source = { askedAt: answer.askedAt, origin: answer, isInCache: false };
  const kept = keepEverywhere(lane, digest, manifest, source);
  if (bytes.byteLength > FREE) await inTime(kept);
}

/** Where a manifest comes from that is being kept. */
interface ManifestSource {
  readonly origin: Origin;
  /** When it was asked for. */
  readonly askedAt: number;
  readonly isInCache: boolean;
}

/** Keeps it at every level that does not have it. @returns when the store of the data centre has it; deferred */
function keepEverywhere(
  lane: ContentLane,
  digest: Digest,
  manifest: KnownManifest,
  { askedAt, isInCache, origin }: ManifestSource,
): Promise<void> {
  const entry = manifestEntry(lane, digest);
  if (!isEnded(lane, entry, askedAt)) rememberManifest(lane, digest, manifest, askedAt);
  keepLastingManifest(lane, digest, manifest, { askedAt, isOld: isInCache });
  if (isInCache) return Promise.resolve();
  const { bytes, mediaType } = manifest;
  const keeping = keepUnlessEnded(lane, lane.store, entry, {
    askedAt,
    write: () => lane.store.writeContent(entry, { mediaType }, bytes, KEEP_SECONDS, origin),
  });
  lane.defer(keeping);
  return keeping;
}

function keepLastingManifest(
  lane: ContentLane,
  digest: Digest,
  { bytes, mediaType }: KnownManifest,
  { askedAt, isOld }: { readonly askedAt: number; readonly isOld: boolean },
): void {
  if (lane.lasting === undefined) return;
  const entry = manifestEntry(lane, digest);
  const keeping = keepLasting(lane, {
    entry,
    askedAt,
    isOld,
    write: (bucket) => bucket.writeContent(entry, { mediaType }, bytes),
  });
  lane.defer(keeping);
}

/**
 * Serves a manifest that the registry answered, keeps it, and takes it as proof (S9). One whose digest does not fit is
 * passed as it is, for the client to refuse, and neither kept nor believed.
 * @param asked the digest that was asked for; undefined for a tag
 * @param concludes false where words of the client's were sent
 * @throws RegistryError where the body is broken off, or a page
 */
export async function takeManifest(
  lane: ContentLane,
  asked: Digest | undefined,
  answer: Answer,
  concludes: boolean,
): Promise<Response> {
  const { followed } = answer;
  const said = saidDigest(answer);
  const content = await readUnlessLarge(answer);
  if ("passed" in content) {
    const large = { ...followed, response: content.passed };
    if (beginsAsPage(content.mediaType, content.head)) throw await pageInstead(lane.errand, large);
    return pass(lane, large, "bypass");
  }
  const digest = asked ?? said ?? (await digestOf(content.bytes));
  const fits = await hasDigest(content.bytes, digest);
  const isByDigest = asked !== undefined && fits;
  if (!isByDigest && isPage(content.mediaType, content.bytes)) {
    content.place?.end();
    throw await pageInstead(lane.errand, followed);
  }
  // By tag anything fits the digest that it has itself: then the document must be a manifest.
  const isThing = isByDigest || (fits && isStorableManifest(content.bytes, content.mediaType));
  if (isThing && concludes) {
    await proveRepository(lane, answer.askedAt, asked === undefined ? { digest, method: "GET" } : undefined);
  }
  if (isThing) await keepManifest(lane, digest, content, answer);
  const shown = toContent(fits ? digest : (said ?? digest), content);
  return contentResponse(lane, shown, fits ? "miss" : "bypass", followed.registryHeaders);
}

/** A manifest that was read, as this lane answers it. */
export function toContent(digest: Digest, { bytes, mediaType, place }: ReadManifest): Content {
  const body = place === undefined ? bytes : sendFrom(place, [bytes]);
  return { digest, mediaType, size: bytes.byteLength, body };
}
