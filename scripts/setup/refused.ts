// What setup does not do, and what to do instead: the one kind of error that its owner is told in its own words.

/** Nothing was written. The message says what was wrong and what to write; it never shows the label of a key row (S16). */
export class Refused extends Error {}
