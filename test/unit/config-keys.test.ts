// Rows with `key`: their label lets in, so it must not be guessed, and is called by its row's number (S16).
import { describe, expect, it } from "vitest";
import { mayBeShown } from "../../src/access/shown.ts";
import { describeFault, readConfig, type Config } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";
const KEY = "q7x2m9c4k8v1z5t3w6b0";
const ROW = { upstream: "*", key: true };

function faultsOf(ROUTES: unknown, more: Record<string, unknown> = {}): string[] {
  const result = readConfig({ ROUTES, ...more });
  const faults = result.ok ? [] : result.faults.map(describeFault);
  for (const fault of faults) expect(fault.toLowerCase()).not.toContain(KEY.slice(0, 10));
  return faults;
}

function configOf(ROUTES: unknown): Config {
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config;
}

describe("S16: a key row", () => {
  it.each([true, "true"])("is a universal one that lets in, with its number: key = %j", (key) => {
    const { routes } = configOf({ a: EXAMPLE, [KEY]: { upstream: "*", key }, b: "*" });
    expect(routes.get(KEY)).toEqual({ kind: "universal", key: true, row: 2 });
    expect(routes.get("b")).toEqual({ kind: "universal" });
  });

  it("is the same in JSON, and in any case", () => {
    const { routes } = configOf(JSON.stringify({ a: EXAMPLE, [KEY.toUpperCase()]: ROW }));
    expect(routes.get(KEY)).toEqual({ kind: "universal", key: true, row: 2 });
  });

  it.each([false, "false"])("is a row like others where it says %j", (key) => {
    const { routes, access } = configOf({
      a: EXAMPLE,
      all: { upstream: "*", key },
      b: { upstream: EXAMPLE, key },
    });
    expect(routes.get("all")).toEqual({ kind: "universal" });
    expect(access.isClosed).toBe(false);
  });

  it.each(["", " ", null, 1, 0, "yes", "True", [], {}, [true]])(
    "S20: is a fault where `key` is %j",
    (key) => {
      expect(faultsOf({ a: EXAMPLE, [KEY]: { upstream: "*", key } })).toEqual([
        expect.stringMatching(/^ROUTES, row 2: `key` is .*: write true or false$/),
      ]);
    },
  );

  it("is a fault with one registry, and with another option", () => {
    expect(faultsOf({ a: EXAMPLE, [KEY]: { upstream: EXAMPLE, key: true } })).toEqual([
      expect.stringContaining("ROUTES, row 2: `key` is an option of universal rows only"),
    ]);
    expect(faultsOf({ a: EXAMPLE, [KEY]: { ...ROW, store: false } })).toEqual([
      'ROUTES, row 2: a universal row ("*") has no `store`',
    ]);
  });

  it.each<[string, string]>([
    [KEY.slice(1), "has 19 characters: write 20 random letters and digits at least"],
    ["docker", "has 6 characters"],
    ["aaaaaaaaaaaaaaaaaaaaaaaa", "has 1 different characters"],
    ["123456789123456789123456789", "has 9 different characters"],
    ["password-password-password".replaceAll("password", "passwd"), "has 6 different characters"],
  ])("is a fault where its label can be guessed: %s", (key, expected) => {
    const faults = faultsOf({ a: EXAMPLE, [key]: ROW });
    expect(faults).toEqual([
      expect.stringContaining("ROUTES, row 2: a key that lets in must not be guessed, and this "),
    ]);
    expect(faults[0]).toContain(expected);
    expect(faults[0]).not.toContain(key);
  });

  it("may have no more than 10 different characters", () => {
    expect(faultsOf({ a: EXAMPLE, "01234567890123456789": ROW })).toEqual([]);
  });

  it("is a fault by a full host name", () => {
    expect(faultsOf({ a: EXAMPLE, [`${KEY}.example.com`]: ROW })).toEqual([
      expect.stringContaining("ROUTES, row 2: a row with `key` is a label, and has no dot"),
    ]);
    // Without quotes, TOML takes it apart.
    expect(faultsOf({ a: EXAMPLE, [KEY]: { example: { com: ROW } } })).toEqual([
      expect.stringContaining("ROUTES, row 2: a row needs an `upstream`"),
    ]);
  });

  it("is a fault beside a full name with its label, which would win and be shown", () => {
    expect(faultsOf({ a: EXAMPLE, [KEY]: ROW, [`${KEY}.example.com`]: "*" })).toEqual([
      expect.stringContaining("ROUTES, row 3: begins with the label of a row with `key`"),
    ]);
  });

  it("S20: lets nobody in out of [vars], and says so without its name", () => {
    for (const value of [ROW, { upstream: "*", Key: "true" }]) {
      const faults = faultsOf({ a: EXAMPLE }, { [KEY]: value });
      expect(faults).toEqual([
        "ROUTES: a row with `key` stands outside of the routes table, where it lets nobody in: move it below [vars.ROUTES]",
      ]);
    }
    expect(faultsOf({ a: EXAMPLE }, { OTHER: { key: "x" }, MORE: { upstream: "*" } })).toEqual([]);
  });
});

