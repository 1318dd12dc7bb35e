// What setup does not do, and what to do instead: the one kind of error that its owner is told in its own words.

import type { Terminal } from "../terminal/terminal.ts";

/** Nothing was written. The message says what was wrong and what to write; it never shows the label of a key row (S16). */
export class Refused extends Error {}

/** A step that cannot be taken is told, and the next one goes on. */
export async function unlessRefused<T>(terminal: Terminal, step: () => Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    terminal.complain(error.message);
    return undefined;
  }
}
