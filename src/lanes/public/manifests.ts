// Manifests in the public lane: a tag by HEAD, which no registry counts, and its manifest by digest from the store.

import { digestOf, hasDigest, isVerifiable } from "../../distribution/digest.ts";
import { acceptClass, isStorableManifest } from "../../distribution/manifest.ts";
import { formatPath, type Endpoint } from "../../distribution/path.ts";
import { parseDigest, parseTag, type Digest, type Tag } from "../../distribution/reference.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { recallAbsence, rememberAbsence } from "./absence.ts";
import { contentResponse, pass, refuse, type Content, type Source } from "./content.ts";
import { askRegistry, discard, type Asked, type Inquiry } from "./ask.ts";
import { isHead, type RepositoryLane } from "./lane.ts";
import {
  dropManifest,
  keepManifest,
  readAnswer,
  readManifest,
  saidDigest,
  takeManifest,
  toContent,
} from "./manifest-shelf.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";
import { dropTag, recallTag, rememberTag, type ResolvedTag } from "./tags.ts";
import { holds, isFresh, readVisibility, type Visibility } from "./visibility.ts";

type ManifestEndpoint = Extract<Endpoint, { kind: "manifest" }>;

/** Serves GET and HEAD of a manifest. */
export async function serveManifest(lane: RepositoryLane, endpoint: ManifestEndpoint): Promise<Response> {
  const { reference } = endpoint;
  return reference.kind === "tag" ? serveTag(lane, reference.tag) : serveDigest(lane, reference.digest);
}

