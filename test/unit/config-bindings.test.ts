// RATE_LIMITER and METRICS: what is bound under these names is told by what it can do.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const ROUTES = { a: "https://registry.example.com" };
const can = (...methods: string[]): unknown =>
  Object.fromEntries(methods.map((method) => [method, () => undefined]));

function faultsOf(env: Record<string, unknown>): string[] {
  const result = readConfig({ ROUTES, ...env });
  return result.ok ? [] : result.faults.map(describeFault);
}

describe.each([
  ["RATE_LIMITER", "limit", "[[ratelimits]]"],
  ["METRICS", "writeDataPoint", "[[analytics_engine_datasets]]"],
])("%s", (name, method, setting) => {
  it("is what can do it, or nothing", () => {
    expect(faultsOf({ [name]: can(method) })).toEqual([]);
    for (const nothing of [undefined, null, ""]) expect(faultsOf({ [name]: nothing })).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    [
      "a service binding, which seems to be able to do everything",
      can(method, "fetch"),
      /is a service binding, and not/,
    ],
    ["another binding", can("get", "put"), /is a table, and not/],
    ["a text", "on", /is a text, and not/],
  ])("is not %s", (_, value, reason) => {
    const [fault = ""] = faultsOf({ [name]: value });
    expect(fault).toMatch(reason);
    expect(fault).toContain(setting);
  });
});
