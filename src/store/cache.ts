// The store in Cloudflare's Cache API: per data centre, evicted at will, free. Small objects only.

import { discardBody } from "../upstream/fetch.ts";
import type { ByteRange, Metadata, Store, StoredObject, StoreKey } from "./store.ts";

/** A named cache and not the zone's default one, which other Workers and rules of the zone share (S10). */
const NAME = "registry-ferry-1";
/** No request from outside has this host, so that no raw key can be asked for. */
const ORIGIN = "https://store.registry-ferry.invalid/";
const METADATA = "X-Ferry-Metadata";

/** The store that every deployment has. */
export class CacheStore implements Store {
  async read(key: StoreKey, range?: ByteRange): Promise<StoredObject | undefined> {
    const response = await this.#match(key, range);
    if (response === undefined) return undefined;
    const description = describe(response);
    const expected = range === undefined ? 200 : 206;
    if (description === undefined || response.body === null || response.status !== expected) {
      await discardBody(response);
      return undefined;
    }
    return { ...description, body: response.body };
  }

  async describe(key: StoreKey): Promise<Omit<StoredObject, "body"> | undefined> {
    const response = await this.#match(key);
    if (response !== undefined) await discardBody(response);
    return response === undefined ? undefined : describe(response);
  }

  async writeRecord(key: StoreKey, metadata: Metadata, seconds: number): Promise<void> {
    await this.#write(key, metadata, new Uint8Array(1), seconds);
  }

  async writeContent(key: StoreKey, metadata: Metadata, bytes: Uint8Array, seconds: number): Promise<void> {
    await this.#write(key, metadata, bytes, seconds);
  }

  async #write(key: StoreKey, metadata: Metadata, body: Uint8Array, seconds: number): Promise<void> {
    const headers = new Headers({
      "Cache-Control": `public, max-age=${seconds}`,
      "Content-Type": "application/octet-stream",
      "Content-Length": String(body.byteLength),
      [METADATA]: encodeURIComponent(JSON.stringify({ ...metadata, size: String(body.byteLength) })),
    });
    try {
      const cache = await caches.open(NAME);
      await cache.put(ORIGIN + key, new Response(body, { headers }));
    } catch {
      // A store that fails is a miss the next time.
    }
  }

  async delete(key: StoreKey): Promise<void> {
    try {
      const cache = await caches.open(NAME);
      await cache.delete(ORIGIN + key);
    } catch {
      // What cannot be deleted ends by its lifetime; nothing is served without a fresh proof.
    }
  }

  async #match(key: StoreKey, range?: ByteRange): Promise<Response | undefined> {
    const headers = new Headers();
    if (range !== undefined) headers.set("Range", `bytes=${range.start}-${range.end}`);
    try {
      const cache = await caches.open(NAME);
      return await cache.match(new Request(ORIGIN + key, { headers }));
    } catch {
      return undefined;
    }
  }
}

function describe(response: Response): Omit<StoredObject, "body"> | undefined {
  try {
    const value: unknown = JSON.parse(decodeURIComponent(response.headers.get(METADATA) ?? ""));
    if (typeof value !== "object" || value === null) return undefined;
    const metadata = value as Record<string, string>;
    const size = Number(metadata["size"]);
    return Number.isSafeInteger(size) ? { metadata, size } : undefined;
  } catch {
    return undefined;
  }
}
