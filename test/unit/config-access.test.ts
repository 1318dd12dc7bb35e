// Access rules that this version cannot keep close the proxy instead of being ignored.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";

/** The faults, one line each; none for a valid configuration. */
function faultsOf(env: unknown): string[] {
  const result = readConfig(env);
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("access variables", () => {
  const ROUTES = { a: EXAMPLE };
  const VARIABLES = [
    "ACCESS_USERS",
    "ALLOWED_COUNTRIES",
    "ALLOWED_IPS",
    "ALLOWED_REPOSITORIES",
    "BLOCKED_REPOSITORIES",
    "READ_ONLY",
    "UPSTREAM_CREDENTIALS",
  ];

  it.each(VARIABLES)("close the proxy while there is no access control (S2): %s", (variable) => {
    for (const value of ["alice:secret", "x", " ", true, "true", 1, 0, [], ["x"], {}]) {
      const faults = faultsOf({ ROUTES, [variable]: value });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(new RegExp(`^${variable}: access control is not part of this version`));
    }
  });

  it("are unset when they are empty", () => {
    for (const value of [undefined, null, ""]) {
      expect(faultsOf({ ROUTES, ...Object.fromEntries(VARIABLES.map((name) => [name, value])) })).toEqual([]);
    }
  });

  it.each([false, "false"])("may say that the proxy is not read-only: %j", (READ_ONLY) => {
    expect(faultsOf({ ROUTES, READ_ONLY })).toEqual([]);
  });

  it("close a table with a key row, which this version would serve to all (S2)", () => {
    expect(faultsOf({ ROUTES: { a: EXAMPLE, abcdefghijklmnopqrst: { upstream: "*", key: true } } })).toEqual([
      expect.stringContaining("`key` is no option of a row"),
    ]);
  });

  it("are never told with their values", () => {
    expect(faultsOf({ ROUTES, ACCESS_USERS: "alice:canary" }).join()).not.toContain("canary");
    expect(faultsOf({ ROUTES: { a: "https://alice:canary@a.example" } }).join()).not.toContain("canary");
    expect(
      faultsOf({ ROUTES: { a: { upstream: EXAMPLE, realm: "https://alice:canary@a.example" } } }).join(),
    ).not.toContain("canary");
  });
});
