// The store in an R2 bucket, which lasts: for all data centres, until the owner's own rule ends it. Each write is on the
// owner's bill, and R2 may be slow or fail: nobody waits for it long, and what is late is a miss.

import { discardBody } from "../distribution/body.ts";
import { algorithmOf, encodedPart } from "../distribution/reference.ts";
import type { Defer } from "../routing/inbound.ts";
import { keyOf, label, parseWords, wordsOf, type ContentEntry, type Entry, type Words } from "./entry.ts";
import { Patience } from "../in-time.ts";
import { remember } from "../isolate.ts";
import type { ByteRange, Description, Origin, Store, StoredObject } from "./store.ts";

const PREFIX = "public/";
const KEPT_AT = "keptAt";
/** A longer record is none of ours. */
const MAX_RECORD = 64 * 1024;
/** A denial is to stand before anybody else is answered: it is waited for longer than the rest. */
const DENIAL_MS = 2_000;
/** What fails is tried again, and not sooner than R2 takes two writes of one key: one a second. */
const ATTEMPTS = 3;
const AGAIN_AFTER_MS = 1_100;

/** The last change of each object that this isolate began: what is tried again must not undo a later one. */
const changes = remember<string, { readonly what: "delete" | "put" }>(5000);

/** A blob on its way into the bucket. */
export interface StreamedBlob {
  /** Bytes. */
  readonly size: number;
  /** Upon which it is abandoned. */
  readonly signal: AbortSignal;
}

/**
 * The level that lasts, for one request. Records have their words as a document in their body, content has them in its
 * metadata.
 */
export class BucketStore implements Store {
  readonly #bucket: R2Bucket;
  readonly #defer: Defer;
  /** However many reads it takes, an answer waits for a late level once. */
  readonly #patience = new Patience();

  constructor(bucket: R2Bucket, defer: Defer) {
    this.#bucket = bucket;
    this.#defer = defer;
  }

  async read(entry: Entry, range?: ByteRange): Promise<StoredObject | undefined> {
    const part = range && { offset: range.start, length: range.end - range.start + 1 };
    const object = await this.#get(entry, part && { range: part });
    if (object === undefined) return undefined;
    const description = describe(entry, object);
    if (description !== undefined) return { ...description, body: object.body };
    await letGo(object);
    return undefined;
  }

