// What the public lane keeps: one small interface, and the names under which things are kept.

import { digestOf } from "../distribution/digest.ts";
import type { PublicResponse } from "../upstream/anonymous.ts";

/** Where an object is kept: a hash, so that nothing can be asked for by writing its name (S10). */
export type StoreKey = string & { readonly __storeKey: never };

/** What an object says of itself. A hit whose words are not those asked for is a miss. */
export type Metadata = Readonly<Record<string, string>>;

/** An object as it is read: native streams, so that no byte passes through JavaScript. */
export interface StoredObject {
  readonly metadata: Metadata;
  /** Bytes of the whole object. */
  readonly size: number;
  readonly body: ReadableStream;
}

/** Part of an object: both ends count, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A place to find objects. Missing, failing and forgetful stores are legal: every reader treats them as a miss. */
export interface Shelf {
  /** The object or the part of it; undefined where it is not there. Never throws. */
  read(key: StoreKey, range?: ByteRange): Promise<StoredObject | undefined>;
  /** What an object says of itself, and its size, without its bytes. */
  describe(key: StoreKey): Promise<Omit<StoredObject, "body"> | undefined>;
  delete(key: StoreKey): Promise<void>;
}

/** A place to keep them too. */
export interface Store extends Shelf {
  /** Keeps a few words for so many seconds at the most. Never throws; whether they were kept, only a read tells. */
  writeRecord(key: StoreKey, metadata: Metadata, seconds: number): Promise<void>;
  /**
   * Keeps content. Never throws.
   * @param source the answer that it came with: nothing but an anonymous one makes content storable, which the type
   *   sees to, and no function of the client lane has one
   */
  writeContent(
    key: StoreKey,
    metadata: Metadata,
    bytes: Uint8Array,
    seconds: number,
    source: PublicResponse,
  ): Promise<void>;
}

/** Kinds of things kept, each with a name space of its own. */
export type Kind = "visibility" | "tag" | "manifest" | "blob" | "token" | "absent";

/**
 * The key of a thing: SHA-256 of (class, upstream, repository, generation, kind, reference), in hexadecimal digits.
 * The parts travel as JSON, so that no two lists of parts read alike.
 */
export async function storeKey(
  upstream: string,
  repository: string,
  generation: string,
  kind: Kind,
  reference: string,
): Promise<StoreKey> {
  const parts = JSON.stringify(["public", upstream, repository, generation, kind, reference]);
  const digest = await digestOf(new TextEncoder().encode(parts));
  return digest.slice("sha256:".length) as StoreKey;
}
