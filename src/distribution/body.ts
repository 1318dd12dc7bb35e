// Bodies: read with a cap and a deadline, or let go of. Here and in body-head.ts alone a stream is read chunk by chunk.

import { RegistryError } from "./errors.ts";

/** Lets go of a body that is not read. One that broke off, or was being read when it did, has nothing left to cancel. */
export async function discardBody(response: Response): Promise<void> {
  const { body } = response;
  if (body?.locked === false) await body.cancel().catch(() => undefined);
}

/** How a body is read. */
export interface ReadOptions {
  /** Bytes that it is said to have: a buffer of that size is taken at once. */
  readonly expected?: number | undefined;
  /** Told of the bytes that are taken for it by now; what it throws ends the reading. */
  readonly grows?: ((bytes: number) => void) | undefined;
  /** Milliseconds until it must be there; a body that stalls would hold its request for ever. */
  readonly timeoutMs?: number | undefined;
}

/** What was read of a body. */
export interface ReadBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** True where there is nothing more of it. */
  readonly isWhole: boolean;
}

const FIRST_BUFFER = 16 * 1024;
/** For tokens, errors and the like: what decides about a request must not be what holds it. */
const TIMEOUT_MS = 10_000;

/**
 * Reads a body of at most `cap` bytes; undefined if it is longer. The rest of a longer one is not fetched.
 * @throws RegistryError UNAVAILABLE (503) for a body that breaks off, or is not there in time
 */
export async function readCapped(
  body: ReadableStream | null,
  cap: number,
  options: ReadOptions = {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (body === null) return new Uint8Array();
  const reader = new BodyReader(body);
  const { bytes, isWhole } = await reader.read(cap + 1, options);
  if (isWhole && bytes.byteLength <= cap) return bytes;
  await reader.cancel();
  return undefined;
}

/** A reader that is given the buffer, and fills it without a turn of JavaScript for each chunk. */
interface BufferReader {
  read(view: Uint8Array, options: { readonly min: number }): Promise<Chunk>;
}

interface Chunk {
  readonly done: boolean;
  readonly value?: Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Reads into one buffer, that grows. A native stream hands out chunks as slices of buffers of 4 KiB each: a body that comes
 * byte by byte would hold thousands of times its size (S17).
 */
export class BodyReader {
  readonly #reader: ReadableStreamBYOBReader | ReadableStreamDefaultReader;
  /** Undefined for a stream that was made in JavaScript and takes no buffer: its chunks are copied. */
  readonly #filler: BufferReader | undefined;
  #isLate = false;

  constructor(body: ReadableStream) {
    const filler = bufferReader(body);
    this.#reader = filler ?? body.getReader();
    this.#filler = filler as unknown as BufferReader | undefined;
  }

  /** Reads at least so many bytes, or all. @throws RegistryError UNAVAILABLE (503) where it breaks off, or is too slow */
  async read(size: number, { expected, grows, timeoutMs = TIMEOUT_MS }: ReadOptions): Promise<ReadBody> {
    const timer = setTimeout(() => {
      this.#isLate = true;
      void this.cancel();
    }, timeoutMs);
    try {
      return await this.#fill(size, expected, grows);
    } catch (error) {
      await this.cancel();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets go of the stream, whose rest is somebody else's. */
  release(): void {
    this.#reader.releaseLock();
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined);
  }

  async #fill(size: number, expected: number | undefined, grows: ReadOptions["grows"]): Promise<ReadBody> {
    // One more than is expected, so that its end is seen before there is no room.
    let buffer = new ArrayBuffer(Math.min(size, expected === undefined ? FIRST_BUFFER : expected + 1));
    let length = 0;
    grows?.(buffer.byteLength);
    while (length < size) {
      if (length === buffer.byteLength) buffer = grown(buffer, Math.min(size, 2 * length), grows);
      const { done, value } = await this.#next(new Uint8Array(buffer, length));
      if (this.#isLate) brokenOff();
      // A buffer that was filled comes back as another one, also with the end.
      if (this.#filler !== undefined && value !== undefined) buffer = value.buffer;
      if (done) {
        // Node's streams give the last bytes together with the end (Streams, "commit pull into descriptor"); workerd's do not.
        const last = this.#filler === undefined ? 0 : (value?.byteLength ?? 0);
        return { bytes: new Uint8Array(buffer, 0, length + last), isWhole: true };
      }
      if (value === undefined) continue;
      const needed = length + value.byteLength;
      if (this.#filler === undefined) {
        if (needed > buffer.byteLength) {
          buffer = grown(buffer, Math.max(needed, Math.min(size, 2 * length)), grows);
        }
        new Uint8Array(buffer).set(value, length);
      }
      length = needed;
    }
    return { bytes: new Uint8Array(buffer, 0, length), isWhole: false };
  }

  async #next(view: Uint8Array): Promise<Chunk> {
    const filler = this.#filler;
    const reading: Promise<Chunk> =
      filler === undefined
        ? (this.#reader as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>).read()
        : filler.read(view, { min: view.byteLength });
    return reading.catch(brokenOff);
  }
}

function bufferReader(body: ReadableStream): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

function grown(buffer: ArrayBuffer, size: number, grows: ReadOptions["grows"]): ArrayBuffer {
  grows?.(size);
  return buffer.transfer(size);
}

/** @throws RegistryError UNAVAILABLE (503), always */
function brokenOff(): never {
  throw new RegistryError("UNAVAILABLE", "What was being read broke off in the middle. Try again.");
}