  async describe(entry: Entry): Promise<Description | undefined> {
    if (this.#patience.isOver) return undefined;
    const object = await this.#patience.wait(this.#head(entry));
    return object && describe(entry, object);
  }

  /**
   * Looks whether it is there, for who means to put it there; not in time for an answer.
   * @throws Error where that cannot be told
   */
  async has(entry: Entry): Promise<boolean> {
    const object = await this.#head(entry);
    return object !== undefined && describe(entry, object) !== undefined;
  }

  async readRecord(entry: Entry): Promise<Words | undefined> {
    const reading = this.#patience.isOver ? undefined : this.#readRecord(entry);
    const read = reading && (await this.#patience.wait(reading.then((words) => ({ words }))));
    if (read === undefined) throw new Error("the bucket does not answer");
    return read.words;
  }

  /**
   * A record's words, for work that nobody waits for.
   * @throws Error where the bucket fails
   */
  lookUp(entry: Entry): Promise<Words | undefined> {
    return this.#readRecord(entry);
  }

  async writeRecord(entry: Entry, words: Words): Promise<void> {
    const text = JSON.stringify(label(entry, words));
    const write = this.#persist(entry, "put", (address) =>
      this.#bucket.put(address, text, { httpMetadata: { contentType: "application/json" } }),
    );
    await this.#patience.wait(write, entry.kind === "denial" ? DENIAL_MS : undefined);
  }

  async writeContent(entry: Entry, words: Words, bytes: Uint8Array): Promise<void> {
    const customMetadata = { ...label(entry, { ...words, ...keptNow() }) };
    await this.#persist(entry, "put", (address) => this.#bucket.put(address, bytes, { customMetadata }));
  }

  /**
   * Keeps a blob as it comes, of known length. R2 computes the digest itself and refuses a wrong one, and a body that
   * ends too early, without leaving an object. Never throws.
   */
  async writeStream(entry: ContentEntry, source: Origin, { signal, size }: StreamedBlob): Promise<void> {
    const { readable, writable } = new FixedLengthStream(size);
    const body = "response" in source ? source.response.body : source.body;
    const ended = new AbortController();
    try {
      const customMetadata = { ...label(entry, keptNow()) };
      const options = { customMetadata, [algorithmOf(entry.digest)]: encodedPart(entry.digest) };
      const address = await addressOf(entry);
      changes.set(address, { what: "put" });
      const piped = body?.pipeTo(writable, { signal: AbortSignal.any([signal, ended.signal]) });
      // Of what R2 does not read any more nothing is fetched.
      const put = this.#bucket.put(address, readable, options).finally(() => ended.abort());
      await Promise.all([piped, put]);
      await this.#undoIfDeleted(address);
    } catch {
      // Refused or broken off: there is no object.
      if (body?.locked === false) await body.cancel().catch(() => undefined);
    }
  }

  async delete(entry: Entry): Promise<void> {
    await this.#patience.wait(this.#persist(entry, "delete", (address) => this.#bucket.delete(address)));
  }

  async #head(entry: Entry): Promise<R2Object | undefined> {
    return (await this.#bucket.head(await addressOf(entry))) ?? undefined;
  }

  async #get(entry: Entry, options: R2GetOptions = {}): Promise<R2ObjectBody | undefined> {
    if (this.#patience.isOver) return undefined;
    const getting = (async () => this.#bucket.get(await addressOf(entry), options))();
    const object = await this.#patience.wait(getting);
    // What comes too late is let go of when it comes.
    if (object === undefined) this.#defer(getting.then(letGo, () => undefined));
    return object ?? undefined;
  }

  async #readRecord(entry: Entry): Promise<Words | undefined> {
    const object = await this.#bucket.get(await addressOf(entry));
    if (object === null) return undefined;
    if (object.size > MAX_RECORD) {
      await letGo(object);
      return undefined;
    }
    const words = parseWords(await object.text());
    return words && wordsOf(entry, words);
  }

  /** What was deleted while it was being written may have arrived after its deletion. */
  async #undoIfDeleted(address: string): Promise<void> {
    if (changes.get(address)?.what === "delete") await this.#bucket.delete(address);
  }

  /** Does it, again where it fails, and goes on when nobody waits for it any more. Never throws. */
  #persist(
    entry: Entry,
    what: "delete" | "put",
    operation: (address: string) => Promise<unknown>,
  ): Promise<void> {
    const attempts = async (): Promise<void> => {
      const address = await addressOf(entry);
      const own = { what };
      changes.set(address, own);
      for (let attempt = 1; attempt <= ATTEMPTS && changes.get(address) === own; attempt += 1) {
        try {
          await operation(address);
          if (what === "put") await this.#undoIfDeleted(address);
          return;
        } catch {
          if (attempt < ATTEMPTS) await scheduler.wait(AGAIN_AFTER_MS);
        }
      }
    };
    const persisted = attempts();
    this.#defer(persisted);
    return persisted;
  }
}

/** When it was kept, by the clock that endings are noted by. */
function keptNow(): Words {
  return { [KEPT_AT]: String(Date.now()) };
}

async function letGo(object: R2ObjectBody | null): Promise<void> {
  if (object !== null) await discardBody(new Response(object.body));
}

async function addressOf(entry: Entry): Promise<string> {
  return PREFIX + (await keyOf(entry));
}

function describe(entry: Entry, object: R2Object): Description | undefined {
  const words = wordsOf(entry, object.customMetadata ?? {});
  return words && { words, size: object.size, keptAt: Number(words[KEPT_AT] ?? 0) };
}
