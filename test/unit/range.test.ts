// Range: written anew for the registry, and one range of bytes of a body of a known size.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRange, readRanges } from "../../src/distribution/range.ts";

/** A number or a range as it should be written, and as somebody may write it. */
interface Written {
  readonly plain: string;
  readonly odd: string;
}

describe("a range of a body of 10 bytes", () => {
  it.each<[string, number, number]>([
    ["bytes=0-0", 0, 0],
    ["bytes=0-9", 0, 9],
    ["bytes=0-", 0, 9],
    ["bytes=9-", 9, 9],
    ["bytes=3-5", 3, 5],
    ["bytes=3-99", 3, 9],
    ["bytes=-1", 9, 9],
    ["bytes=-10", 0, 9],
    ["bytes=-99", 0, 9],
    ["  bytes=1-2 ", 1, 2],
    ["bytes=000-001", 0, 1],
  ])("%j", (header, start, end) => {
    expect(parseRange(header, 10)).toEqual({ start, end });
  });

  it.each(["bytes=10-", "bytes=10-11", "bytes=99-", "bytes=-0"])("%j cannot be satisfied", (header) => {
    expect(parseRange(header, 10)).toBe("unsatisfiable");
  });

  it.each([
    null,
    "",
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=5-2",
    "bytes=0-1,3-4",
    "bytes=0-1,",
    "lines=0-1",
    "bytes 0-1",
    "bytes=a-b",
    "bytes=0x1-2",
    "bytes=--1",
    "bytes=1.5-2",
    "bytes=0-1\nX: y",
  ])("%j may be ignored: the whole is served", (header) => {
    expect(parseRange(header, 10)).toBeUndefined();
  });
});

describe("a range of an empty body", () => {
  it.each(["bytes=0-", "bytes=0-0", "bytes=-1"])("%j cannot be satisfied", (header) => {
    expect(parseRange(header, 0)).toBe("unsatisfiable");
  });
});

