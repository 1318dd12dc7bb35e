// Waiting no longer than an answer is worth: a level of the store that is late is a miss.

/** Milliseconds that an answer to a client is held back for a level of the store. */
export const STORE_TIMEOUT_MS = 500;

/** What is there in time; undefined where it is late, or fails. What is late goes on, and is nobody's. */
export async function inTime<T>(
  reading: Promise<T>,
  milliseconds: number = STORE_TIMEOUT_MS,
): Promise<T | undefined> {
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    resolve(undefined);
  }, milliseconds);
  try {
    return await Promise.race([reading.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
