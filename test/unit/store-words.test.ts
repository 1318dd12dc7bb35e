// The record of a repository (S9) and what tags stand for, as words of the store: what was written is read, and what does not
// read as such is nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDigest, type Digest } from "../../src/distribution/reference.ts";
import type { End, Proof, Witness } from "../../src/lanes/public/record.ts";
import { parseDenial, parseProof, wordsOfDenial, wordsOfProof } from "../../src/lanes/public/record-words.ts";
import { parseClasses, wordsOfClasses, type Classes } from "../../src/lanes/public/tag-words.ts";

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 0, 1);
/** The same cases each time. */
const RUNS = { seed: 9018, numRuns: 1000 };

function digest(hex: string, length = 64): Digest {
  const parsed = parseDigest(`sha${String(length * 4)}:${hex.repeat(length)}`);
  if (parsed === undefined) throw new TypeError("not a digest");
  return parsed;
}

const [ONE, TWO, THREE, FOUR, FIVE] = [digest("1"), digest("2"), digest("3"), digest("4"), digest("5")];

function witness(of: Digest, method: Witness["method"] = "HEAD"): Witness {
  return { digest: of, method };
}

const times = fc.integer({ min: 0, max: 10 ** 15 - 1 });
const digests = fc
  .tuple(fc.constantFrom(64, 96, 128), fc.stringMatching(/^[0-9a-f]$/))
  .map(([length, hex]) => digest(hex, length));
const proofs: fc.Arbitrary<Proof> = fc.record({
  provenAt: times,
  refusedAt: times,
  refusedAs: fc.constantFrom<End>("denial", "loss"),
  witnesses: fc.uniqueArray(
    fc.record({ digest: digests, method: fc.constantFrom<Witness["method"]>("GET", "HEAD") }),
    { maxLength: 3, selector: (one) => one.digest },
  ),
});

describe("a record as words of the store", () => {
  it("reads as what was written", () => {
    fc.assert(
      fc.property(proofs, times, (proof, deniedAt) => {
        const now = Math.max(proof.provenAt, proof.refusedAt, deniedAt);
        expect(parseProof(wordsOfProof(proof), now)).toEqual(proof);
        expect(parseDenial(wordsOfDenial(deniedAt), now)).toBe(deniedAt);
      }),
      RUNS,
    );
  });

  it.each<[number, boolean]>([
    [0, true],
    [MINUTE, true],
    [MINUTE + 1, false],
    [HOUR, false],
  ])("S9: a time %i ms in the future counts: %s", (ahead, counts) => {
    const proof: Proof = { provenAt: START, refusedAt: 0, refusedAs: "loss", witnesses: [witness(ONE)] };
    const late: Proof = { ...proof, provenAt: START - HOUR, refusedAt: START };
    for (const one of [proof, late]) {
      expect(parseProof(wordsOfProof(one), START - ahead)).toEqual(counts ? one : undefined);
    }
    expect(parseDenial(wordsOfDenial(START), START - ahead)).toBe(counts ? START : 0);
  });

  it("garbage is none, and no fault", () => {
    const names = ["provenAt", "refusedAt", "witnesses", "deniedAt"];
    const values = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom("-1", "1e3", " 1", "0x1", "1.5", "NaN", "9".repeat(16)),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), values), (words) => {
        const isTime = (text: string | undefined): boolean => /^[0-9]{1,15}$/.test(text ?? "");
        const proof = parseProof(words, 10 ** 15);
        expect(proof !== undefined).toBe(isTime(words["provenAt"]) && isTime(words["refusedAt"]));
        expect(proof?.witnesses ?? []).toEqual([]);
        if (!isTime(words["deniedAt"])) expect(parseDenial(words, 10 ** 15)).toBe(0);
      }),
      RUNS,
    );
    expect([parseProof(undefined, START), parseDenial(undefined, START)]).toEqual([undefined, 0]);
  });

  it("of witnesses the first three that are digests with a method count", () => {
    const shownThere = {
      [ONE]: "PUT",
      latest: "GET",
      [TWO]: "GET",
      [THREE]: "HEAD",
      [FOUR]: "GET",
      [FIVE]: "GET",
    };
    const words = { provenAt: "1", refusedAt: "0", witnesses: JSON.stringify(shownThere) };
    expect(parseProof(words, START)?.witnesses).toEqual([
      witness(TWO, "GET"),
      witness(THREE),
      witness(FOUR, "GET"),
    ]);
  });
});

const classes: fc.Arbitrary<Classes> = fc.dictionary(
  fc.stringMatching(/^[a-i]{1,9}$/),
  fc.record({
    digest: digests,
    mediaType: fc.string({ maxLength: 256 }),
    size: fc.maxSafeNat(),
    at: times,
  }),
  { maxKeys: 12, noNullPrototype: true },
);

describe("what a tag stands for as words of the store", () => {
  it("reads as what was written, class by class", () => {
    fc.assert(
      fc.property(classes, (written) => {
        const read = parseClasses(wordsOfClasses(written), 10 ** 15);
        expect(read).toEqual(written);
        expect(Object.keys(read)).toEqual(Object.keys(written));
      }),
      RUNS,
    );
  });

  it("S9: a class whose time is more than a minute in the future is left out, and no other", () => {
    const one = { digest: ONE, mediaType: "application/json", size: 2, at: START };
    const words = wordsOfClasses({ a: one, b: { ...one, at: START - HOUR } });
    expect(Object.keys(parseClasses(words, START))).toEqual(["a", "b"]);
    expect(Object.keys(parseClasses(words, START - MINUTE))).toEqual(["a", "b"]);
    expect(Object.keys(parseClasses(words, START - MINUTE - 1))).toEqual(["b"]);
  });

  it("S17: one answer is written once, however many classes got it: all classes fit a store's words", () => {
    const one = { digest: digest("f", 128), mediaType: "x".repeat(256), size: 262_144, at: START };
    const names = Array.from(
      { length: 40 },
      (_, index) => `abcd${"efghi".slice(0, index % 6)}${String(index)}`,
    );
    const words = wordsOfClasses(Object.fromEntries(names.map((name) => [name, one])));
    expect(encodeURIComponent(JSON.stringify(words)).length).toBeLessThan(4096);
    expect(words["answers"]?.split("sha512:")).toHaveLength(2);
  });

  it("garbage is nothing, and no fault", () => {
    const good = JSON.stringify([ONE, "application/json", 2]);
    const values = fc.oneof(fc.string(), fc.json(), fc.constantFrom("[]", "null", `[${good}]`));
    const shown = fc.oneof(
      values,
      fc.constantFrom('{"a":[0,"1"]}', '{"a":[0,1.5]}', '{"a":["0",1]}', '{"a":[1,1]}'),
    );
    fc.assert(
      fc.property(values, shown, (answers, of) => {
        expect(parseClasses({ answers, classes: of }, 10 ** 15)).toEqual({});
      }),
      RUNS,
    );
    expect(parseClasses(undefined, START)).toEqual({});
  });

  it.each([
    '["latest","a/b",2]',
    `["${ONE}",2,2]`,
    `["${ONE}","a/b","2"]`,
    `["${ONE}","a/b",1.5]`,
    "{}",
    "null",
  ])("an answer that is not one: %s", (answer) => {
    expect(parseClasses({ answers: `[${answer}]`, classes: '{"a":[0,1]}' }, START)).toEqual({});
  });
});
