// What an anonymous answer says of a manifest: its digest, and whether it is the thing itself and not a page (S9, S18).

import { discardBody } from "../../distribution/body.ts";
import { readHead } from "../../distribution/body-head.ts";
import { hasDigest, isVerifiable } from "../../distribution/digest.ts";
import { RegistryError } from "../../distribution/errors.ts";
import { MAX_STORED_MANIFEST } from "../../distribution/manifest.ts";
import { isManifestType, mediaTypeOf } from "../../distribution/media-types.ts";
import { parseDigest, type Digest } from "../../distribution/reference.ts";
import type { Answer } from "../../upstream/answer.ts";
import { FREE, Place, readingInto } from "../reading-room.ts";
import type { DescribedManifest } from "./tag-words.ts";

/** Enough to tell a document from a page. */
const LARGE_HEAD = 1024;

/** A manifest as it was answered. */
export interface ReadManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** The place that it takes until its client has it; of a small one none. */
  readonly place?: Place;
}

/** The digest that an answer names: the registry's own word before that of where it led to. */
export function saidDigest(answer: Answer): Digest | undefined {
  const { registryHeaders, response } = answer.followed;
  const name = "Docker-Content-Digest";
  return parseDigest(registryHeaders.get(name) ?? response.headers.get(name) ?? "");
}

/** What an answer to HEAD says of a manifest; undefined where it lacks something, which is asked by GET. */
export function describedBy(answer: Answer): DescribedManifest | undefined {
  const { response } = answer;
  const digest = saidDigest(answer);
  const mediaType = response.headers.get("Content-Type");
  const encoded = response.headers.has("Content-Encoding");
  const size = Number(response.headers.get("Content-Length"));
  const isComplete = digest !== undefined && mediaType !== null && Number.isSafeInteger(size) && size > 0;
  if (!isComplete || encoded || !isVerifiable(digest)) return undefined;
  return { digest, mediaType, size, at: answer.askedAt };
}

/**
 * True of a success of HEAD that shows a manifest: it has a digest, and a manifest's type. @param digest if one was asked
 * for
 */
export function isShownByHead(answer: Answer, digest?: Digest): boolean {
  const said = saidDigest(answer);
  const isThat = said !== undefined && (digest === undefined || said === digest);
  return isThat && isManifestType(answer.response.headers.get("Content-Type"));
}

/**
 * True of an answer of schema 1: registries make it of other manifests for old clients, and find nothing under its digest.
 * It cannot speak for the repository when it is asked again.
 */
export function isConverted({ response }: Answer): boolean {
  const type = mediaTypeOf(response.headers.get("Content-Type"));
  return type.startsWith("application/vnd.docker.distribution.manifest.v1+");
}

/** True of a success that is the manifest of that digest, by HEAD or by GET; a body is read. */
export async function showsManifest(answer: Answer, digest: Digest): Promise<boolean> {
  if (answer.method === "HEAD") return isShownByHead(answer, digest);
  const read = await readFitting(answer, digest);
  read?.place?.end();
  return read !== undefined;
}

/** Reads the manifest of that digest; undefined where it is another one, or cannot be read. Then nothing is held of it. */
export async function readFitting(answer: Answer, digest: Digest): Promise<ReadManifest | undefined> {
  const read = await readAnswer(answer).catch(() => undefined);
  if (read === undefined || (await hasDigest(read.bytes, digest))) return read;
  read.place?.end();
  return undefined;
}

/**
 * Reads a manifest whole that is not too large to be kept.
 * @throws RegistryError SIZE_INVALID (502) for a larger one, UNAVAILABLE (503) for a body that breaks off or finds no room
 */
export async function readAnswer(answer: Answer): Promise<ReadManifest> {
  const read = await readUnlessLarge(answer);
  if ("bytes" in read) return read;
  await discardBody(read.passed);
  throw new RegistryError("SIZE_INVALID", "The manifest is larger than what is kept.", { status: 502 });
}

/** A manifest that is too large to be kept, or for the room there is: how it begins, and the answer that it was. */
export interface LargeManifest {
  readonly head: Uint8Array;
  readonly mediaType: string;
  readonly passed: Response;
}

/**
 * Reads a manifest up to the length that can be kept (S11).
 * @throws RegistryError UNAVAILABLE (503) for a body that breaks off before that
 */
export async function readUnlessLarge(answer: Answer): Promise<ReadManifest | LargeManifest> {
  const { response, url } = answer.followed;
  const { body, headers, status } = response;
  const mediaType = headers.get("Content-Type") ?? "application/octet-stream";
  if (body === null) return { bytes: new Uint8Array(), mediaType };
  const said = headers.get("Content-Length");
  const length = said === null || headers.has("Content-Encoding") ? undefined : Number(said);
  const isLarge = length !== undefined && length > MAX_STORED_MANIFEST;
  const place = new Place(url.origin);
  // Where there is no room it passes as one that is too large.
  const isHeld = !isLarge && place.tryTake((length ?? MAX_STORED_MANIFEST) + 1);
  const size = isHeld ? MAX_STORED_MANIFEST + 1 : LARGE_HEAD;
  const begun = await readHead(body, size, readingInto(place, isHeld ? length : undefined)).catch(() => {
    place.end();
    throw new RegistryError("UNAVAILABLE", `${url.host} broke off in the middle of a manifest. Try again.`);
  });
  const { head } = begun;
  if (begun.isWhole && head.byteLength <= MAX_STORED_MANIFEST) {
    if (head.byteLength > FREE) return { bytes: head, mediaType, place };
    place.end();
    return { bytes: head, mediaType };
  }
  const { headGone, stream } = begun.continueWith(head, length);
  void headGone.then(() => place.end());
  return { head, mediaType, passed: new Response(stream, { status, headers }) };
}