describe("whatever is asked", () => {
  const size = fc.nat({ max: 1_000_000 });

  it("a range lies within the body, and is not empty", () => {
    const header = fc.oneof(
      fc.tuple(fc.nat(), fc.nat()).map(([start, end]) => `bytes=${start}-${end}`),
      fc.nat().map((start) => `bytes=${start}-`),
      fc.nat().map((length) => `bytes=-${length}`),
      fc.string(),
      fc.string().map((text) => `bytes=${text}`),
    );
    fc.assert(
      fc.property(header, size, (text, whole) => {
        const range = parseRange(text, whole);
        if (range === undefined || range === "unsatisfiable") return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThan(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("a part that exists is found as it was asked", () => {
    const part = fc
      .integer({ min: 1, max: 1_000_000 })
      .chain((whole) => fc.tuple(fc.constant(whole), fc.nat({ max: whole - 1 }), fc.nat({ max: whole - 1 })));
    fc.assert(
      fc.property(part, ([whole, one, other]) => {
        const [start, end] = [Math.min(one, other), Math.max(one, other)];
        expect(parseRange(`bytes=${start}-${end}`, whole)).toEqual({ start, end });
        expect(parseRange(`bytes=${start}-`, whole)).toEqual({ start, end: whole - 1 });
        expect(parseRange(`bytes=-${whole - start}`, whole)).toEqual({ start, end: whole - 1 });
      }),
      { numRuns: 300 },
    );
  });
});

describe("S18: a range in our own words", () => {
  it("is none without a header", () => {
    expect(readRanges(null)).toEqual({ kind: "none" });
  });

  it.each([
    ["bytes=0-0", "bytes=0-0"],
    ["bytes=5-", "bytes=5-"],
    ["bytes=-5", "bytes=-5"],
    ["bytes=-0", "bytes=-0"],
    ["bytes=3-3", "bytes=3-3"],
    ["Bytes=1-2", "bytes=1-2"],
    ["BYTES=1-", "bytes=1-"],
    ["  bytes= 1-2\t", "bytes=1-2"],
    ["bytes=007-0010", "bytes=7-10"],
    ["bytes=-000", "bytes=-0"],
    ["bytes=0-999999999999999", "bytes=0-999999999999999"],
  ])("%j is one, %j", (header, words) => {
    expect(readRanges(header)).toEqual({ kind: "one", words, isWhole: false });
  });

  it.each(["bytes=0-", "bytes=000-", " BYTES=0- "])("%j is the whole", (header) => {
    expect(readRanges(header)).toEqual({ kind: "one", words: "bytes=0-", isWhole: true });
  });

  it.each([
    ["bytes=0-1,3-4", "bytes=0-1,3-4"],
    ["Bytes=05-6 , -2,\t0-", "bytes=5-6,-2,0-"],
    ["bytes=0-,0-", "bytes=0-,0-"],
  ])("%j are several, %j", (header, words) => {
    expect(readRanges(header)).toEqual({ kind: "several", words });
  });

  it("are several up to 8 KiB", () => {
    const header = `bytes=${"0-1,".repeat(2045)}10-200`;
    expect(header.length).toBe(8 * 1024);
    expect(readRanges(header)).toEqual({ kind: "several", words: header });
    expect(readRanges(`${header}0`)).toEqual({ kind: "odd" });
    expect(readRanges(`bytes=0-1${" ".repeat(8 * 1024)}`)).toEqual({ kind: "odd" });
  });

  it.each([
    ...[
      "",
      "bytes",
      "bytes=",
      "bytes=-",
      "=0-1",
      "bytes==0-1",
      "bytes=0-1=",
      "lines=0-1",
      "bytes 0-1",
      "bytes =0-1",
    ],
    ...[
      "bytes=5-2",
      "bytes=0-1,5-2",
      "bytes=0-1,",
      "bytes=,0-1",
      "bytes=0-1,,3-4",
      "bytes=0-1;3-4",
      "bytes=0 - 1",
    ],
    ...[
      "bytes=a-b",
      "bytes=0x1-2",
      "bytes=--1",
      "bytes=1-2-3",
      "bytes=1.5-2",
      "bytes=1e3-",
      "bytes=+1-2",
      "bytes=1",
    ],
    ...[
      "bytes=0-1\nX: y",
      "bytes=0-1000000000000000",
      "bytes=0000000000000001-",
      "bytes=\u0661-",
      "bytes=*",
      "none",
    ],
  ])("%j is odd", (header) => {
    expect(readRanges(header)).toEqual({ kind: "odd" });
  });

  it("says what was asked, and the same when it is read again", () => {
    const written = (value: number): fc.Arbitrary<Written> =>
      fc.nat({ max: 3 }).map((zeros) => ({ plain: String(value), odd: "0".repeat(zeros) + String(value) }));
    const join = (first: Written, last: Written): Written => ({
      plain: `${first.plain}-${last.plain}`,
      odd: `${first.odd}-${last.odd}`,
    });
    const none: Written = { plain: "", odd: "" };
    const spec = fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 2 })).chain(([start, length, form]) => {
      if (form === 0) return written(start).map((first) => join(first, none));
      if (form === 1) return written(length).map((last) => join(none, last));
      return fc.tuple(written(start), written(start + length)).map(([first, last]) => join(first, last));
    });
    const space = fc.stringMatching(/^[ \t]{0,2}$/);
    const members = fc.array(fc.tuple(space, spec, space), { minLength: 1, maxLength: 5 });
    const check = (list: [string, Written, string][], unit: string): void => {
      const header = `${unit}=${list.map(([before, { odd }, after]) => before + odd + after).join(",")}`;
      const read = readRanges(header);
      if (read.kind !== "one" && read.kind !== "several") expect.fail(`${header} is ${read.kind}`);
      expect(read.kind).toBe(list.length === 1 ? "one" : "several");
      expect(read.words).toBe(`bytes=${list.map(([, { plain }]) => plain).join(",")}`);
      expect(readRanges(read.words)).toEqual(read);
    };
    const unit = fc.constantFrom("bytes", "Bytes", "BYTES");
    fc.assert(fc.property(members, unit, check), { seed: 18, numRuns: 1000 });
  });

  it("only ever has digits, hyphens and commas behind its unit, and is no longer than what came", () => {
    const header = fc
      .array(fc.constantFrom("bytes=", "0", "17", "-", ",", " ", "=", "\n", "é", "\u0661", "a"), {
        maxLength: 12,
      })
      .map((pieces) => `bytes=${pieces.join("")}`);
    const check = (text: string): void => {
      const read = readRanges(text);
      if (read.kind !== "one" && read.kind !== "several") return;
      expect(read.words).toMatch(/^bytes=[\d,-]+$/);
      expect(read.words.length).toBeLessThanOrEqual(text.length);
    };
    fc.assert(fc.property(header, check), { seed: 18, numRuns: 2000 });
  });

  it("is the same range of a body as before", () => {
    const check = (first: number, last: number, size: number): void => {
      for (const header of [`bytes=${first}-${last}`, `bytes=00${first}-`, `bytes=-${last}`]) {
        const read = readRanges(header);
        const words = read.kind === "one" ? read.words : null;
        expect(parseRange(words, size)).toEqual(parseRange(header, size));
      }
    };
    const number = fc.nat({ max: 50 });
    fc.assert(fc.property(number, number, number, check), { seed: 18, numRuns: 500 });
  });
});
