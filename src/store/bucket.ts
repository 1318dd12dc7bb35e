// The store in an R2 bucket: for blobs that are too large for the Cache API, kept until the owner's own rules end them.

import { discardBody } from "../distribution/body.ts";
import type { PublicResponse } from "../upstream/anonymous.ts";
import { keyOf, label, wordsOf, type Entry, type Words } from "./entry.ts";
import type { ByteRange, Description, Shelf, StoredObject } from "./store.ts";

const PREFIX = "public/";

/** The optional store of larger blobs. Records are not kept here: the bucket is for content that outlives them. */
export class BucketStore implements Shelf {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async read(entry: Entry, range?: ByteRange): Promise<StoredObject | undefined> {
    const part = range && { offset: range.start, length: range.end - range.start + 1 };
    try {
      const object = await this.#bucket.get(await addressOf(entry), part && { range: part });
      if (object === null) return undefined;
      const description = describe(entry, object);
      if (description === undefined) await object.body.cancel();
      return description && { ...description, body: object.body };
    } catch {
      return undefined;
    }
  }

  async describe(entry: Entry): Promise<Description | undefined> {
    try {
      const object = await this.#bucket.head(await addressOf(entry));
      return object === null ? undefined : describe(entry, object);
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps a blob as it comes, of known length. R2 computes the digest itself and refuses a wrong one, and a body that
   * ends too early, without leaving an object.
   * @param source whose body is the blob: an anonymous answer, as for every content
   * @param blob the digest's encoded part, the length, and a signal upon which the fill is abandoned
   */
  async writeStream(
    entry: Entry,
    words: Words,
    source: PublicResponse,
    blob: { readonly sha256: string; readonly size: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { sha256, size, signal } = blob;
    const { readable, writable } = new FixedLengthStream(size);
    try {
      const address = await addressOf(entry);
      await Promise.all([
        source.response.body?.pipeTo(writable, { signal }),
        this.#bucket.put(address, readable, { customMetadata: { ...label(entry, words) }, sha256 }),
      ]);
    } catch {
      // Refused or broken off: there is no object.
      await discardBody(source.response);
    }
  }

  async delete(entry: Entry): Promise<void> {
    try {
      await this.#bucket.delete(await addressOf(entry));
    } catch {
      // It is not served without a fresh proof.
    }
  }
}

async function addressOf(entry: Entry): Promise<string> {
  return PREFIX + (await keyOf(entry));
}

function describe(entry: Entry, object: R2Object): Description | undefined {
  const words = wordsOf(entry, object.customMetadata ?? {});
  return words && { words, size: object.size };
}
