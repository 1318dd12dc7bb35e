// Manifests by digest: from the store while their repository is known to be public, else from the registry or a mirror.

import { isVerifiable } from "../../distribution/digest.ts";
import { saysType } from "../../distribution/manifest.ts";
import type { Digest } from "../../distribution/reference.ts";
import { WAITED } from "../../flights.ts";
import { deadlineIn } from "../../upstream/fetch.ts";
import { brakeCaller } from "../errand.ts";
import { NoRoom } from "../reading-room.ts";
import { fetchByAccount } from "./account-reads.ts";
import { askInTurn, askRegistry, IMPATIENT_MS } from "./ask.ts";
import { discard, questionOf, type Asked, type Question } from "./asked.ts";
import { contentResponse, letGo, pass, refuse, type Content } from "./content.ts";
import { isEnded } from "./endings.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { describedBy, readFitting } from "./manifest-answer.ts";
import {
  confirmManifest,
  recallDescription,
  recallManifest,
  rememberDescription,
} from "./manifest-memory.ts";
import {
  keepManifest,
  readManifest,
  readStoredManifest,
  takeManifest,
  toContent,
  type StoredManifest,
} from "./manifest-shelf.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";
import { isPaused } from "./pauses.ts";

/**
 * Serves GET and HEAD of a manifest by its digest.
 * @param hasWaited true for a request that waited for another one's answer: it looks again, and then asks for itself
 */
export async function serveDigest(lane: ContentLane, digest: Digest, hasWaited = false): Promise<Response> {
  if (!isVerifiable(digest)) return serveUnverifiable(lane, digest);
  const stored = await readManifest(lane, digest);
  if (stored !== undefined) {
    const proved = await prove(lane, digest, stored, hasWaited);
    if (proved === WAITED) return serveDigest(lane, digest, true);
    if (proved !== undefined) return proved;
  }
  if (isHead(lane)) return headByDigest(lane, digest);
  const fetched = await fetchByDigest(lane, digest);
  return fetched instanceof Response ? fetched : refuse(lane, fetched);
}

/**
 * Serves what is stored, if the registry says that it still may be; undefined where only GET can tell.
 * @param hasWaited as of `serveDigest`
 */
async function prove(
  lane: ContentLane,
  digest: Digest,
  stored: StoredManifest,
  hasWaited: boolean,
): Promise<Response | typeof WAITED | undefined> {
  const { visibility } = lane;
  if (visibility.isFresh && stored.remembered !== "aged") return contentResponse(lane, stored, "hit");
  const asking = { ...question(lane, "HEAD", digest), hasWaited };
  const ask = (): Promise<Asked> => askRegistry(lane, asking, visibility.holds);
  const asked = await askInTurn(lane, asking, ask);
  if (asked === WAITED) {
    // It looks again.
    letGo(lane, stored);
    return WAITED;
  }
  switch (asked.kind) {
    case "found":
      confirmManifest(lane, digest, asked.answer.askedAt);
      return contentResponse(lane, stored, "hit", asked.answer.followed.registryHeaders);
    case "failing": {
      const mayServe = await visibility.mayServeStale();
      // Stale is only what is there for every isolate.
      const kept = stored.remembered === undefined ? stored : await readStoredManifest(lane, digest);
      if (!mayServe || kept === undefined) {
        letGo(lane, kept);
        return refuse(lane, asked);
      }
      await discard(asked);
      return contentResponse(lane, kept, "stale");
    }
    case "other":
      letGo(lane, stored);
      await discard(asked);
      return undefined;
    case "missing":
    case "page":
    case "refused":
      letGo(lane, stored);
      return refuse(lane, asked);
  }
}

/** @param hasWaited as of `prove` */
async function headByDigest(lane: ContentLane, digest: Digest, hasWaited = false): Promise<Response> {
  const asking = { ...question(lane, "HEAD", digest), hasWaited };
  const ask = (): Promise<Asked> => describe(lane, asking);
  const asked = await askInTurn(lane, asking, ask);
  if (asked === WAITED) {
    const known = lane.visibility.isFresh ? recallDescription(lane, digest) : undefined;
    if (known === undefined) return headByDigest(lane, digest, true);
    return contentResponse(lane, { ...known, body: null }, "hit");
  }
  if (asked.kind === "found") return pass(lane, asked.answer.followed, "miss");
  const mirrored = asked.kind === "failing" ? await digestFromMirrors(lane, digest) : undefined;
  if (mirrored === undefined) return refuse(lane, asked);
  await discard(asked);
  return mirrored;
}

