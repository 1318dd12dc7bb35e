// Blobs in the public lane: small ones from the store, larger ones from the bucket or past, piped natively.

import { isVerifiable } from "../../distribution/digest.ts";
import { errorResponse } from "../../distribution/errors.ts";
import type { Endpoint } from "../../distribution/path.ts";
import { parseRange, readRanges, type Range, type RangeRequest } from "../../distribution/range.ts";
import type { Digest } from "../../distribution/reference.ts";
import type { Answer } from "../../upstream/answer.ts";
import { askRegistry } from "./ask.ts";
import { discard, questionOf, type Question } from "./asked.ts";
import { isBlobFresh, proveBlob } from "./blob-proofs.ts";
import { fillAndPass, findBlob, type KeptBlob } from "./blob-shelf.ts";
import { contentResponse, mark, refuse, type Source } from "./content.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";

/** What a client asks for. */
interface Wanted {
  readonly digest: Digest;
  /** Of HEAD, and with a condition that does not hold, the whole. */
  readonly ranges: RangeRequest;
}

/** Serves GET and HEAD of a blob. */
export async function serveBlob(
  lane: ContentLane,
  { digest }: Extract<Endpoint, { kind: "blob" }>,
): Promise<Response> {
  const { visibility } = lane;
  const wanted = { digest, ranges: rangesOf(lane, digest) };
  const isFresh = visibility.isFresh || isBlobFresh(lane, digest);
  // A warm pull is this case only, and costs one look.
  const readAtOnce = isFresh && !isHead(lane) && wanted.ranges.kind === "none";
  const kept = isVerifiable(digest) ? await findBlob(lane, digest, { readAtOnce }) : undefined;
  if (kept === undefined) return serveFromRegistry(lane, wanted);
  if (isFresh) return serveKept(lane, wanted, kept, "hit");

  // Followed to its end: a redirect alone may lead to a page for logging in.
  const asked = await askRegistry(lane, question(lane, "HEAD", digest), visibility.holds);
  switch (asked.kind) {
    case "found":
      await discard(asked);
      if (!hasLength(asked.answer, kept.size)) return serveFromRegistry(lane, wanted);
      proveBlob(lane, digest, asked.answer.askedAt);
      return serveKept(lane, wanted, kept, "hit");
    case "failing":
      if (!(await visibility.mayServeStale())) return refuse(lane, asked);
      await discard(asked);
      return serveKept(lane, wanted, kept, "stale");
    case "other":
      // A registry without HEAD.
      await discard(asked);
      return serveFromRegistry(lane, wanted);
    case "missing":
    case "page":
    case "refused":
      return refuse(lane, asked);
  }
}

/** `If-Range` never travels: a blob's validator is its digest, whoever has it. */
function rangesOf(lane: ContentLane, digest: Digest): RangeRequest {
  const { headers } = lane.errand.inbound.request;
  const ifRange = headers.get("If-Range");
  if (isHead(lane) || (ifRange !== null && ifRange !== `"${digest}"`)) return { kind: "none" };
  return readRanges(headers.get("Range"));
}

function hasLength({ response }: Answer, size: number): boolean {
  return response.headers.get("Content-Length") === String(size);
}

async function serveKept(
  lane: ContentLane,
  wanted: Wanted,
  kept: KeptBlob,
  source: Source,
): Promise<Response> {
  const { digest, ranges } = wanted;
  const whole = { digest, mediaType: "application/octet-stream", size: kept.size, body: null };
  if (isHead(lane)) return acceptRanges(contentResponse(lane, whole, source));
  // All of no bytes is no range: so the registry answers that is asked for the whole.
  const isAllOfNothing = ranges.kind === "one" && ranges.isWhole && kept.size === 0;
  const range = ranges.kind === "one" && !isAllOfNothing ? parseRange(ranges.words, kept.size) : undefined;
  if (range === "unsatisfiable") return unsatisfiable(lane, kept.size, source);
  const body = kept.body ?? (await kept.read(range));
  // Evicted between two looks: then it is a miss like any other.
  if (body === undefined) return serveFromRegistry(lane, wanted);
  const answer = acceptRanges(contentResponse(lane, { ...whole, body }, source));
  return range === undefined ? answer : partial(answer, range, kept.size);
}

function partial(whole: Response, { start, end }: Range, size: number): Response {
  const answer = new Response(whole.body, { status: 206, headers: whole.headers });
  answer.headers.set("Content-Range", `bytes ${start}-${end}/${size}`);
  answer.headers.set("Content-Length", String(end - start + 1));
  return answer;
}

function unsatisfiable(lane: ContentLane, size: number, source: Source): Response {
  const headers = { "Content-Range": `bytes */${size}` };
  return mark(lane, errorResponse("RANGE_INVALID", `The blob has ${size} bytes.`, { headers }), source);
}

function acceptRanges(response: Response): Response {
  response.headers.set("Accept-Ranges", "bytes");
  return response;
}

async function serveFromRegistry(lane: ContentLane, wanted: Wanted): Promise<Response> {
  const { digest, ranges } = wanted;
  const asking = question(lane, isHead(lane) ? "HEAD" : "GET", digest, ranges);
  const asked = await askRegistry(lane, asking, hasMirrors(lane));
  if (asked.kind === "found") return take(lane, wanted, asked.answer, "miss");
  if (asked.kind === "failing") {
    const mirrored = await fromMirrors(lane, asking, (answer) => take(lane, wanted, answer, "mirror"));
    if (mirrored !== undefined) {
      await discard(asked);
      return mirrored;
    }
  }
  return refuse(lane, asked);
}

/** Passes what was answered, and keeps it if it is the whole. */
async function take(
  lane: ContentLane,
  { digest, ranges }: Wanted,
  answer: Answer,
  source: Source,
): Promise<Response> {
  const passed = await fillAndPass(lane, digest, answer, source);
  if (passed.status !== 200 && passed.status !== 206) return passed;
  passed.headers.set("ETag", `"${digest}"`);
  const size = Number(passed.headers.get("Content-Length") ?? "NaN");
  // `bytes=0-` is the whole, which was asked for as such so that it could be kept.
  const wantsPart = ranges.kind === "one" && ranges.isWhole && passed.status === 200;
  return wantsPart && size > 0 ? partial(passed, { start: 0, end: size - 1 }, size) : passed;
}

/** The question that the client asks, in our own words; of several ranges nothing is concluded (S18). */
function question(
  lane: ContentLane,
  method: "GET" | "HEAD",
  digest: Digest,
  ranges?: RangeRequest,
): Question {
  const travels = ranges?.kind === "several" || (ranges?.kind === "one" && !ranges.isWhole);
  const whole = questionOf(lane.repository, { kind: "blob", digest }, method);
  return {
    ...whole,
    concludes: ranges?.kind !== "several",
    conditions: { ...whole.conditions, range: travels ? ranges.words : undefined },
  };
}
