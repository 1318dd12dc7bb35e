// Access rules that this version cannot keep close the proxy instead of being ignored.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";
import { ACCESS_VARIABLES } from "../../src/config/variables.ts";

const EXAMPLE = "https://registry.example.com";

/** The faults, one line each; none for a valid configuration. */
function faultsOf(env: unknown): string[] {
  const result = readConfig(env);
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("access variables", () => {
  const ROUTES = { a: EXAMPLE };

  it("S20: are these", () => {
    expect(ACCESS_VARIABLES).toEqual([
      "ACCESS_USERS",
      "TOKEN_KEY",
      "ALLOWED_IPS",
      "ALLOWED_COUNTRIES",
      "ALLOWED_REPOSITORIES",
      "BLOCKED_REPOSITORIES",
      "READ_ONLY",
      "UPSTREAM_CREDENTIALS",
      "CLOSED",
    ]);
  });

  it.each(ACCESS_VARIABLES)("close the proxy while there is no access control (S2): %s", (variable) => {
    for (const value of ["alice:secret", "x", true, "true", "False", 1, 0, ["x"], {}, () => undefined]) {
      const faults = faultsOf({ ROUTES, [variable]: value });
      expect(faults).toHaveLength(1);
      expect(faults[0]).toMatch(new RegExp(`^${variable}: access control is not part of this version`));
    }
  });

  it.each(ACCESS_VARIABLES)("S20: close when they are there and empty or blank: %s", (variable) => {
    for (const value of ["", " ", "\n\t", null, []]) {
      expect(faultsOf({ ROUTES, [variable]: value })).toEqual([
        expect.stringMatching(new RegExp(`^${variable}: access control is not part of this version`)),
      ]);
    }
    expect(faultsOf({ ROUTES, [variable]: "" })[0]).toContain("it is there, and empty");
    expect(faultsOf({ ROUTES, [variable]: " " })[0]).toContain("it is there, and blank");
    expect(faultsOf({ ROUTES, [variable]: undefined })).toEqual([]);
  });

  it.each([false, "false"])("may say that the proxy is neither read-only nor closed: %j", (value) => {
    expect(faultsOf({ ROUTES, READ_ONLY: value, CLOSED: value })).toEqual([]);
  });

  it.each([true, "true"])("S20: CLOSED = %j is a fault, since nobody could be admitted", (CLOSED) => {
    expect(faultsOf({ ROUTES, CLOSED })).toEqual([expect.stringContaining("nobody could be admitted")]);
  });

  it("close a table with a key row, which this version would serve to all (S2)", () => {
    expect(faultsOf({ ROUTES: { a: EXAMPLE, abcdefghijklmnopqrst: { upstream: "*", key: true } } })).toEqual([
      expect.stringContaining("`key` is not an option of a row"),
    ]);
  });

  it("are never told with their values", () => {
    for (const variable of ACCESS_VARIABLES) {
      for (const value of ["canary", "alice:canary", ["canary"], { canary: "canary" }])
        expect(faultsOf({ ROUTES, [variable]: value }).join()).not.toContain("canary");
    }
    expect(faultsOf({ ROUTES: { a: "https://alice:canary@a.example" } }).join()).not.toContain("canary");
    expect(
      faultsOf({ ROUTES: { a: { upstream: EXAMPLE, realm: "https://alice:canary@a.example" } } }).join(),
    ).not.toContain("canary");
  });
});