async function serveTag(lane: RepositoryLane, tag: Tag): Promise<Response> {
  const { request } = lane.errand.inbound;
  const accept = request.headers.get("Accept");
  const name = acceptClass(accept);
  const visibility = await readVisibility(lane);
  const recalled = name === undefined ? undefined : await recallTag(lane, visibility.generation, tag, name);
  const young = recalled !== undefined && Date.now() - recalled.at < lane.config.tagTtlMs;
  if (young && isFresh(visibility)) return serveResolved(lane, tag, recalled, "hit");

  const absent = recallAbsence(lane, tag);
  if (absent !== undefined) return absent;
  const head = inquiry(lane, "HEAD", tag);
  const canDoWithout = recalled !== undefined && holds(visibility);
  const asked = await askRegistry(lane, head, canDoWithout || hasMirrors(lane, visibility));
  switch (asked.kind) {
    case "found":
      return serveHead(lane, tag, name, asked.answer);
    case "failing":
      if (recalled !== undefined && holds(await readVisibility(lane))) {
        await discard(asked);
        return serveResolved(lane, tag, recalled, "stale");
      }
      return (await tagFromMirrors(lane, tag)) ?? refuse(lane, asked);
    case "missing":
      // What an unknown Accept provokes says nothing to the clients of others.
      if (name !== undefined) {
        await dropTag(lane, visibility.generation, tag);
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
  lane: RepositoryLane,
  tag: Tag,
  accept: string | undefined,
  answer: PublicResponse,
): Promise<Response> {
  const { response, followed } = answer;
  const digest = saidDigest(answer);
  const length = response.headers.get("Content-Length");
  const mediaType = response.headers.get("Content-Type");
  const encoded = response.headers.has("Content-Encoding");
  const size = Number(length);
  const isComplete = digest !== undefined && mediaType !== null && Number.isSafeInteger(size) && size > 0;
  if (!isComplete || encoded || !isVerifiable(digest)) return serveByGet(lane, tag);
  const resolved = { digest, mediaType, size, at: answer.askedAt };
  if (accept !== undefined) {
    await rememberTag(lane, (await readVisibility(lane)).generation, tag, accept, resolved);
  }
  // Of HEAD nothing is stored: the registry was asked.
  return serveResolved(lane, tag, resolved, isHead(lane) ? "miss" : "hit", followed.registryHeaders);
}

/** Serves what a tag stands for: its headers at once, its body from the store or, by digest, from the registry. */
async function serveResolved(
  lane: RepositoryLane,
  tag: Tag,
  resolved: ResolvedTag,
  source: Source,
  registry?: Headers,
): Promise<Response> {
  if (isHead(lane)) {
    return contentResponse(lane, { ...resolved, body: null }, source, registry);
  }
  const { generation } = await readVisibility(lane);
  const stored = await readManifest(lane, generation, resolved.digest);
  if (stored !== undefined) return contentResponse(lane, stored, source, registry);
  const fetched = await fetchByDigest(lane, resolved.digest);
  if (fetched instanceof Response) return fetched;
  // The digest that HEAD named cannot be had: the tag itself is asked for, and hashed.
  if (fetched.kind !== "missing") return refuse(lane, fetched);
  await discard(fetched);
  return serveByGet(lane, tag);
}

async function serveDigest(lane: RepositoryLane, digest: Digest): Promise<Response> {
  if (!isVerifiable(digest)) return serveUnverifiable(lane, digest);
  const visibility = await readVisibility(lane);
  const stored = await readManifest(lane, visibility.generation, digest);
  if (stored !== undefined) {
    const proved = await prove(lane, digest, stored, visibility);
    if (proved !== undefined) return proved;
  }
  if (isHead(lane)) return headByDigest(lane, digest);
  const fetched = await fetchByDigest(lane, digest);
  return fetched instanceof Response ? fetched : refuse(lane, fetched);
}

/** Serves what is stored, if the registry says that it still may be; undefined where only GET can tell. */
async function prove(
  lane: RepositoryLane,
  digest: Digest,
  stored: Content,
  visibility: Visibility,
): Promise<Response | undefined> {
  if (isFresh(visibility)) return contentResponse(lane, stored, "hit");
  // Asked by the type that it has: what else a client accepts must not turn it into a 404.
  const head = { ...inquiry(lane, "HEAD", digest), conditions: { accept: stored.mediaType } };
  const asked = await askRegistry(lane, head, holds(visibility));
  switch (asked.kind) {
    case "found":
      return contentResponse(lane, stored, "hit", asked.answer.followed.registryHeaders);
    case "failing":
      if (!holds(await readVisibility(lane))) return refuse(lane, asked);
      await discard(asked);
      return contentResponse(lane, stored, "stale");
    case "missing":
      await dropManifest(lane, visibility.generation, digest);
      return refuse(lane, asked);
    case "other":
      await discard(asked);
      return undefined;
    case "denied":
      return refuse(lane, asked);
  }
}

async function headByDigest(lane: RepositoryLane, digest: Digest): Promise<Response> {
  const head = inquiry(lane, "HEAD", digest);
  const asked = await askRegistry(lane, head, hasMirrors(lane, await readVisibility(lane)));
  if (asked.kind === "found") return pass(lane, asked.answer.followed, "miss");
  const mirrored = asked.kind === "failing" ? await digestFromMirrors(lane, digest) : undefined;
  if (mirrored === undefined) return refuse(lane, asked);
  await discard(asked);
  return mirrored;
}

/** An algorithm that cannot be computed here passes, unstored. */
async function serveUnverifiable(lane: RepositoryLane, digest: Digest): Promise<Response> {
  const method = isHead(lane) ? "HEAD" : "GET";
  const asked = await askRegistry(lane, inquiry(lane, method, digest), false);
  return asked.kind === "found" ? pass(lane, asked.answer.followed, "bypass") : refuse(lane, asked);
}

/** Fetches by digest from the registry, or from a mirror where it cannot answer; keeps what fits. */
async function fetchByDigest(
  lane: RepositoryLane,
  digest: Digest,
): Promise<Response | Exclude<Asked, { kind: "found" }>> {
  const get = inquiry(lane, "GET", digest);
  const asked = await askRegistry(lane, get, hasMirrors(lane, await readVisibility(lane)));
  if (asked.kind === "found") return takeManifest(lane, digest, asked.answer);
  if (asked.kind !== "failing") return asked;
  const mirrored = await digestFromMirrors(lane, digest);
  if (mirrored !== undefined) await discard(asked);
  return mirrored ?? asked;
}

/** Always by GET, also for a client's HEAD: only bytes that fit prove that a mirror has the same. */
async function digestFromMirrors(lane: RepositoryLane, digest: Digest): Promise<Response | undefined> {
  return fromMirrors(lane, inquiry(lane, "GET", digest), async (answer) => {
    const content = await readAnswer(answer).catch(() => undefined);
    if (content === undefined || !(await hasDigest(content.bytes, digest))) return undefined;
    await keepManifest(lane, digest, content, answer);
    return contentResponse(lane, toContent(digest, content), "mirror");
  });
}

/** GET by tag, for registries whose HEAD says too little. What fits is kept under the digest that it has. */
async function serveByGet(lane: RepositoryLane, tag: Tag): Promise<Response> {
  const get = inquiry(lane, "GET", tag);
  const asked = await askRegistry(lane, get, false);
  if (asked.kind !== "found") return refuse(lane, asked);
  return takeManifest(lane, undefined, asked.answer);
}

async function tagFromMirrors(lane: RepositoryLane, tag: Tag): Promise<Response | undefined> {
  const get = inquiry(lane, "GET", tag);
  return fromMirrors(lane, get, async (answer) => {
    const content = await readAnswer(answer).catch(() => undefined);
    if (content === undefined || !isStorableManifest(content.bytes, content.mediaType)) return undefined;
    const said = parseDigest(answer.response.headers.get("Docker-Content-Digest") ?? "");
    const digest = said ?? (await digestOf(content.bytes));
    if (!(await hasDigest(content.bytes, digest))) return undefined;
    return contentResponse(lane, toContent(digest, content), "mirror");
  });
}

/** A question about a manifest of this repository; what a client accepts is all that travels on. */
function inquiry(lane: RepositoryLane, method: "GET" | "HEAD", reference: Tag | Digest): Inquiry {
  const { request } = lane.errand.inbound;
  const tag = parseTag(reference);
  const endpoint: ManifestEndpoint = {
    kind: "manifest",
    name: lane.repository,
    reference: tag === undefined ? { kind: "digest", digest: reference as Digest } : { kind: "tag", tag },
  };
  return {
    path: formatPath(endpoint),
    method,
    conditions: { accept: request.headers.get("Accept") ?? undefined },
  };
}
