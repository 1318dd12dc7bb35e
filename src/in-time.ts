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

/** The patience of one request with one level: for what is late it waits once, and for nothing of that level after it. */
export class Patience {
  #isOver = false;

  /** True where something was late: what is read now would be waited for in vain. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @param milliseconds to wait even after something was late */
  async wait<T>(operation: Promise<T>, milliseconds?: number): Promise<T | undefined> {
    let hasEnded = false;
    const ending = operation.finally(() => {
      hasEnded = true;
    });
    const result = await inTime(ending, milliseconds ?? (this.#isOver ? 0 : STORE_TIMEOUT_MS));
    this.#isOver ||= !hasEnded;
    return result;
  }
}
