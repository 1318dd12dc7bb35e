// What a routes table says twice: the last word does not win in silence.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

function faultsOf(ROUTES: unknown): string[] {
  const result = readConfig({ ROUTES });
  return result.ok ? [] : result.faults.map(describeFault);
}

const R = "https://r.example.com";

describe("S20: what a JSON table says twice", () => {
  it.each([
    ["a row that was to let in by key", `{"x":{"upstream":"*","key":true},"x":"*","a":"${R}"}`],
    ["a row without a store", `{"a":{"upstream":"${R}","store":false},"a":"${R}"}`],
    ["a row under an escape", `{"a":{"upstream":"${R}","store":false},"\\u0061":"${R}"}`],
    ["a row that is none", `{"a":{"upstream":"${R}","x":${"[".repeat(20)}${"]".repeat(20)}},"a":"${R}"}`],
    ["an option", `{"a":{"upstream":"${R}","store":false,"store":true}}`],
  ])("%s is a fault, and not the last word", (_, table) => {
    expect(faultsOf(table)).not.toEqual([]);
  });

  it("is named: the row, the option", () => {
    expect(faultsOf(`{"a":{"upstream":"${R}","store":false},"b":"${R}","a":"${R}"}`)).toEqual([
      'ROUTES, row "a": the table has this key twice (case does not count)',
    ]);
    expect(faultsOf(`{"a":{"upstream":"${R}","store":false,"store":true,"store":true}}`)).toEqual([
      'ROUTES, row "a": has "store" twice: which of them counts cannot be told',
    ]);
  });

  it("is called by its number where one of the two lets in by its key (S16)", () => {
    const faults = faultsOf(`{"canary":{"upstream":"*","key":true},"a":"${R}","Canary":"*"}`).join("\n");
    expect(faults).toContain("ROUTES, row 3: the table has this key twice");
    expect(faults).not.toMatch(/canary/i);
  });

  it("is no fault in different rows", () => {
    expect(faultsOf(`{"a":{"upstream":"${R}","store":false},"b":{"upstream":"${R}","store":false}}`)).toEqual(
      [],
    );
  });
});

describe("S14: store = false", () => {
  const upstream = "https://harbor.example.com";
  const other = { upstream, registry: "other.example.com" };

  it("holds for the upstream: another row that keeps it, under another name, is a fault", () => {
    const expected = [
      `ROUTES, row "b": nothing of ${upstream} is to be kept, by row "a": write \`store = false\` here too`,
    ];
    expect(faultsOf({ a: { upstream, store: false }, b: other })).toEqual(expected);
    expect(faultsOf({ b: other, c: { upstream }, a: { upstream, store: false } })).toEqual(expected);
    expect(faultsOf({ a: { upstream, store: false }, b: { ...other, store: true } })).toEqual(expected);
  });

  it("may be said by each name, and of another upstream alone", () => {
    expect(faultsOf({ a: { upstream, store: false }, b: { ...other, store: false }, c: R })).toEqual([]);
    expect(faultsOf({ a: { upstream, store: false }, c: R })).toEqual([]);
  });
});
