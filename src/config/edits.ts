// How far a written word is from a known one, in Damerau and Levenshtein's edits: a letter more, less, other, or two
// that changed places.

/** True where `edits` edits at most turn one word into the other. For few edits: it tries each at each place. */
export function isWithin(edits: number, a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > edits) return false;
  let same = 0;
  while (same < a.length && a[same] === b[same]) same += 1;
  const [restA, restB] = [a.slice(same), b.slice(same)];
  if (restA === restB) return true;
  if (edits === 0) return false;
  const ways: [string, string][] = [
    [restA.slice(1), restB],
    [restA, restB.slice(1)],
    [restA.slice(1), restB.slice(1)],
    [swapped(restA), restB],
    [restA, swapped(restB)],
  ];
  return ways.some(([one, other]) => isWithin(edits - 1, one, other));
}

function swapped(word: string): string {
  return word.charAt(1) + word.charAt(0) + word.slice(2);
}

/** The known word with the fewest edits to a written one; undefined where none is within `most` of them. */
export function nearest(written: string, words: readonly string[], most: number): string | undefined {
  for (let edits = 0; edits <= most; edits += 1) {
    const found = words.find((word) => isWithin(edits, written, word));
    if (found !== undefined) return found;
  }
  return undefined;
}