describe("S16: the label of a key row is shown", () => {
  it.each<[string, Record<string, unknown>]>([
    ["HOSTS", { HOSTS: `docker.example.com,${KEY}.example.com` }],
    ["HOSTS in capitals", { HOSTS: [`${KEY}.Example.com`.toUpperCase()] }],
    ["HOSTS with a port", { HOSTS: `${KEY}.example.com:443` }],
    ["HOSTS with a port, in capitals", { HOSTS: `${KEY.toUpperCase()}.example.com:443` }],
    ["a pattern", { ALLOWED_REPOSITORIES: `${KEY}.example.com/a` }],
    ["a pattern of the bucket", { BUCKET_REPOSITORIES: `x.${KEY}/a` }],
    ["another row's upstream", { ROUTES: { a: EXAMPLE, [KEY]: ROW, b: `http://${KEY}.example.com` } }],
    ["a long value that is cut", { TAG_TTL: `${"x".repeat(45)}/${KEY}` }],
    ["a row twice", { ROUTES: `{"a":"${EXAMPLE}","${KEY}":{"upstream":"*","key":true},"${KEY}":"*"}` }],
    [
      "a row that leads to itself",
      { HOSTS: `${KEY}.example.com`, ROUTES: { a: `https://${KEY}.example.com`, [KEY]: ROW } },
    ],
  ])("by no fault of %s", (_, env) => {
    // `faultsOf` looks for it.
    expect(faultsOf(env["ROUTES"] ?? { a: EXAMPLE, [KEY]: ROW }, env)).not.toEqual([]);
  });

  it("nor by HOSTS, in which it is a fault", () => {
    expect(faultsOf({ a: EXAMPLE, [KEY]: ROW }, { HOSTS: `${KEY}.example.com` })).toEqual([
      "HOSTS: has the host of a row with `key`, which nobody is to learn: remove it",
    ]);
    expect(
      faultsOf({ a: EXAMPLE, [KEY]: ROW }, { HOSTS: `x${KEY}.example.com a.${KEY}.example.com` }),
    ).toEqual([]);
  });

  it("to nobody who looks at the table: its owner sees its number and length", () => {
    const config = configOf({ a: "https://ghcr.io", [KEY]: ROW, b: "*" });
    const caller = {
      kind: "open",
      presented: { authorization: { kind: "none" }, header: undefined, dockerToken: undefined },
    } as const;
    const [open, owner] = [mayBeShown({ config, caller }), mayBeShown({ config, caller: { kind: "owner" } })];
    for (const shown of [open, owner]) {
      expect(shown.rows.map(({ key }) => key)).toEqual(["a", "b"]);
      expect(JSON.stringify(shown)).not.toContain(KEY);
    }
    expect([open.keyRows, owner.keyRows]).toEqual([[], [{ row: 2, characters: 20 }]]);
  });
});
