// Bodies: read with a cap, or let go of. The only place that reads a stream chunk by chunk.

import { RegistryError } from "./errors.ts";

/** Lets go of a body that is not read. One that broke off, or was being read when it did, has nothing left to cancel. */
export async function discardBody(response: Response): Promise<void> {
  const { body } = response;
  if (body?.locked === false) await body.cancel().catch(() => undefined);
}

/**
 * Reads a body of at most `cap` bytes; undefined if it is longer. The rest of a longer one is not fetched.
 * @param grows told of the bytes that are held by now; what it throws ends the reading
 * @throws RegistryError UNAVAILABLE (503) for a body that breaks off
 */
export async function readCapped(
  body: ReadableStream | null,
  cap: number,
  grows?: (length: number) => void,
): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = (await reader.read().catch(brokenOff)) as { done: boolean; value: Uint8Array };
    if (done) break;
    length += value.byteLength;
    if (length > cap) {
      await reader.cancel().catch(() => undefined);
      return undefined;
    }
    try {
      grows?.(length);
    } catch (error) {
      await reader.cancel().catch(() => undefined);
      throw error;
    }
    chunks.push(value);
  }
  return joined(chunks, length);
}

/** A body whose beginning was read. */
export interface Begun {
  readonly head: Uint8Array;
  /**
   * The body with a beginning of another's choice; the rest is piped natively, as it comes. To be called once.
   * @param length bytes of all, where it is known: then the answer says so
   */
  readonly continueWith: (head: Uint8Array, length?: number) => ReadableStream;
}

/**
 * Reads the beginning of a body.
 * @param size how many bytes at least; fewer where there are not so many
 * @throws RegistryError UNAVAILABLE (503) where it breaks off before that; later the stream errors
 */
export async function readHead(body: ReadableStream, size: number): Promise<Begun> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isWhole = false;
  while (length < size && !isWhole) {
    const { done, value } = (await reader.read().catch(brokenOff)) as ReadableStreamReadResult<Uint8Array>;
    if (value !== undefined) chunks.push(value);
    length += value?.byteLength ?? 0;
    isWhole = done;
  }
  reader.releaseLock();
  const continueWith = (head: Uint8Array, length?: number): ReadableStream => {
    const { readable, writable } =
      length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
    void pipe(head, isWhole ? undefined : body, writable);
    return readable;
  };
  return { head: joined(chunks, length), continueWith };
}

/** Ends when all is passed on, when the body breaks off, or when the reader leaves; each of them ends the others. */
async function pipe(
  head: Uint8Array,
  rest: ReadableStream | undefined,
  writable: WritableStream,
): Promise<void> {
  const writer = writable.getWriter();
  writer.closed.catch(() => undefined);
  try {
    await writer.write(head);
    if (rest === undefined) await writer.close();
    writer.releaseLock();
    await rest?.pipeTo(writable);
  } catch (error) {
    await rest?.cancel(error).catch(() => undefined);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function brokenOff(): never {
  throw new RegistryError("UNAVAILABLE", "What was being read broke off in the middle. Try again.");
}
