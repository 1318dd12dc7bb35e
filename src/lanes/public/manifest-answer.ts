// What an anonymous answer says of a manifest: its digest, and whether it is the thing itself and not a page (S9, S18).

import { hasDigest } from "../../distribution/digest.ts";
import { RegistryError } from "../../distribution/errors.ts";
import { MAX_MANIFEST } from "../../distribution/manifest.ts";
import { isManifestType, mediaTypeOf } from "../../distribution/media-types.ts";
import { parseDigest, type Digest } from "../../distribution/reference.ts";
import type { PublicResponse } from "../../upstream/anonymous.ts";
import { NoRoom, readWithRoom } from "../reading-room.ts";

/** A manifest as it was answered. */
export interface ReadManifest {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** The digest that an answer names: the registry's own word before that of where it led to. */
export function saidDigest(answer: PublicResponse): Digest | undefined {
  const { registryHeaders, response } = answer.followed;
  const name = "Docker-Content-Digest";
  return parseDigest(registryHeaders.get(name) ?? response.headers.get(name) ?? "");
}

/** True of a success of HEAD that shows a manifest: it has a digest, and a manifest's type. @param digest if one was asked for */
export function isShownByHead(answer: PublicResponse, digest?: Digest): boolean {
  const said = saidDigest(answer);
  const isThat = said !== undefined && (digest === undefined || said === digest);
  return isThat && isManifestType(answer.response.headers.get("Content-Type"));
}

/**
 * True of an answer of schema 1: registries make it of other manifests for old clients, and find nothing under its digest. It
 * cannot speak for the repository when it is asked again.
 */
export function isConverted({ response }: PublicResponse): boolean {
  const type = mediaTypeOf(response.headers.get("Content-Type"));
  return type.startsWith("application/vnd.docker.distribution.manifest.v1+");
}

/** True of a success that is the manifest of that digest, by HEAD or by GET; a body is read. */
export async function showsManifest(answer: PublicResponse, digest: Digest): Promise<boolean> {
  if (answer.method === "HEAD") return isShownByHead(answer, digest);
  const read = await readAnswer(answer).catch(() => undefined);
  return read !== undefined && (await hasDigest(read.bytes, digest));
}

/** Reads a manifest. @throws RegistryError SIZE_INVALID (502) for more than 4 MiB, UNAVAILABLE (503) for a body that is broken off */
export async function readAnswer(answer: PublicResponse): Promise<ReadManifest> {
  const { response, url } = answer.followed;
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readWithRoom(response.body, MAX_MANIFEST);
  } catch (error) {
    if (error instanceof NoRoom) throw error;
    throw new RegistryError("UNAVAILABLE", `${url.host} broke off in the middle of a manifest. Try again.`);
  }
  if (bytes === undefined) {
    throw new RegistryError("SIZE_INVALID", "The manifest is larger than 4 MiB.", { status: 502 });
  }
  return { bytes, mediaType: response.headers.get("Content-Type") ?? "application/octet-stream" };
}
