// How much of large documents an isolate holds at once, while they are read and until their clients have them: anybody may
// ask for many of them at a time, and read none (S17).

import { readCapped, type ReadOptions } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { remember } from "../isolate.ts";

/** Bytes of all together. */
const ROOM = 16 * 1024 * 1024;
/** Of that for one registry: those of a slow one keep no other's out. */
const REGISTRY_SHARE = ROOM / 2;
/** What is no larger takes no place: nearly all manifests, and lists of tags that fit one page. */
export const FREE = 32 * 1024;
const READ_MS = 25_000;
/** A client that has not read so little in so long is broken off. */
const SEND_MS = 60_000;
/** A place ends by itself: the code that should end it need not run, where the client has left. */
const TAKEN_MS = READ_MS + SEND_MS;

const rooms = remember<"taken", Set<Place>>(1);

/** There is no room for a document now. */
export class NoRoom extends RegistryError {
  constructor() {
    const problem = "too many large documents at once";
    const message = "Too many large documents are being read at this moment. Try again.";
    super("UNAVAILABLE", message, { headers: { "Retry-After": "2" }, problem });
  }
}

/** The place that one document takes. */
export class Place {
  readonly #registry: string;
  readonly #until = Date.now() + TAKEN_MS;
  #bytes = 0;

  /** @param registry origin of the registry that it comes from */
  constructor(registry: string) {
    this.#registry = registry;
  }

  /** @throws NoRoom for so many bytes */
  take(bytes: number): void {
    if (!this.tryTake(bytes)) throw new NoRoom();
  }

  /** Takes room for so many bytes, if there is: what is less is then no question any more. */
  tryTake(bytes: number): boolean {
    if (bytes <= Math.max(FREE, this.#bytes)) return true;
    if (!this.#hasRoomFor(bytes)) return false;
    this.#bytes = bytes;
    taken().add(this);
    return true;
  }

  end(): void {
    taken().delete(this);
  }

  #hasRoomFor(bytes: number): boolean {
    const now = Date.now();
    const places = taken();
    for (const place of places) if (place.#until <= now) places.delete(place);
    const others = [...places].filter((place) => place !== this);
    const sum = (of: readonly Place[]): number => of.reduce((all, place) => all + place.#bytes, bytes);
    const ofRegistry = others.filter((place) => place.#registry === this.#registry);
    // Who finds nobody else may have it all.
    return sum(others) <= ROOM && (others.length === 0 || sum(ofRegistry) <= REGISTRY_SHARE);
  }
}

function taken(): Set<Place> {
  const places = rooms.get("taken") ?? new Set();
  rooms.set("taken", places);
  return places;
}

/** How a document is read that takes a place. */
export function readingInto(place: Place, expected?: number, timeoutMs = READ_MS): ReadOptions {
  return { expected, timeoutMs, grows: (bytes) => place.take(bytes) };
}

/**
 * Reads a body of at most `cap` bytes; undefined if it is longer. The place is the caller's to end, but for what is thrown.
 * @throws RegistryError UNAVAILABLE (503) for a body that breaks off; NoRoom, which is one too
 */
export async function readInto(
  place: Place,
  body: ReadableStream | null,
  cap: number,
  { expected, timeoutMs }: Pick<ReadOptions, "expected" | "timeoutMs"> = {},
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await readCapped(body, cap, readingInto(place, expected, timeoutMs));
  } catch (error) {
    place.end();
    throw error;
  }
}

/**
 * A body made of parts, for a client; its place ends when the client has it, or has been broken off. Not deferred: it lives
 * as long as the answer, and the place of a client that left ends by itself.
 */
export function sendFrom(place: Place, parts: readonly Uint8Array[]): ReadableStream {
  const { readable, writable } = new FixedLengthStream(parts.reduce((sum, part) => sum + part.byteLength, 0));
  const slow = new AbortController();
  const timer = setTimeout(() => slow.abort(), SEND_MS);
  const ended = (): void => {
    clearTimeout(timer);
    place.end();
  };
  void write(writable, parts, slow.signal).then(ended, ended);
  return readable;
}

async function write(
  writable: WritableStream,
  parts: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<void> {
  const writer = writable.getWriter();
  signal.addEventListener("abort", () => void writer.abort().catch(() => undefined));
  writer.closed.catch(() => undefined);
  for (const part of parts) await writer.write(part);
  await writer.close();
}
