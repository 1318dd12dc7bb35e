// Where a text stops being JSON.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeJsonFault } from "../../src/config/json-fault.ts";
import { cpuTimeOf } from "./cpu-time.ts";

describe("the fault of a text that is not JSON", () => {
  it.each<[string, string]>([
    ["", "line 1, column 1, where a value was expected"],
    ["  \r\n\t x", "line 2, column 3, where a value was expected"],
    ["tru", "line 1, column 1, where a value was expected"],
    ["01", "line 1, column 1, where a value was expected"],
    ["[1.]", "line 1, column 2, where a value was expected"],
    ["[,]", "line 1, column 2, where a value was expected"],
    ["[1,]", "line 1, column 4, where a value was expected"],
    ["[1}", 'line 1, column 3, where a comma or "]" was expected'],
    ['{"a":1]', 'line 1, column 7, where a comma or "}" was expected'],
    ['{"a":}', "line 1, column 6, where a value was expected"],
    ['{"a"}', "line 1, column 5, where a colon was expected"],
    ["{,}", "line 1, column 2, where a name in double quotes was expected"],
    ["{a:1}", "line 1, column 2, where a name in double quotes was expected"],
    ['"\\x"', "line 1, column 1, where a value was expected"],
    ['"a\nb"', "line 1, column 1, where a value was expected"],
    ["// x\n{}", "line 1, column 1, where a value was expected"],
    ["{} // x", "line 1, column 4, where nothing more was expected"],
  ])("%j is at %s", (text, expected) => {
    expect(describeJsonFault(text)).toBe(expected);
  });

  it("is found exactly where JSON.parse finds one, wherever something is wrong", () => {
    const end = (text: string): string => {
      const lines = text.split("\n");
      return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}, where nothing more`;
    };
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    const mark = fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "a", "1", "-", ".", " ", "\n", "\\");
    // What is JSON is read to its end, where nothing more is expected; what is not stops before, or in want of more.
    const text = fc.oneof(
      fc.json(),
      fc.tuple(fc.json(), fc.nat(), fc.oneof(mark, fc.constant(""))).map(([json, at, letter]) => {
        const cut = at % (json.length + 1);
        return json.slice(0, cut) + letter + json.slice(cut + 1);
      }),
      fc.string({ unit: mark }),
    );
    fc.assert(
      fc.property(text, (each) => {
        expect(describeJsonFault(each).startsWith(end(each))).toBe(isJson(each));
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes linear time, however deep and long", () => {
    for (const text of [
      "[".repeat(200_000),
      `"${"a".repeat(200_000)}`,
      "[1,".repeat(100_000),
      " ".repeat(200_000),
    ]) {
      expect(cpuTimeOf(() => describeJsonFault(text))).toBeLessThan(1_000);
    }
  });
});
