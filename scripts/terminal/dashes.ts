// Dashes that an editor or an input method made of the two hyphens of an option.

const DASHED = /^[–—―－‐‑−]/;

/**
 * What to write instead, where an argument begins with another dash.
 * @param example an option of the script
 */
export function mistypedDash(words: readonly string[], example: string): string | undefined {
  const [dash] = words.find((word) => DASHED.test(word)) ?? "";
  return dash === undefined
    ? undefined
    : `an option begins with ${dash}, which is a dash of typesetting: write two hyphens, as in ${example}`;
}
