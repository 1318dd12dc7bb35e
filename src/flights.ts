// Requests of one isolate that miss the same thing at the same time: one asks, the others wait for it a moment, and then
// look again (S18). Nothing is handed from one to the other: what the first one left in memory is there, or they ask
// themselves.

import { inTime } from "./in-time.ts";
import { remember } from "./isolate.ts";

/** How long others wait for the one that asks. It may never end: the code of a request that is cut off stops. */
export const WAIT_MS = 2_000;

/** A request that asks. */
interface Flight {
  readonly begunAt: number;
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<unknown>;
}

const flights = remember<string, Flight>({
  entries: 1000,
  bytes: 1024 * 1024,
  sizeOf: (_, key) => key.length,
});

/** Only a stranger makes a longer key: it is asked without waiting. */
const MAX_KEY = 2048;

/** In place of an answer: another request asked the same, and has ended or taken too long. */
export const WAITED = Symbol("waited");

/**
 * Asks, unless another request is asking the same already: then waits for that, two seconds after its beginning at the most.
 * Who has waited looks again, and then asks for itself, without this.
 * @param key all that decides the answer: class, identity, method, our words
 */
export async function inTurn<T>(key: string, ask: () => Promise<T>): Promise<T | typeof WAITED> {
  const now = Date.now();
  const flight = flights.get(key);
  // Never longer, should the clock have been put back.
  const left = flight === undefined ? 0 : Math.min(WAIT_MS, flight.begunAt + WAIT_MS - now);
  if (flight !== undefined && left > 0) {
    await inTime(flight.ended, left);
    return WAITED;
  }
  if (key.length > MAX_KEY) return ask();
  const { promise: ended, resolve } = Promise.withResolvers<undefined>();
  const own: Flight = { begunAt: now, ended };
  flights.set(key, own);
  try {
    return await ask();
  } finally {
    if (flights.get(key) === own) flights.delete(key);
    resolve(undefined);
  }
}
