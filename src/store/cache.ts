// The store in Cloudflare's Cache API: per data centre, evicted at will, free. Small objects only.

import { discardBody } from "../distribution/body.ts";
import { Patience } from "../in-time.ts";
import type { Defer } from "../routing/inbound.ts";
import { keyOf, label, parseWords, PUBLIC, wordsOf, type Class, type Entry, type Words } from "./entry.ts";
import type { ByteRange, Description, Origin, Store, StoredObject } from "./store.ts";
import { OwnerResponse } from "../upstream/owner.ts";

/** A named cache and not the zone's default one, which other Workers and rules of the zone share (S10). */
const NAME = "registry-ferry-1";
/** No request from outside has this host, so that no raw key can be asked for. */
const ORIGIN = "https://store.registry-ferry.invalid/";
const METADATA = "X-Ferry-Metadata";

/** The store that every deployment has, for one request. */
export class CacheStore implements Store {
  readonly #defer: Defer;
  readonly #of: Class;
  /** However many reads it takes, an answer waits for a late level once. */
  readonly #patience = new Patience();

  /** @param of whose things they are */
  constructor(defer: Defer, of: Class = PUBLIC) {
    this.#of = of;
    this.#defer = defer;
  }

  async read(entry: Entry, range?: ByteRange): Promise<StoredObject | undefined> {
    const response = await this.#matchInTime(entry, range).catch(() => undefined);
    if (response === undefined) return undefined;
    const description = describe(entry, response, this.#of);
    const expected = range === undefined ? 200 : 206;
    if (description === undefined || response.body === null || response.status !== expected) {
      await discardBody(response);
      return undefined;
    }
    return { ...description, body: response.body };
  }

  async describe(entry: Entry): Promise<Description | undefined> {
    return this.#describe(entry).catch(() => undefined);
  }

  async readRecord(entry: Entry): Promise<Words | undefined> {
    return (await this.#describe(entry))?.words;
  }

  async writeRecord(entry: Entry, words: Words, seconds: number): Promise<void> {
    // Without a body: one that is not read when it is found again ends its connection.
    await this.#inTime(this.#put(entry, null, headersOf(this.#of, entry, words, { size: 0, seconds })));
  }

  async writeContent(
    entry: Entry,
    words: Words,
    bytes: Uint8Array,
    seconds: number,
    source: Origin,
  ): Promise<void> {
    // What the owner's account brought is nobody else's, whoever wrote this call (S10).
    if (source instanceof OwnerResponse && this.#of === PUBLIC) return;
    const { readable, writable } = new FixedLengthStream(bytes.byteLength);
    const writer = writable.getWriter();
    // As a stream: of bytes a Response makes a copy, and the copies of many fills wait for the garbage collector.
    const written = writer.write(bytes).then(() => writer.close());
    written.catch(() => undefined);
    await this.#put(entry, readable, headersOf(this.#of, entry, words, { size: bytes.byteLength, seconds }));
    // One that does not read it would leave the writer waiting, and the bytes with it.
    writer.abort().catch(() => undefined);
  }

  async #put(entry: Entry, body: ReadableStream | null, headers: Headers): Promise<void> {
    try {
      const [cache, address] = await Promise.all([caches.open(NAME), addressOf(entry, this.#of)]);
      await cache.put(address, new Response(body, { headers }));
    } catch {
      // A store that fails is a miss the next time.
    }
  }

  async delete(entry: Entry): Promise<void> {
    await this.#inTime(this.#delete(entry));
  }

  /** Goes on when nobody waits for it any more. */
  async #inTime(change: Promise<void>): Promise<void> {
    this.#defer(change);
    await this.#patience.wait(change);
  }

  async #delete(entry: Entry): Promise<void> {
    try {
      const [cache, address] = await Promise.all([caches.open(NAME), addressOf(entry, this.#of)]);
      await cache.delete(address);
    } catch {
      // What cannot be deleted ends by its lifetime; nothing is served without a fresh proof.
    }
  }

  async #describe(entry: Entry): Promise<Description | undefined> {
    const response = await this.#matchInTime(entry);
    if (response === undefined) return undefined;
    await discardBody(response);
    return describe(entry, response, this.#of);
  }

  /** @throws Error where the cache fails, or is late */
  async #matchInTime(entry: Entry, range?: ByteRange): Promise<Response | undefined> {
    const matching = this.#patience.isOver ? undefined : this.#match(entry, range);
    const matched = matching && (await this.#patience.wait(matching.then((response) => ({ response }))));
    if (matched !== undefined) return matched.response;
    // What comes too late is let go of when it comes.
    if (matching !== undefined) this.#defer(matching.then(letGo, () => undefined));
    throw new Error("the cache does not answer");
  }

  async #match(entry: Entry, range?: ByteRange): Promise<Response | undefined> {
    const headers = new Headers();
    if (range !== undefined) headers.set("Range", `bytes=${range.start}-${range.end}`);
    const [cache, address] = await Promise.all([caches.open(NAME), addressOf(entry, this.#of)]);
    return cache.match(new Request(address, { headers }));
  }
}

function headersOf(
  of: Class,
  entry: Entry,
  words: Words,
  { seconds, size }: { readonly seconds: number; readonly size: number },
): Headers {
  const metadata = { ...label(entry, words, of), size: String(size) };
  return new Headers({
    "Cache-Control": `public, max-age=${seconds}`,
    "Content-Type": "application/octet-stream",
    "Content-Length": String(size),
    [METADATA]: encodeURIComponent(JSON.stringify(metadata)),
  });
}

async function letGo(response: Response | undefined): Promise<void> {
  if (response !== undefined) await discardBody(response);
}

async function addressOf(entry: Entry, of: Class): Promise<string> {
  return ORIGIN + (await keyOf(entry, of));
}

function describe(entry: Entry, response: Response, of: Class): Description | undefined {
  const metadata = readMetadata(response.headers.get(METADATA) ?? "");
  const words = metadata && wordsOf(entry, metadata, of);
  const size = Number(metadata?.["size"]);
  return words !== undefined && Number.isSafeInteger(size) ? { words, size } : undefined;
}

function readMetadata(header: string): Words | undefined {
  try {
    return parseWords(decodeURIComponent(header));
  } catch {
    return undefined;
  }
}
