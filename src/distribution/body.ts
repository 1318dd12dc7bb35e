// Bodies: read with a cap, or let go of. Here and in body-head.ts alone a stream is read chunk by chunk.

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

/** Chunks as one. @param length of all of them */
export function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** @throws RegistryError UNAVAILABLE (503), always */
export function brokenOff(): never {
  throw new RegistryError("UNAVAILABLE", "What was being read broke off in the middle. Try again.");
}
