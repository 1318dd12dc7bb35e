// How far a written word is from a known one.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isWithin, nearest } from "../../src/config/edits.ts";

/** The unrestricted distance of Damerau and Levenshtein by its definition, slowly: no edit is a second code path. */
function distance(from: string, to: string): number {
  let reached = new Set([from]);
  for (let edits = 0; ; edits += 1) {
    if (reached.has(to)) return edits;
    const letters = [...new Set(to)];
    const next = new Set<string>();
    for (const word of reached) {
      for (let at = 0; at <= word.length; at += 1) {
        const [before, after] = [word.slice(0, at), word.slice(at)];
        next.add(before + after.slice(1));
        if (after.length > 1) next.add(before + after.charAt(1) + after.charAt(0) + after.slice(2));
        for (const letter of letters) {
          next.add(before + letter + after);
          next.add(before + letter + after.slice(1));
        }
      }
    }
    reached = next;
  }
}

describe("words", () => {
  it.each<[string, string, number]>([
    ["", "", 0],
    ["", "ab", 2],
    ["upstream", "upstreem", 1],
    ["upstream", "upsrteam", 1],
    ["mirrors", "mirror", 1],
    ["ca", "abc", 2],
    ["kitten", "sitting", 3],
  ])("%j and %j are %i edits apart", (a, b, edits) => {
    expect([isWithin(edits, a, b), isWithin(edits, b, a)]).toEqual([true, true]);
    if (edits > 0) expect([isWithin(edits - 1, a, b), isWithin(edits - 1, b, a)]).toEqual([false, false]);
  });

  it("are as far apart as the definition says", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 5 });
    fc.assert(
      fc.property(word, word, fc.nat(2), (a, b, most) => {
        expect(isWithin(most, a, b)).toBe(distance(a, b) <= most);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the nearest word", () => {
  it("is the one with the fewest edits, and the first of those", () => {
    expect(nearest("mirror", ["minor", "mirrors"], 2)).toBe("mirrors");
    expect(nearest("ab", ["ax", "ay"], 2)).toBe("ax");
  });

  it("is none beyond the number of edits", () => {
    expect(nearest("key", ["upstream", "realm"], 2)).toBeUndefined();
  });
});
