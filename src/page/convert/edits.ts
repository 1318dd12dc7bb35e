// Texts that get other words in some places, with the lines of those places, and excerpts of what is left.

import type { Edit } from "./types.ts";

/**
 * The text with other words in some places.
 * @param edits in the order of the text; none lies in another
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = "";
  let done = 0;
  for (const { start, end, text: words } of edits) {
    result += text.slice(done, start) + words;
    done = end;
  }
  return result + text.slice(done);
}

/** Tells the line of an offset, from 1. The text is read once, however often it is asked. */
export function lineOf(text: string): (offset: number) => number {
  const breaks = Array.from(text.matchAll(/\n/g), ({ index }) => index);
  return (offset) => {
    let low = 0;
    let high = breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((breaks[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}

/** The beginning of what is left as it is: no more of it than can be read. */
export function excerpt(text: string): string {
  return text.slice(0, 200).replace(/[\uD800-\uDBFF]$/, "");
}
