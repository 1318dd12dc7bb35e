// The scan of JSON within bounds: as exact as JSON.parse, no further than a bound, a few looks at each byte.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scanObject, type ScanBounds } from "../../src/distribution/json-scan.ts";
import { bytesOf, counted, countOf, mutated, parse } from "./json-texts.ts";

const WIDE: ScanBounds = { bytes: 1 << 20, keys: 1000, values: 100_000, depth: 1000 };

/** What `JSON.parse` says of bytes. */
function isObject(bytes: Uint8Array): boolean {
  const value = parse(bytes);
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function expectSameAsParse(bytes: Uint8Array): void {
  const verdict = scanObject(bytes, WIDE);
  if (isObject(bytes) === (verdict === "broken")) {
    expect.fail(
      `${JSON.stringify(new TextDecoder().decode(bytes))} is ${JSON.stringify(verdict)} to the scan`,
    );
  }
}

describe("S11: the scan finds JSON where JSON.parse does", () => {
  it.each([
    "{}",
    " {\t\r\n} ",
    '{"":""}',
    '{"a":{"a":[]},"a":[{}]}',
    '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83d\\uDE00\\ud800"}',
    '{"a":"\u007f\u0080\u{10ffff}\ufeff"}',
    '{"a":[-0,0,1,10,1.5,0.0e0,1E+9,1e-9,true,false,null]}',
    '{"__proto__":1,"constructor":2}',
  ])("%j is an object", (text) => {
    expect(isObject(bytesOf(text))).toBe(true);
    expectSameAsParse(bytesOf(text));
  });

  it.each([
    ...["", " ", "null", "[]", '"a"', "0", "{", "}", "{}}", "{}{}", "{},", "{}x"],
    ...["{}\0", "\ufeff{}", "\v{}", "\u00a0{}", "{}//", "{/**/}", "{'a':1}", "{a:1}"],
    ...['{"a"}', '{"a":}', '{"a":1,}', "{,}", '{"a":1 "b":2}', '{"a"::1}', "{1:1}"],
    ...['{"a":[}', '{"a":[1,]}', '{"a":[1 2]}', '{"a":[1}', '{"a":1]', '{"a":[[]}'],
    ...['{"a', '{"a":"', '{"a":"\\', '{"a":"\\"', '{"a":"\\u00', '{"a":"\\u00"}', '{"a":"\t"}'],
    ...['{"a":tru}', '{"a":truee}', '{"a":True}', '{"a":nul', '{"a":NaN}', '{"a":0x1}'],
  ])("%j is none", (text) => {
    expect(isObject(bytesOf(text))).toBe(false);
    expect(scanObject(bytesOf(text), WIDE)).toBe("broken");
  });

  it("every number of up to five characters", () => {
    const texts = [""];
    for (let length = 0; length < 5; length += 1) {
      const longest = texts.filter((text) => text.length === length);
      texts.push(...longest.flatMap((text) => "019-+.eE".split("").map((character) => text + character)));
    }
    for (const text of texts) expectSameAsParse(bytesOf(`{"a":${text}}`));
  });

  it("every sequence of UTF-8 that is near one", () => {
    const edges = [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    const [before, after] = [bytesOf('{"'), bytesOf('":1}')];
    for (let first = 0x80; first <= 0xff; first += 1) {
      const pairs = edges.flatMap((second) => edges.map((third) => [first, second, third]));
      for (const start of pairs) {
        for (const last of [0x61, 0x80, 0xbf, 0xc0]) {
          expectSameAsParse(Uint8Array.of(...before, ...start, last, ...after));
        }
      }
    }
  });

  it("every byte in the place of every byte", () => {
    const whole = bytesOf('{ "a\\n" : [1.5e3, true,null] ,"\\u00e9é":{} }');
    for (let at = 0; at < whole.length; at += 1) {
      for (let byte = 0; byte <= 0xff; byte += 1) expectSameAsParse(whole.with(at, byte));
      expectSameAsParse(whole.subarray(0, at));
    }
  });

  it("any words in any order", () => {
    const words = [...'{}[]:,1- "\\'.split(""), '"a"', '"b"', "true", "null", "e5"];
    const soup = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((list) => list.join(""));
    const check = (text: string): void => {
      expectSameAsParse(bytesOf(text));
      expectSameAsParse(bytesOf(`{"a":${text}}`));
    };
    fc.assert(fc.property(soup, check), { seed: 11, numRuns: 5000 });
  });

  it("any JSON, as it was written and with bytes of it changed", () => {
    const check = (text: string, changed: Uint8Array): void => {
      expectSameAsParse(bytesOf(text));
      expectSameAsParse(changed);
    };
    const document = fc
      .tuple(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" })),
        fc.nat({ max: 3 }),
      )
      .map(([value, indent]) => JSON.stringify(value, null, indent));
    const both = document.chain((text) => fc.tuple(fc.constant(text), mutated(bytesOf(text))));
    fc.assert(
      fc.property(both, ([text, changed]) => check(text, changed)),
      { seed: 11, numRuns: 1000 },
    );
  });
});

describe("the members of the outermost object", () => {
  it("come in their order, repeated ones too, with their keys unescaped", () => {
    const text = '{ "b" : [1, {"x":2}] ,"2":-1.5,"\\u0062":"}\\"", "é": null }';
    const members = scanObject(bytesOf(text), WIDE);
    if (typeof members === "string") expect.fail(members);
    const values = members.map(({ key, start, end }) => [
      key,
      new TextDecoder().decode(bytesOf(text).subarray(start, end)),
    ]);
    expect(values).toEqual([
      ["b", '[1, {"x":2}]'],
      ["2", "-1.5"],
      ["b", '"}\\""'],
      ["é", "null"],
    ]);
  });

  it("are what JSON.parse finds", () => {
    const objects = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue());
    const check = (object: object, indent: number): void => {
      const bytes = bytesOf(JSON.stringify(object, null, indent));
      const members = scanObject(bytes, WIDE);
      if (typeof members === "string") expect.fail(members);
      const found = members.map(({ key, start, end }) => [key, parse(bytes.subarray(start, end))]);
      expect(new Map(found as [string, unknown][])).toEqual(new Map(Object.entries(parse(bytes) as object)));
    };
    fc.assert(fc.property(objects, fc.nat({ max: 2 }), check), { seed: 11, numRuns: 500 });
  });
});

describe("S11, F2: the bounds of the scan", () => {
  it("are those of what JSON.parse finds", () => {
    const objects = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 6 }), { maxKeys: 8 });
    const bounds = fc.record({
      keys: fc.nat({ max: 8 }),
      values: fc.nat({ max: 30 }),
      depth: fc.nat({ max: 6 }),
      bytes: fc.nat({ max: 300 }),
    });
    const check = (object: Record<string, unknown>, most: ScanBounds): void => {
      const bytes = bytesOf(JSON.stringify(object));
      const { values, depth } = countOf(object);
      const fits =
        Object.keys(object).length <= most.keys &&
        values <= most.values &&
        depth <= most.depth &&
        bytes.length <= most.bytes;
      expect(Array.isArray(scanObject(bytes, most))).toBe(fits);
      if (!fits) expect(scanObject(bytes, most)).toBe("beyond");
    };
    fc.assert(fc.property(objects, bounds, check), { seed: 2, numRuns: 2000 });
  });

  const few: ScanBounds = { bytes: 1000, keys: 2, values: 8, depth: 3 };
  it.each([
    ["keys", '{"a":1,"b":2,', '"c":3'],
    ["values", '{"a":[1,2,3,4,5,6,', "7"],
    ["depth", '{"a":[[', "["],
  ])("of %s end it where the first that is too many begins", (_, before, next) => {
    const [bytes, reads] = counted(bytesOf((before + next).padEnd(1000)));
    expect(scanObject(bytes, few)).toBe("beyond");
    expect(reads.furthest).toBeLessThanOrEqual(before.length);
  });

  it.each([
    ["an object", '{"a":1}', "beyond", 0],
    ["a page", "<html>", "broken", 0],
    ["space", "", "beyond", 999],
  ])("of bytes: of %s nothing is looked at but how it begins", (_, before, verdict, furthest) => {
    const [bytes, reads] = counted(bytesOf(before.padEnd(1001)));
    expect(scanObject(bytes, few)).toBe(verdict);
    expect(reads.furthest).toBe(furthest);
  });

  it("whatever comes, each byte is looked at a few times only (S17)", () => {
    const pieces = [...'["\\,]}-1 é'.split(""), "\u{10ffff}", '{"a":', "\\u00e9", "true"];
    const hostile = fc
      .array(fc.tuple(fc.constantFrom(...pieces), fc.integer({ min: 1, max: 300 })), {
        minLength: 1,
        maxLength: 8,
      })
      .map((runs) => `{"a":${runs.map(([piece, times]) => piece.repeat(times)).join("")}`);
    const check = (text: string): void => {
      const [bytes, reads] = counted(bytesOf(text));
      scanObject(bytes, WIDE);
      expect(reads.count).toBeLessThanOrEqual(8 * bytes.length + 8);
    };
    fc.assert(fc.property(hostile, check), { seed: 17, numRuns: 500 });
  });
});
