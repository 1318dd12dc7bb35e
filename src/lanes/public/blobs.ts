// Blobs in the public lane: small ones from the store, larger ones from the bucket or past, piped natively.

import { errorResponse } from "../../distribution/errors.ts";
import { isVerifiable } from "../../distribution/digest.ts";
import { formatPath, type Endpoint } from "../../distribution/path.ts";
import { parseRange, type Range } from "../../distribution/range.ts";
import type { Digest } from "../../distribution/reference.ts";
import { askRegistry, discard, type Inquiry } from "./ask.ts";
import { findBlob, fillAndPass, type KeptBlob } from "./blob-shelf.ts";
import { contentResponse, mark, refuse, type Source } from "./content.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";

/** Serves GET and HEAD of a blob. */
export async function serveBlob(
  lane: ContentLane,
  { digest }: Extract<Endpoint, { kind: "blob" }>,
): Promise<Response> {
  const { visibility } = lane;
  // A warm pull is this case only, and costs one look.
  const isWhole = !isHead(lane) && !lane.errand.inbound.request.headers.has("Range");
  const kept = isVerifiable(digest)
    ? await findBlob(lane, digest, { readAtOnce: isWhole && visibility.isFresh })
    : undefined;
  if (kept === undefined) return serveFromRegistry(lane, digest);

  if (visibility.isFresh) return serveKept(lane, digest, kept, "hit");
  // Followed to its end: a redirect alone may lead to a page for logging in.
  const head: Inquiry = { ...inquiry(lane, digest), method: "HEAD", conditions: {} };
  const asked = await askRegistry(lane, head, visibility.holds);
  if (asked.kind === "found") {
    await discard(asked);
    return serveKept(lane, digest, kept, "hit");
  }
  if (asked.kind === "failing" && visibility.holds) {
    await discard(asked);
    return serveKept(lane, digest, kept, "stale");
  }
  if (asked.kind === "other") {
    // A registry without HEAD.
    await discard(asked);
    return serveFromRegistry(lane, digest);
  }
  if (asked.kind === "missing") await kept.drop();
  return refuse(lane, asked);
}

async function serveKept(
  lane: ContentLane,
  digest: Digest,
  kept: KeptBlob,
  source: Source,
): Promise<Response> {
  const { headers } = lane.errand.inbound.request;
  const whole = { digest, mediaType: "application/octet-stream", size: kept.size, body: null };
  if (isHead(lane)) return acceptRanges(contentResponse(lane, whole, source));
  const range = isOther(headers.get("If-Range"), digest)
    ? undefined
    : parseRange(headers.get("Range"), kept.size);
  if (range === "unsatisfiable") return unsatisfiable(lane, kept.size, source);
  const body = kept.body ?? (await kept.read(range));
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

function unsatisfiable(lane: ContentLane, size: number, source: Source): Response {
  const headers = { "Content-Range": `bytes */${size}` };
  return mark(lane, errorResponse("RANGE_INVALID", `The blob has ${size} bytes.`, { headers }), source);
}

function acceptRanges(response: Response): Response {
  response.headers.set("Accept-Ranges", "bytes");
  return response;
}

async function serveFromRegistry(lane: ContentLane, digest: Digest): Promise<Response> {
  const question = inquiry(lane, digest);
  const asked = await askRegistry(lane, question, hasMirrors(lane));
  if (asked.kind === "found") return fillAndPass(lane, digest, asked.answer, "miss");
  if (asked.kind === "failing") {
    const mirrored = await fromMirrors(lane, question, (answer) =>
      fillAndPass(lane, digest, answer, "mirror"),
    );
    if (mirrored !== undefined) {
      await discard(asked);
      return mirrored;
    }
  }
  return refuse(lane, asked);
}

/** The question that the client asks, with what of it may travel on. */
function inquiry(lane: ContentLane, digest: Digest): Inquiry {
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
