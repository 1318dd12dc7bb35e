// What the public lane keeps, behind one small interface. test/worker/store/conformance.test.ts says what each
// implementation owes.

import type { PublicResponse } from "../upstream/anonymous.ts";
import type { Entry, Words } from "./entry.ts";

/** What an object says of itself, and its size, without its bytes. */
export interface Description {
  readonly words: Words;
  /** Bytes of the whole object. */
  readonly size: number;
}

/** An object as it is read: native streams, so that no byte passes through JavaScript. */
export interface StoredObject extends Description {
  readonly body: ReadableStream;
}

/** Part of an object: both ends count, as in `Content-Range`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A place to find objects. Missing, failing and forgetful stores are legal: every reader treats them as a miss. What
 * does not say that it is the entry is a miss too.
 */
export interface Shelf {
  /** The object or the part of it; undefined where it is not there. Never throws. */
  read(entry: Entry, range?: ByteRange): Promise<StoredObject | undefined>;
  /** Never throws. */
  describe(entry: Entry): Promise<Description | undefined>;
  /** Never throws; what cannot be deleted is not served without a fresh proof. */
  delete(entry: Entry): Promise<void>;
}

/** A place to keep them too. */
export interface Store extends Shelf {
  /** Keeps a few words for so many seconds at the most. Never throws; whether they were kept, only a read tells. */
  writeRecord(entry: Entry, words: Words, seconds: number): Promise<void>;
  /**
   * Keeps content. Never throws.
   * @param source the answer that it came with: nothing but an anonymous one makes content storable, which the type
   *   sees to, and no function of the client lane has one
   */
  writeContent(
    entry: Entry,
    words: Words,
    bytes: Uint8Array,
    seconds: number,
    source: PublicResponse,
  ): Promise<void>;
}
