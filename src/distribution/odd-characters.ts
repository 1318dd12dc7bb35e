// Characters that are not seen, or that turn the ones beside them around.

/** Control characters, bidirectional ones, and what is not shown at all (Unicode: Cc, Cf, Zl, Zp). */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** True of a text that does not look like what it is. */
export function hasOddCharacters(text: string): boolean {
  return text.search(ODD) !== -1;
}

/** A text with the numbers of such characters in their place. */
export function visible(text: string): string {
  return text.replace(ODD, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}
