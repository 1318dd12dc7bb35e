// Range: one range of bytes of a body of a known size.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseRange } from "../../src/distribution/range.ts";

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
