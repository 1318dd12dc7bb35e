// Blobs in the public lane: small ones from the store, larger ones from the bucket or past, piped natively.

import { errorResponse } from "../../distribution/errors.ts";
import { hasDigest, isVerifiable } from "../../distribution/digest.ts";
import { formatPath, type Endpoint } from "../../distribution/path.ts";
import { parseRange, type Range } from "../../distribution/range.ts";
import { algorithmOf, type Digest } from "../../distribution/reference.ts";
import type { BucketStore } from "../../store/bucket.ts";
import { storeKey, type Metadata, type Shelf, type StoreKey } from "../../store/store.ts";
import { readCapped } from "../../upstream/fetch.ts";
import { BoundedMap } from "../../isolate.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { contentResponse, mark, pass, refuse, type Source } from "./content.ts";
import { ask, askRegistry, discard, type Inquiry } from "./ask.ts";
import { isHead, type RepositoryLane } from "./lane.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";
import { holds, isFresh, readVisibility, type Visibility } from "./visibility.ts";

type BlobEndpoint = Extract<Endpoint, { kind: "blob" }>;

/** A blob is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;
/** Memory of all fills under way in the isolate (S11); beyond it blobs stream past unstored. */
const MAX_IN_FLIGHT = 16 * 1024 * 1024;
/** R2's largest single object in one request. */
const MAX_BUCKET = 5 * 1024 * 1024 * 1024;
const MAX_BUCKET_FILLS = 2;

let bytesInFlight = 0;
const bucketFills = new Set<StoreKey>();
/** When a fill of the bucket was last tried: one that cannot succeed is not tried again by every pull. */
const triedFills = new BoundedMap<StoreKey, number>(1000);
const RETRY_FILL_MS = 10 * 60 * 1000;

/** Forgets what the isolate remembers; a fresh isolate, for tests. */
export function forgetFills(): void {
  triedFills.clear();
}

/** Serves GET and HEAD of a blob. */
export async function serveBlob(lane: RepositoryLane, endpoint: BlobEndpoint): Promise<Response> {
  const { digest } = endpoint;
  const visibility = await readVisibility(lane);
  const kept = isVerifiable(digest) ? await findKept(lane, visibility, digest) : undefined;
  if (kept === undefined) return serveFromRegistry(lane, digest);

  if (isFresh(visibility)) return serveKept(lane, digest, kept, "hit");
  // Followed to its end: a redirect alone may lead to a page for logging in.
  const head: Inquiry = { ...inquiry(lane, digest), method: "HEAD", conditions: {} };
  const asked = await askRegistry(lane, head, holds(visibility));
  if (asked.kind === "found") {
    await discard(asked);
    return serveKept(lane, digest, kept, "hit");
  }
  if (asked.kind === "failing" && holds(await readVisibility(lane))) {
    await discard(asked);
    return serveKept(lane, digest, kept, "stale");
  }
  if (asked.kind === "other") {
    // A registry without HEAD.
    await discard(asked);
    return serveFromRegistry(lane, digest);
  }
  if (asked.kind === "missing") await kept.store.delete(kept.key);
  return refuse(lane, asked);
}

interface Kept {
  readonly store: Shelf;
  readonly key: StoreKey;
  readonly size: number;
  /** The whole, where it could be read at once. */
  readonly body: ReadableStream | undefined;
}

/** Looks in the store, then in the bucket; what does not say that it is this blob of this repository is not it. */
async function findKept(
  lane: RepositoryLane,
  visibility: Visibility,
  digest: Digest,
): Promise<Kept | undefined> {
  const key = await keyOf(lane, visibility, digest);
  // A warm pull is this case only, and costs one look.
  const isWhole = !isHead(lane) && !lane.errand.inbound.request.headers.has("Range");
  const readsAtOnce = isWhole && isFresh(visibility);
  for (const store of [lane.store, lane.bucket]) {
    const read = readsAtOnce ? await store?.read(key) : undefined;
    const found = readsAtOnce ? read : await store?.describe(key);
    if (store !== undefined && found !== undefined && isIt(lane, digest, found.metadata)) {
      return { store, key, size: found.size, body: read?.body };
    }
    await read?.body.cancel();
  }
  return undefined;
}

function isIt(lane: RepositoryLane, digest: Digest, metadata: Metadata): boolean {
  return (
    metadata["upstream"] === lane.upstream &&
    metadata["repository"] === lane.repository &&
    metadata["digest"] === digest
  );
}

async function serveKept(
  lane: RepositoryLane,
  digest: Digest,
  kept: Kept,
  source: Source,
): Promise<Response> {
  const { request } = lane.errand.inbound;
  const whole = { digest, mediaType: "application/octet-stream", size: kept.size, body: null };
  if (isHead(lane)) return acceptRanges(contentResponse(lane, whole, source));
  const range = isOther(request.headers.get("If-Range"), digest)
    ? undefined
    : parseRange(request.headers.get("Range"), kept.size);
  if (range === "unsatisfiable") return unsatisfiable(lane, kept.size, source);
  const body = kept.body ?? (await kept.store.read(kept.key, range))?.body;
  // Evicted between two looks: then it is a miss like any other.
  if (body === undefined) return serveFromRegistry(lane, digest);
  const answer = acceptRanges(contentResponse(lane, { ...whole, body }, source));
  return range === undefined ? answer : partial(answer, range, kept.size);
}