/** Asks for a manifest's headers, and remembers them for those who wait for the same. */
async function describe(lane: ContentLane, asking: Question): Promise<Asked> {
  const asked = await askRegistry(lane, asking, hasMirrors(lane));
  const description = asked.kind === "found" ? describedBy(asked.answer) : undefined;
  if (description !== undefined && !isEnded(lane, asking.about, description.at)) {
    rememberDescription(lane, description);
  }
  return asked;
}

/** An algorithm that cannot be computed here passes, unstored. */
async function serveUnverifiable(lane: ContentLane, digest: Digest): Promise<Response> {
  const method = isHead(lane) ? "HEAD" : "GET";
  if (method === "GET") await brakeCaller(lane);
  const asked = await askRegistry(lane, question(lane, method, digest), false);
  return asked.kind === "found" ? pass(lane, asked.answer.followed, "bypass") : refuse(lane, asked);
}

/** Fetches by digest from the registry, or from a mirror where it cannot answer; keeps what fits. */
export async function fetchByDigest(
  lane: ContentLane,
  digest: Digest,
): Promise<Response | Exclude<Asked, { kind: "found" }>> {
  // Another request may have fetched it while this one looked into the store.
  const known = lane.visibility.isFresh ? recallManifest(lane, digest) : undefined;
  if (known !== undefined) return contentResponse(lane, toContent(digest, known), "hit");
  const asking = question(lane, "GET", digest);
  const fetched = await askInTurn(lane, asking, () => fetchNow(lane, digest, asking));
  if (fetched !== WAITED) return fetched;
  const stored = lane.visibility.isFresh ? await readIfRoom(lane, digest) : undefined;
  if (stored !== undefined) return contentResponse(lane, stored, "hit");
  return fetchNow(lane, digest, { ...asking, hasWaited: true });
}

/** Where there is no room for a large one at this moment, the registry's passes, and needs none. */
async function readIfRoom(lane: ContentLane, digest: Digest): Promise<Content | undefined> {
  try {
    return await readManifest(lane, digest);
  } catch (error) {
    if (error instanceof NoRoom) return undefined;
    throw error;
  }
}

async function fetchNow(
  lane: ContentLane,
  digest: Digest,
  asking: Question,
): Promise<Response | Exclude<Asked, { kind: "found" }>> {
  const isMirrorFirst = isPaused(lane);
  // A mirror that does not answer is not to keep from the registry who can be served by it.
  const early = isMirrorFirst ? await digestFromMirrors(lane, digest, deadlineIn(IMPATIENT_MS)) : undefined;
  if (early !== undefined) return early;
  // Counted once, whether the account or nobody is asked.
  await brakeCaller(lane);
  const owned = await fetchByAccount(lane, digest);
  if (owned !== undefined) return owned;
  const asked = await askRegistry(lane, asking, hasMirrors(lane));
  if (asked.kind === "found") return takeManifest(lane, digest, asked.answer, true);
  // This request may be the first of an open proxy that met the limit; in a closed one the account was asked.
  const isFirst = isLimit(asked) && lane.errand.inbound.caller.kind === "open";
  const instead = isFirst ? await fetchByAccount(lane, digest) : undefined;
  if (instead !== undefined) {
    await discard(asked);
    return instead;
  }
  if (asked.kind !== "failing" || isMirrorFirst) return asked;
  const mirrored = await digestFromMirrors(lane, digest);
  if (mirrored !== undefined) await discard(asked);
  return mirrored ?? asked;
}

function isLimit(asked: Asked): boolean {
  return "answer" in asked && asked.answer.response.status === 429;
}

/** Always by GET, also for a client's HEAD: only bytes that fit prove that a mirror has the same. */
async function digestFromMirrors(
  lane: ContentLane,
  digest: Digest,
  deadline?: number,
): Promise<Response | undefined> {
  return fromMirrors(lane, { ...question(lane, "GET", digest), deadline }, async (answer) => {
    const content = await readFitting(answer, digest);
    if (content === undefined) return undefined;
    // The digest covers the document and no header: what a mirror says of its type is kept only where the document says it.
    if (saysType(content.bytes)) await keepManifest(lane, digest, content, answer);
    return contentResponse(lane, toContent(digest, content), "mirror");
  });
}

function question(lane: ContentLane, method: "GET" | "HEAD", digest: Digest): Question {
  return questionOf(lane.repository, { kind: "manifest", digest }, method);
}
