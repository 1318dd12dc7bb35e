// Manifests in the store: hashed before they are kept, and again each time they are read (S10, S11).

import { RegistryError } from "../../distribution/errors.ts";
import { digestOf, hasDigest } from "../../distribution/digest.ts";
import { isStorableManifest, MAX_MANIFEST } from "../../distribution/manifest.ts";
import { parseDigest, type Digest } from "../../distribution/reference.ts";
import type { Entry } from "../../store/entry.ts";
import { readCapped } from "../../distribution/body.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { contentResponse, pass, type Content } from "./content.ts";
import type { ContentLane } from "./lane.ts";

/** A manifest is kept for so long at the most; it is served under a proof of its repository only. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

/** A manifest as it was answered. */
export interface ReadManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** The stored manifest, if its bytes still have that digest; undefined for garbage, which is deleted. */
export async function readManifest(lane: ContentLane, digest: Digest): Promise<Content | undefined> {
  const entry = entryOf(lane, digest);
  const stored = await lane.store.read(entry);
  if (stored === undefined) return undefined;
  const bytes = await readCapped(stored.body, MAX_MANIFEST).catch(() => undefined);
  const mediaType = stored.words["mediaType"] ?? "";
  const isIt =
    bytes !== undefined && isStorableManifest(bytes, mediaType) && (await hasDigest(bytes, digest));
  if (isIt) return toContent(digest, { bytes, mediaType });
  lane.defer(lane.store.delete(entry));
  return undefined;
}

/** Keeps a manifest whose digest was found to fit, if its document means one thing only. */
export function keepManifest(
  lane: ContentLane,
  digest: Digest,
  { bytes, mediaType }: ReadManifest,
  answer: PublicResponse,
): void {
  if (!lane.visibility.mayKeep(answer.askedAt) || !isStorableManifest(bytes, mediaType)) return;
  lane.defer(lane.store.writeContent(entryOf(lane, digest), { mediaType }, bytes, KEEP_SECONDS, answer));
}

/** Forgets a manifest that the registry no longer has. */
export async function dropManifest(lane: ContentLane, digest: Digest): Promise<void> {
  await lane.store.delete(entryOf(lane, digest));
}

/**
 * Serves a manifest that the registry answered, and keeps it. One whose digest does not fit is passed as it is, for
 * the client to refuse, and not kept.
 * @param asked the digest that was asked for; undefined for a tag
 * @throws RegistryError where the body is too large or broken off
 */
export async function takeManifest(
  lane: ContentLane,
  asked: Digest | undefined,
  answer: PublicResponse,
): Promise<Response> {
  const { response, followed } = answer;
  if (Number(response.headers.get("Content-Length")) > MAX_MANIFEST) return pass(lane, followed, "bypass");
  const said = saidDigest(answer);
  const content = await readAnswer(answer);
  const digest = asked ?? said ?? (await digestOf(content.bytes));
  const fits = await hasDigest(content.bytes, digest);
  if (fits) keepManifest(lane, digest, content, answer);
  const shown = toContent(fits ? digest : (said ?? digest), content);
  return contentResponse(lane, shown, fits ? "miss" : "bypass", followed.registryHeaders);
}

/** The digest that an answer names: the registry's own word before that of where it led to. */
export function saidDigest(answer: PublicResponse): Digest | undefined {
  const { registryHeaders, response } = answer.followed;
  const name = "Docker-Content-Digest";
  return parseDigest(registryHeaders.get(name) ?? response.headers.get(name) ?? "");
}

/** Reads a manifest. @throws RegistryError SIZE_INVALID (502) for more than 4 MiB, UNAVAILABLE (503) for a body that is broken off */
export async function readAnswer(answer: PublicResponse): Promise<ReadManifest> {
  const { response, url } = answer.followed;
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readCapped(response.body, MAX_MANIFEST);
  } catch {
    throw new RegistryError("UNAVAILABLE", `${url.host} broke off in the middle of a manifest. Try again.`);
  }
  if (bytes === undefined) {
    throw new RegistryError("SIZE_INVALID", "The manifest is larger than 4 MiB.", { status: 502 });
  }
  return { bytes, mediaType: response.headers.get("Content-Type") ?? "application/octet-stream" };
}

/** A manifest that was read, as this lane answers it. */
export function toContent(digest: Digest, { bytes, mediaType }: ReadManifest): Content {
  return { digest, mediaType, size: bytes.byteLength, body: bytes };
}

function entryOf({ repository, upstream, visibility }: ContentLane, digest: Digest): Entry {
  return { kind: "manifest", upstream, repository, generation: visibility.generation, digest };
}