/** True where the client has begun with something else than this blob: then it needs the whole. */
function isOther(ifRange: string | null, digest: Digest): boolean {
  return ifRange !== null && ifRange !== `"${digest}"`;
}

function partial(whole: Response, { start, end }: Range, size: number): Response {
  const answer = new Response(whole.body, { status: 206, headers: whole.headers });
  answer.headers.set("Content-Range", `bytes ${start}-${end}/${size}`);
  answer.headers.set("Content-Length", String(end - start + 1));
  return answer;
}

function unsatisfiable(lane: RepositoryLane, size: number, source: Source): Response {
  const headers = { "Content-Range": `bytes */${size}` };
  return mark(lane, errorResponse("RANGE_INVALID", `The blob has ${size} bytes.`, { headers }), source);
}

function acceptRanges(response: Response): Response {
  response.headers.set("Accept-Ranges", "bytes");
  return response;
}

async function serveFromRegistry(lane: RepositoryLane, digest: Digest): Promise<Response> {
  const canDoWithout = hasMirrors(lane, await readVisibility(lane));
  const asked = await askRegistry(lane, inquiry(lane, digest), canDoWithout);
  if (asked.kind === "found") return fillAndPass(lane, digest, asked.answer, "miss");
  if (asked.kind === "failing") {
    const mirrored = await fromMirrors(lane, inquiry(lane, digest), (answer) =>
      fillAndPass(lane, digest, answer, "mirror"),
    );
    if (mirrored !== undefined) {
      await discard(asked);
      return mirrored;
    }
  }
  return refuse(lane, asked);
}

/** Passes a blob to the client, and a copy of it to the store where it is small enough to be hashed. */
async function fillAndPass(
  lane: RepositoryLane,
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
  lane: RepositoryLane,
  digest: Digest,
  size: number,
  body: ReadableStream,
  answer: PublicResponse,
): Promise<void> {
  bytesInFlight += size;
  try {
    const bytes = await readCapped(body, size);
    if (bytes?.byteLength !== size || !(await hasDigest(bytes, digest))) return;
    const visibility = await readVisibility(lane);
    if (!holds(visibility) || answer.askedAt < visibility.deniedAt) return;
    const key = await keyOf(lane, visibility, digest);
    await lane.store.writeContent(key, metadataOf(lane, digest), bytes, KEEP_SECONDS, answer);
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
  lane: RepositoryLane,
  bucket: BucketStore,
  digest: Digest,
  size: number,
  left: AbortSignal,
): Promise<void> {
  if (size > MAX_BUCKET || algorithmOf(digest) !== "sha256" || bucketFills.size >= MAX_BUCKET_FILLS) return;
  const visibility = await readVisibility(lane);
  const key = await keyOf(lane, visibility, digest);
  if (bucketFills.has(key) || Date.now() - (triedFills.get(key) ?? 0) < RETRY_FILL_MS) return;
  triedFills.set(key, Date.now());
  bucketFills.add(key);
  try {
    const { registry } = lane.errand;
    const request = { ...inquiry(lane, digest), method: "GET" as const, conditions: {}, registry };
    const asked = await ask(lane, { ...request, repository: lane.repository });
    if (asked.kind !== "found" || asked.answer.response.status !== 200) {
      await discard(asked);
      return;
    }
    const sha256 = digest.slice("sha256:".length);
    await bucket.writeStream(key, metadataOf(lane, digest), asked.answer, { sha256, size, signal: left });
  } finally {
    // Nothing was wrong with it: the next client may have it filled.
    if (left.aborted) triedFills.delete(key);
    bucketFills.delete(key);
  }
}

function keyOf(lane: RepositoryLane, visibility: Visibility, digest: Digest): Promise<StoreKey> {
  return storeKey(lane.upstream, lane.repository, visibility.generation, "blob", digest);
}

function metadataOf(lane: RepositoryLane, digest: Digest): Metadata {
  return { upstream: lane.upstream, repository: lane.repository, digest };
}

/** The question that the client asks, with what of it may travel on. */
function inquiry(lane: RepositoryLane, digest: Digest): Inquiry {
  const { headers } = lane.errand.inbound.request;
  return {
    path: formatPath({ kind: "blob", name: lane.repository, digest }),
    method: isHead(lane) ? "HEAD" : "GET",
    conditions: {
      accept: headers.get("Accept") ?? undefined,
      range: headers.get("Range") ?? undefined,
      ifRange: headers.get("If-Range") ?? undefined,
    },
  };
}
