// Access variables as a whole: one that is there and is not understood closes, and what closes is known as closed (S20).
import { describe, expect, it } from "vitest";
import type { Access } from "../../src/config/access.ts";
import { describeFault, readConfig, type Config } from "../../src/config/config.ts";
import { ACCESS_VARIABLES } from "../../src/config/variables.ts";

const EXAMPLE = "https://registry.example.com";
const ROUTES = { a: EXAMPLE };
const KEY = "k3y0fnobodyknowswhere";

/** The faults, one line each; none for a valid configuration. */
function faultsOf(env: Record<string, unknown>): string[] {
  const result = readConfig({ ROUTES, ...env });
  return result.ok ? [] : result.faults.map(describeFault);
}

function configOf(env: Record<string, unknown>): Config {
  const result = readConfig({ ROUTES, ...env });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config;
}

function accessOf(env: Record<string, unknown>): Access {
  return configOf(env).access;
}

const MAY_BE_FALSE = ["READ_ONLY", "CLOSED"];
/** What is right for each, so that nothing but the variable in question is wrong. */
const RIGHT: Readonly<Record<string, unknown>> = {
  ACCESS_USERS: "alice:secret",
  TOKEN_KEY: "0123456789abcdef",
  ALLOWED_IPS: "192.0.2.1",
  ALLOWED_COUNTRIES: "DE",
  ALLOWED_REPOSITORIES: "registry.example.com/**",
  BLOCKED_REPOSITORIES: "registry.example.com/**",
  READ_ONLY: true,
  UPSTREAM_CREDENTIALS: '{"registry.example.com":"alice:secret"}',
  CLOSED: true,
};
const beside = (variable: string): Record<string, unknown> =>
  variable === "ACCESS_USERS" ? {} : { ACCESS_USERS: "alice:secret" };

describe("access variables", () => {
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

  it("S20: let everybody in where none is there", () => {
    const unset = Object.fromEntries(ACCESS_VARIABLES.map((variable) => [variable, undefined]));
    for (const env of [
      {},
      unset,
      { READ_ONLY: false, CLOSED: "false" },
      { READ_ONLY: "false", CLOSED: false },
    ]) {
      expect(accessOf(env)).toEqual({
        users: new Map(),
        tokenKey: "",
        networks: [],
        countries: undefined,
        allowed: undefined,
        blocked: [],
        readOnly: false,
        accounts: new Map(),
        hasKeys: false,
        isClosed: false,
      });
    }
  });

  it.each(Object.keys(RIGHT))("S20: are no fault where they are right: %s", (variable) => {
    expect(faultsOf({ ...beside(variable), [variable]: RIGHT[variable] })).toEqual([]);
  });

  it.each(ACCESS_VARIABLES)("S20: close when they are there and empty or blank: %s", (variable) => {
    for (const value of ["", " ", "\n\t", null, [], {}]) {
      expect(faultsOf({ ...beside(variable), [variable]: value }), JSON.stringify(value)).toEqual([
        expect.stringMatching(new RegExp(`^${variable}: .*remove it`)),
      ]);
    }
    expect(faultsOf({ [variable]: "" })[0]).toMatch(/is there, and empty/);
    expect(faultsOf({ [variable]: " " })[0]).toMatch(/is there, and blank/);
    expect(faultsOf({ [variable]: [] })[0]).toMatch(/is there, and a list with nothing in it/);
    expect(faultsOf({ [variable]: {} })[0]).toMatch(/is there, and a table with nothing in it/);
  });

  it.each(ACCESS_VARIABLES)("S20: close when they are of a wrong type: %s", (variable) => {
    const isList = /^(?:ALLOWED|BLOCKED)_/.test(variable);
    for (const value of [1, 0, Number.NaN, { a: "b" }, () => undefined, [1], [null], [[]], [{}]])
      expect(faultsOf({ ...beside(variable), [variable]: value }), typeof value).toHaveLength(1);
    for (const value of MAY_BE_FALSE.includes(variable)
      ? ["True", "yes", "0", "FALSE", " true"]
      : [true, false])
      expect(faultsOf({ ...beside(variable), [variable]: value }), String(value)).toHaveLength(1);
    if (!isList) expect(faultsOf({ ...beside(variable), [variable]: [RIGHT[variable]] })).toHaveLength(1);
  });

  it("S20: that are lists are none of commas only", () => {
    for (const variable of ACCESS_VARIABLES.filter((name) => /^(?:ALLOWED|BLOCKED)_/.test(name)))
      expect(faultsOf({ [variable]: " , ," })).toEqual([
        expect.stringContaining(`${variable}: has only commas`),
      ]);
  });
});

