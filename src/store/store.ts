// What the public lane keeps, behind one small interface. test/worker/store/conformance.test.ts says what each
// implementation owes.

import type { Answer } from "../upstream/answer.ts";
import type { Entry, Words } from "./entry.ts";

/** What an object says of itself, and its size, without its bytes. */
export interface Description {
  readonly words: Words;
  /** Bytes of the whole object. */
  readonly size: number;
  /** When it was kept, in milliseconds since the epoch, where a store says so; 0 where that is not known any more. */
  readonly keptAt?: number;
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

/** Where content comes from that may be kept: an answer to our own question, or another level of the store. */
export type Origin = Answer | StoredObject;

/** A place to keep them too. */
export interface Store extends Shelf {
  /**
   * The words that were kept; undefined where none are. What could not be read is told from what is not there: a denial is
   * not to be taken for absent.
   * @throws Error where the store fails
   */
  readRecord(entry: Entry): Promise<Words | undefined>;
  /** Keeps a few words for so many seconds at the most. Never throws; whether they were kept, only a read tells. */
  writeRecord(entry: Entry, words: Words, seconds: number): Promise<void>;
  /**
   * Keeps content. Never throws.
   * @param source what it came with: nothing but an answer to a question of our own makes content storable, which the type
   *   sees to, and no function of the client lane has one; of the owner's account it is kept in a private class only
   */
  writeContent(entry: Entry, words: Words, bytes: Uint8Array, seconds: number, source: Origin): Promise<void>;
}
