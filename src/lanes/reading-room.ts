// How much of large documents an isolate reads at once: those that must be read whole (a tag list whose name is mapped) are
// anybody's to ask for, many at a time (S17).

import { readCapped } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { remember } from "../isolate.ts";

/** Bytes of all that is being read, beyond what each may have without asking. */
const ROOM = 16 * 1024 * 1024;
/** Most are smaller than this, and never wait for the room that large ones take. */
const FREE = 256 * 1024;
/** A place ends by itself: the code that should free it need not run, where the client has left. */
const TAKEN_MS = 30_000;

interface Place {
  bytes: number;
  readonly until: number;
}

const rooms = remember<"taken", Set<Place>>(1);

/**
 * Reads a body of at most `cap` bytes; undefined if it is longer.
 * @throws RegistryError UNAVAILABLE (503) for a body that breaks off, and where too much is being read at once
 */
export async function readWithRoom(
  body: ReadableStream | null,
  cap: number,
): Promise<Uint8Array | undefined> {
  const taken = rooms.get("taken") ?? new Set();
  rooms.set("taken", taken);
  const place: Place = { bytes: 0, until: Date.now() + TAKEN_MS };
  try {
    return await readCapped(body, cap, (length) => {
      if (length > FREE) take(taken, place, length - FREE);
    });
  } finally {
    taken.delete(place);
  }
}

function take(taken: Set<Place>, place: Place, bytes: number): void {
  const now = Date.now();
  for (const one of taken) if (one.until <= now) taken.delete(one);
  const others = [...taken].reduce((sum, one) => (one === place ? sum : sum + one.bytes), 0);
  if (others + bytes > ROOM) {
    const problem = "too many large documents at once";
    const message = "Too many large documents are being read at this moment. Try again.";
    throw new RegistryError("UNAVAILABLE", message, { headers: { "Retry-After": "2" }, problem });
  }
  place.bytes = bytes;
  taken.add(place);
}
