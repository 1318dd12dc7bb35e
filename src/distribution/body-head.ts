// Bodies of which the beginning is read, and the rest passes as it comes.

import { brokenOff, joined } from "./body.ts";

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