describe("S20: a proxy is closed", () => {
  it.each<[string, Record<string, unknown>, boolean]>([
    ["by users", { ACCESS_USERS: "alice:secret" }, true],
    ["by addresses", { ALLOWED_IPS: ["192.0.2.1"] }, true],
    ["by a key row", { ROUTES: { a: EXAMPLE, [KEY]: { upstream: "*", key: true } } }, true],
    ["not by a universal row", { ROUTES: { a: EXAMPLE, b: { upstream: "*", key: false }, c: "*" } }, false],
    ["not by countries", { ALLOWED_COUNTRIES: "DE" }, false],
    ["not by rules about repositories", { ALLOWED_REPOSITORIES: "**", BLOCKED_REPOSITORIES: "**" }, false],
    ["not by being read-only", { READ_ONLY: true }, false],
  ])("%s", (_, env, isClosed) => {
    expect(accessOf(env).isClosed).toBe(isClosed);
  });
});

describe("S20: CLOSED", () => {
  it.each([true, "true"])("is a fault where nobody could be admitted: %j", (CLOSED) => {
    const nobody =
      "CLOSED: is true, and nobody could be admitted: write ACCESS_USERS, ALLOWED_IPS or a row with `key`, or remove it";
    expect(faultsOf({ CLOSED })).toEqual([nobody]);
    expect(
      faultsOf({ CLOSED, ALLOWED_COUNTRIES: "DE", READ_ONLY: true, BLOCKED_REPOSITORIES: "**" }),
    ).toEqual([nobody]);
  });

  it.each<Record<string, unknown>>([
    { ACCESS_USERS: "alice:secret" },
    { ALLOWED_IPS: "192.0.2.1" },
    { ROUTES: { a: EXAMPLE, [KEY]: { upstream: "*", key: true } } },
  ])("is none where somebody could: %j", (env) => {
    expect(faultsOf({ CLOSED: true, ...env })).toEqual([]);
  });

  it("does not repeat a fault of what would let somebody in", () => {
    expect(faultsOf({ CLOSED: true, ACCESS_USERS: "" })).toEqual([expect.stringMatching(/^ACCESS_USERS: /)]);
    expect(faultsOf({ CLOSED: true, ALLOWED_IPS: "x" })).toEqual([expect.stringMatching(/^ALLOWED_IPS: /)]);
    expect(faultsOf({ CLOSED: true, ROUTES: "{" })).toEqual([expect.stringMatching(/^ROUTES: /)]);
  });
});

describe("READ_ONLY", () => {
  it.each([true, "true"])("is read: %j", (READ_ONLY) => {
    expect(accessOf({ READ_ONLY }).readOnly).toBe(true);
  });
});

describe("ALLOWED_COUNTRIES", () => {
  it.each([["de, at\nT1"], ["DE AT t1 DE"], [["de", "At", "T1"]]])(
    "are kept in capitals: %j",
    (ALLOWED_COUNTRIES) => {
      expect(accessOf({ ALLOWED_COUNTRIES }).countries).toEqual(new Set(["DE", "AT", "T1"]));
    },
  );

  it("S14: are never the unknown one", () => {
    expect(faultsOf({ ALLOWED_COUNTRIES: "DE xx" })).toEqual([
      'ALLOWED_COUNTRIES: has "XX", an unknown country, from where nobody is let in: remove it',
    ]);
  });

  it("are told with what to write", () => {
    expect(faultsOf({ ALLOWED_COUNTRIES: "uk" })[0]).toContain('has "UK", no code of a country: write "GB"');
    expect(faultsOf({ ALLOWED_COUNTRIES: ["EU"] })[0]).toContain('has "EU", no country');
  });

  it.each(["DEU", "Germany", "D", "T2", "1", "*", "D1", "ÄÖ", "ßß", "ﬁ", "constructor"])(
    "are nothing else: %s",
    (one) => {
      expect(faultsOf({ ALLOWED_COUNTRIES: ["DE", one] })).toEqual([
        "ALLOWED_COUNTRIES: entry 2 is no country: write two letters such as DE, or T1 for Tor",
      ]);
    },
  );
});

describe("S11: the bucket keeps by default", () => {
  const textsOf = (env: Record<string, unknown>): string[] =>
    configOf(env).bucketRepositories.map(({ text }) => text);

  it("everything of a closed proxy, and nothing of an open one", () => {
    for (const BUCKET_REPOSITORIES of [undefined, null, "", " "]) {
      expect(textsOf({ ACCESS_USERS: "alice:secret", BUCKET_REPOSITORIES })).toEqual(["**"]);
      expect(textsOf({ ALLOWED_COUNTRIES: "DE", READ_ONLY: true, BUCKET_REPOSITORIES })).toEqual([]);
    }
  });

  it("what the owner says, where that is something", () => {
    const ACCESS_USERS = "alice:secret";
    expect(textsOf({ ACCESS_USERS, BUCKET_REPOSITORIES: [] })).toEqual([]);
    expect(textsOf({ ACCESS_USERS, BUCKET_REPOSITORIES: "registry.example.com/a" })).toEqual([
      "registry.example.com/a",
    ]);
  });
});
