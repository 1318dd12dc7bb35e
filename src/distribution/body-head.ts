// Bodies of which the beginning is read, and the rest passes as it comes.

import { BodyReader, type ReadOptions } from "./body.ts";

/** A body whose beginning was read. */
export interface Begun {
  readonly head: Uint8Array<ArrayBuffer>;
  readonly isWhole: boolean;
  /**
   * The body with a beginning of another's choice; the rest is piped natively, as it comes. To be called once.
   * @param length bytes of all, where it is known: then the answer says so
   */
  readonly continueWith: (head: Uint8Array, length?: number) => Continued;
}

/** A stream that goes on. */
export interface Continued {
  readonly stream: ReadableStream;
  /** Fulfilled, always, when the beginning is no longer held. */
  readonly headGone: Promise<void>;
}

/**
 * Reads the beginning of a body.
 * @param size how many bytes at least; fewer where there are not so many
 * @throws RegistryError UNAVAILABLE (503) where it breaks off before that; later the stream errors
 */
export async function readHead(
  body: ReadableStream,
  size: number,
  options: ReadOptions = {},
): Promise<Begun> {
  const reader = new BodyReader(body);
  const { bytes: head, isWhole } = await reader.read(size, options);
  reader.release();
  const rest = isWhole ? undefined : body;
  return { head, isWhole, continueWith: (own, length) => continued(own, rest, length) };
}

function continued(
  head: Uint8Array,
  rest: ReadableStream | undefined,
  length: number | undefined,
): Continued {
  const { readable, writable } =
    length === undefined ? new IdentityTransformStream() : new FixedLengthStream(length);
  const writer = writable.getWriter();
  writer.closed.catch(() => undefined);
  const written = writer.write(head);
  void pipe(written, writer, rest, writable);
  return { stream: readable, headGone: written.catch(() => undefined) };
}

/** Ends when all is passed on, when the body breaks off, or when the reader leaves; each of them ends the others. */
async function pipe(
  written: Promise<void>,
  writer: WritableStreamDefaultWriter,
  rest: ReadableStream | undefined,
  writable: WritableStream,
): Promise<void> {
  try {
    await written;
    if (rest === undefined) await writer.close();
    writer.releaseLock();
    await rest?.pipeTo(writable);
  } catch (error) {
    await rest?.cancel(error).catch(() => undefined);
  }
}
