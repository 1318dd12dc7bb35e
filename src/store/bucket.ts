// The store in an R2 bucket: for blobs that are too large for the Cache API, kept until the owner's own rules end them.

import { discardBody } from "../upstream/fetch.ts";
import type { PublicResponse } from "../upstream/anonymous.ts";
import type { ByteRange, Metadata, Shelf, StoredObject, StoreKey } from "./store.ts";

const PREFIX = "public/";

/** The optional store of larger blobs. Records are not kept here: the bucket is for content that outlives them. */
export class BucketStore implements Shelf {
  readonly #bucket: R2Bucket;

  constructor(bucket: R2Bucket) {
    this.#bucket = bucket;
  }

  async read(key: StoreKey, range?: ByteRange): Promise<StoredObject | undefined> {
    try {
      const options =
        range === undefined ? {} : { range: { offset: range.start, length: range.end - range.start + 1 } };
      const object = await this.#bucket.get(PREFIX + key, options);
      if (object === null) return undefined;
      return { metadata: object.customMetadata ?? {}, size: object.size, body: object.body };
    } catch {
      return undefined;
    }
  }

  async describe(key: StoreKey): Promise<Omit<StoredObject, "body"> | undefined> {
    try {
      const object = await this.#bucket.head(PREFIX + key);
      return object === null ? undefined : { metadata: object.customMetadata ?? {}, size: object.size };
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
    key: StoreKey,
    metadata: Metadata,
    source: PublicResponse,
    blob: { readonly sha256: string; readonly size: number; readonly signal: AbortSignal },
  ): Promise<void> {
    const { sha256, size, signal } = blob;
    const { readable, writable } = new FixedLengthStream(size);
    try {
      await Promise.all([
        source.response.body?.pipeTo(writable, { signal }),
        this.#bucket.put(PREFIX + key, readable, { customMetadata: { ...metadata }, sha256 }),
      ]);
    } catch {
      // Refused or broken off: there is no object.
      await discardBody(source.response);
    }
  }

  async delete(key: StoreKey): Promise<void> {
    try {
      await this.#bucket.delete(PREFIX + key);
    } catch {
      // It is not served without a fresh proof.
    }
  }
}
