// A stream that goes to a client and into the store at once: natively, no chunk of either half passes through
// JavaScript. Each half can be broken off, and neither takes the other with it.

import type { Defer } from "../../routing/inbound.ts";
import type { Fill } from "./fills.ts";

/** Time for the store's half, by the clock: what is deferred is cut 30 s after the answer. */
const STORE_MS = 25_000;
/** How often a client's half says that it goes on, and looks whether its room is needed. */
const LOOK_MS = 5_000;

/**
 * Copies a body.
 * @param size bytes of the body; another length breaks both halves off
 * @param fill the room that was given; the client's half gives its part back, the store's half is the caller's
 * @returns what the client gets, and the whole as bytes, which never come where the body breaks off or is too slow
 */
export function copy(
  body: ReadableStream,
  size: number,
  fill: Fill,
  defer: Defer,
): { toClient: ReadableStream; toStore: Promise<Uint8Array> } {
  const [clients, stores] = body.tee();
  return { toClient: watch(clients, size, fill, defer), toStore: readInTime(stores, size) };
}

/** Lets go of bytes at once. Left to the garbage collector, those of many fills wait for it together: 64 MiB of them. */
export function release(bytes: Uint8Array): void {
  // What still reads them has a hold of its own.
  if (bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0);
}

/**
 * Reads to the end. Through a pipe, since only a pipe takes a signal; and into a stream of known length, so that the
 * runtime reads it into one buffer of that size.
 */
async function readInTime(half: ReadableStream, size: number): Promise<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(size);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), STORE_MS);
  try {
    const [bytes] = await Promise.all([
      new Response(readable).arrayBuffer(),
      half.pipeTo(writable, { signal: late.signal }),
    ]);
    return new Uint8Array(bytes);
  } finally {
    clearTimeout(timer);
  }
}

function watch(half: ReadableStream, size: number, fill: Fill, defer: Defer): ReadableStream {
  const { readable, writable } = new FixedLengthStream(size);
  const full = new AbortController();
  const timer = setInterval(() => {
    if (!fill.renewClient(Date.now())) full.abort();
  }, LOOK_MS);
  const ended = (): void => {
    clearInterval(timer);
    fill.endClient();
  };
  // Deferred: where nothing else is, a request ends with its client, and nobody would hear that the client left.
  defer(half.pipeTo(writable, { signal: full.signal }).then(ended, ended));
  return readable;
}
