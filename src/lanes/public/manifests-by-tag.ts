// Manifests by tag: the tag by HEAD, which no registry counts, and its manifest by digest from the store.

import { digestOf, hasDigest, isVerifiable } from "../../distribution/digest.ts";
import { acceptClass, isStorableManifest } from "../../distribution/manifest.ts";
import { parseDigest, type Tag } from "../../distribution/reference.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { recallAbsence, rememberAbsence } from "./absence.ts";
import { askRegistry, discard } from "./ask.ts";
import { contentResponse, refuse, type Source } from "./content.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { readAnswer, readManifest, saidDigest, takeManifest, toContent } from "./manifest-shelf.ts";
import { fetchByDigest, inquiry } from "./manifests-by-digest.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";
import { dropTag, recallTag, rememberTag, type ResolvedTag } from "./tags.ts";

/** Serves GET and HEAD of a manifest by a tag. */
export async function serveTag(lane: ContentLane, tag: Tag): Promise<Response> {
  const { config, errand, visibility } = lane;
  const accept = acceptClass(errand.inbound.request.headers.get("Accept"));
  const recalled = accept === undefined ? undefined : await recallTag(lane, tag, accept);
  const young = recalled !== undefined && Date.now() - recalled.at < config.tagTtlMs;
  if (young && visibility.isFresh) return serveResolved(lane, tag, recalled, "hit");

  const absent = recallAbsence(lane, tag);
  if (absent !== undefined) return absent;
  const canDoWithout = recalled !== undefined && visibility.holds;
  const head = inquiry(lane, "HEAD", { kind: "tag", tag });
  const asked = await askRegistry(lane, head, canDoWithout || hasMirrors(lane));
  switch (asked.kind) {
    case "found":
      return serveHead(lane, tag, accept, asked.answer);
    case "failing":
      if (recalled !== undefined && visibility.holds) {
        await discard(asked);
        return serveResolved(lane, tag, recalled, "stale");
      }
      return (await tagFromMirrors(lane, tag)) ?? refuse(lane, asked);
    case "missing":
      // What an unknown Accept provokes says nothing to the clients of others.
      if (accept !== undefined) {
        await dropTag(lane, tag);
        rememberAbsence(lane, tag);
      }
      return refuse(lane, asked);
    case "other":
      // Some registries have no HEAD for manifests (405).
      await discard(asked);
      return serveByGet(lane, tag);
    case "denied":
      return refuse(lane, asked);
  }
}

/** The registry answered HEAD. What it lacks is asked by GET. */
async function serveHead(
  lane: ContentLane,
  tag: Tag,
  accept: string | undefined,
  answer: PublicResponse,
): Promise<Response> {
  const { response, followed } = answer;
  const digest = saidDigest(answer);
  const mediaType = response.headers.get("Content-Type");
  const encoded = response.headers.has("Content-Encoding");
  const size = Number(response.headers.get("Content-Length"));
  const isComplete = digest !== undefined && mediaType !== null && Number.isSafeInteger(size) && size > 0;
  if (!isComplete || encoded || !isVerifiable(digest)) return serveByGet(lane, tag);
  const resolved = { digest, mediaType, size, at: answer.askedAt };
  if (accept !== undefined) await rememberTag(lane, tag, accept, resolved);
  // Of HEAD nothing is stored: the registry was asked.
  return serveResolved(lane, tag, resolved, isHead(lane) ? "miss" : "hit", followed.registryHeaders);
}

/** Serves what a tag stands for: its headers at once, its body from the store or, by digest, from the registry. */
async function serveResolved(
  lane: ContentLane,
  tag: Tag,
  resolved: ResolvedTag,
  source: Source,
  registry?: Headers,
): Promise<Response> {
  if (isHead(lane)) {
    return contentResponse(lane, { ...resolved, body: null }, source, registry);
  }
  const stored = await readManifest(lane, resolved.digest);
  if (stored !== undefined) return contentResponse(lane, stored, source, registry);
  const fetched = await fetchByDigest(lane, resolved.digest);
  if (fetched instanceof Response) return fetched;
  // The digest that HEAD named cannot be had: the tag itself is asked for, and hashed.
  if (fetched.kind !== "missing") return refuse(lane, fetched);
  await discard(fetched);
  return serveByGet(lane, tag);
}

/** GET by tag, for registries whose HEAD says too little. What fits is kept under the digest that it has. */
async function serveByGet(lane: ContentLane, tag: Tag): Promise<Response> {
  const asked = await askRegistry(lane, inquiry(lane, "GET", { kind: "tag", tag }), false);
  if (asked.kind !== "found") return refuse(lane, asked);
  return takeManifest(lane, undefined, asked.answer);
}

async function tagFromMirrors(lane: ContentLane, tag: Tag): Promise<Response | undefined> {
  return fromMirrors(lane, inquiry(lane, "GET", { kind: "tag", tag }), async (answer) => {
    const content = await readAnswer(answer).catch(() => undefined);
    if (content === undefined || !isStorableManifest(content.bytes, content.mediaType)) return undefined;
    const said = parseDigest(answer.response.headers.get("Docker-Content-Digest") ?? "");
    const digest = said ?? (await digestOf(content.bytes));
    if (!(await hasDigest(content.bytes, digest))) return undefined;
    return contentResponse(lane, toContent(digest, content), "mirror");
  });
}
