// Manifests by tag: the tag by HEAD, which no registry counts, and its manifest by digest from the store.

import { readAccept, type Accept } from "../../distribution/accept.ts";
import { digestOf, hasDigest } from "../../distribution/digest.ts";
import { isStorableManifest } from "../../distribution/manifest.ts";
import { formatPath } from "../../distribution/path.ts";
import type { Tag } from "../../distribution/reference.ts";
import type { Answer } from "../../upstream/answer.ts";
import { brakeCaller } from "../errand.ts";
import { recallAbsence, rememberAbsence } from "./absence.ts";
import { WAITED } from "../../flights.ts";
import { askInTurn, askRegistry } from "./ask.ts";
import { discard, type Asked, type Question } from "./asked.ts";
import { contentResponse, refuse, type Source } from "./content.ts";
import { isHead, type ContentLane } from "./lane.ts";
import { describedBy, readAnswer, saidDigest } from "./manifest-answer.ts";
import { confirmManifest } from "./manifest-memory.ts";
import {
  readManifest,
  readStoredManifest,
  takeManifest,
  toContent,
  type StoredManifest,
} from "./manifest-shelf.ts";
import { fetchByDigest, serveDigest } from "./manifests-by-digest.ts";
import { fromMirrors, hasMirrors } from "./mirrors.ts";
import { isYoung, recallStale, recallTag, rememberTag } from "./tags.ts";
import type { DescribedManifest } from "./tag-words.ts";

/** What a client asks a tag for. */
interface Wanted {
  readonly tag: Tag;
  /** Undefined for an Accept that is not in known words: then it travels as it came, and nothing is concluded (S18). */
  readonly accept: Accept | undefined;
  /** True where the store was found to have nothing of the tag. */
  readonly isNew: boolean;
}

/**
 * Serves GET and HEAD of a manifest by a tag.
 * @param hasWaited true for a request that waited for another one's answer: it looks again, and then asks for itself
 */
export async function serveTag(lane: ContentLane, tag: Tag, hasWaited = false): Promise<Response> {
  const { errand, visibility } = lane;
  const accept = readAccept(errand.inbound.request.headers.get("Accept"));
  const recalled = accept && (await recallTag(lane, tag, accept));
  const wanted = { tag, accept, isNew: recalled?.isNew === true };
  const own = recalled?.own;
  if (own !== undefined && isYoung(lane, own) && visibility.isFresh)
    return serveResolved(lane, wanted, own, "hit");

  const absent = accept && recallAbsence(lane, `${tag} ${accept.class}`);
  if (absent !== undefined) return absent;
  const isKnown = recalled !== undefined && (own ?? recalled.any) !== undefined;
  const canDoWithout = (isKnown && visibility.holds) || hasMirrors(lane);
  const asking = { ...question(lane, "HEAD", wanted), hasWaited };
  const ask = (): Promise<AskedTag> => resolve(lane, wanted, asking, canDoWithout);
  const told = await askInTurn(lane, asking, ask);
  if (told === WAITED) return serveTag(lane, tag, true);
  const { asked, resolved } = told;
  switch (asked.kind) {
    case "found":
      if (resolved === undefined) return serveByGet(lane, wanted);
      // Of HEAD nothing is stored: the registry was asked.
      return serveResolved(lane, wanted, resolved, isHead(lane) ? "miss" : "hit", asked.answer);
    case "failing": {
      const mayServe = isKnown && (await visibility.mayServeStale());
      const stale = mayServe ? await recallStale(lane, tag, recalled) : undefined;
      if (stale === undefined) return (await tagFromMirrors(lane, wanted)) ?? refuse(lane, asked);
      await discard(asked);
      return serveResolved(lane, wanted, stale, "stale");
    }
    case "other":
      // Some registries have no HEAD for manifests (405), or say too little.
      await discard(asked);
      return serveByGet(lane, wanted);
    case "missing":
      if (accept !== undefined) rememberAbsence(lane, `${tag} ${accept.class}`, asked.answer.askedAt);
      return refuse(lane, asked);
    case "page":
    case "refused":
      return refuse(lane, asked);
  }
}

/** What the registry said to HEAD, and what the tag stands for, if that says it. */
interface AskedTag {
  readonly asked: Asked;
  readonly resolved?: DescribedManifest | undefined;
}

/** Asks for what a tag stands for, and remembers it. */
async function resolve(
  lane: ContentLane,
  { accept, isNew, tag }: Wanted,
  asking: Question,
  canDoWithout: boolean,
): Promise<AskedTag> {
  const asked = await askRegistry(lane, asking, canDoWithout);
  const resolved = asked.kind === "found" ? describedBy(asked.answer) : undefined;
  if (resolved !== undefined && accept !== undefined) await rememberTag(lane, tag, accept, resolved, isNew);
  return { asked, resolved };
}

/** Serves what a tag stands for: its headers at once, its body from the store or, by digest, from the registry. */
async function serveResolved(
  lane: ContentLane,
  wanted: Wanted,
  resolved: DescribedManifest,
  source: Source,
  answer?: Answer,
): Promise<Response> {
  const registry = answer?.followed.registryHeaders;
  if (isHead(lane)) {
    return contentResponse(lane, { ...resolved, body: null }, source, registry);
  }
  const { digest } = resolved;
  // Stale is only what is there for every isolate.
  const stored: StoredManifest | undefined =
    source === "stale" ? await readStoredManifest(lane, digest) : await readManifest(lane, digest);
  if (stored !== undefined && answer !== undefined) confirmManifest(lane, digest, answer.askedAt);
  if (stored?.remembered === "aged" && answer === undefined) return serveDigest(lane, digest);
  if (stored !== undefined) return contentResponse(lane, stored, source, registry);
  const fetched = await fetchByDigest(lane, digest);
  if (fetched instanceof Response) return fetched;
  // The digest that HEAD named cannot be had: the tag itself is asked for, and hashed.
  if (fetched.kind !== "missing") return refuse(lane, fetched);
  await discard(fetched);
  return serveByGet(lane, wanted);
}

/** GET by tag, for registries whose HEAD says too little. What fits is kept under the digest that it has. */
async function serveByGet(lane: ContentLane, wanted: Wanted): Promise<Response> {
  await brakeCaller(lane);
  const asked = await askRegistry(lane, question(lane, "GET", wanted), false);
  if (asked.kind !== "found") return refuse(lane, asked);
  return takeManifest(lane, undefined, asked.answer, wanted.accept !== undefined);
}

async function tagFromMirrors(lane: ContentLane, wanted: Wanted): Promise<Response | undefined> {
  return fromMirrors(lane, question(lane, "GET", wanted), async (answer) => {
    const content = await readAnswer(answer).catch(() => undefined);
    if (content === undefined) return undefined;
    const { bytes, mediaType, place } = content;
    const digest = saidDigest(answer) ?? (await digestOf(bytes));
    if (isStorableManifest(bytes, mediaType) && (await hasDigest(bytes, digest)))
      return contentResponse(lane, toContent(digest, content), "mirror");
    place?.end();
    return undefined;
  });
}

/** A question about a tag: of what a client accepts the known types travel, in our own order. */
function question(lane: ContentLane, method: "GET" | "HEAD", { tag, accept }: Wanted): Question {
  const { headers } = lane.errand.inbound.request;
  return {
    about: { kind: "tag", tag, accept: accept?.class },
    concludes: accept !== undefined,
    path: formatPath({ kind: "manifest", name: lane.repository, reference: { kind: "tag", tag } }),
    method,
    conditions: { accept: accept?.words ?? headers.get("Accept") ?? undefined },
  };
}
