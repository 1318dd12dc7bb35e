// ACCESS_USERS and TOKEN_KEY: who may log in. No fault shows a name or a password (S13, S20).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Access } from "../../src/config/access.ts";
import { describeFault, readConfig } from "../../src/config/config.ts";

const ROUTES = { a: "https://registry.example.com" };

function faultsOf(env: Record<string, unknown>): string[] {
  const result = readConfig({ ROUTES, ...env });
  return result.ok ? [] : result.faults.map(describeFault);
}

function accessOf(env: Record<string, unknown>): Access {
  const result = readConfig({ ROUTES, ...env });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config.access;
}

function usersOf(ACCESS_USERS: string): [string, string][] {
  return [...accessOf({ ACCESS_USERS }).users];
}

describe("S13: ACCESS_USERS", () => {
  it.each<[string, string, [string, string][]]>([
    ["one", "alice:secret", [["alice", "secret"]]],
    [
      "spaces between them",
      " alice:a  bob:b ",
      [
        ["alice", "a"],
        ["bob", "b"],
      ],
    ],
    [
      "line ends between them",
      "\nalice:a\r\nbob:b\n\tcarol:c",
      [
        ["alice", "a"],
        ["bob", "b"],
        ["carol", "c"],
      ],
    ],
    ["colons in a password", "alice:a:b::", [["alice", "a:b::"]]],
    ["commas in a password", "alice:a,b", [["alice", "a,b"]]],
    ["a name for mail", "al.ice+x@example.com:a", [["al.ice+x@example.com", "a"]]],
    [
      "names in two cases",
      "alice:a Alice:b",
      [
        ["alice", "a"],
        ["Alice", "b"],
      ],
    ],
    [
      "all that is printable",
      "a:!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~",
      [["a", "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~"]],
    ],
    ["names of everything's own properties", "constructor:a", [["constructor", "a"]]],
  ])("are names and passwords: %s", (_, text, expected) => {
    expect(usersOf(text)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["canary", "has no colon"],
    ["canary/canary", "has no colon"],
    [":canary", "has no name before its colon"],
    ["canary:", "has no password behind its colon"],
    [":", "has no name before its colon"],
    ["alice:canary", "has the name of entry 1: write each name once"],
    // On a universal host it would be alice of ghcr.io (S3).
    ["ghcr.io/canary:x", "has a name that is none"],
    ["/canary:x", "has a name that is none"],
    ["-canary:x", "has a name that is none"],
    ["canary.:x", "has a name that is none"],
    ["<canary>:x", "has a name that is none"],
    ["canary\\canary:x", "has a name that is none"],
    ["canáry:x", "has a name that is none"],
    [`${"c".repeat(65)}:canary`, "has a name that is none"],
    ["can\u0000ary:x", "has a name that is none"],
    ["bob:can\u0000ary", "has a character in its password"],
    ["bob:can\u007fary", "has a character in its password"],
    ["bob:canáry", "has a character in its password"],
    ["bob:can\u00a0ary", "has a character in its password"],
    ["bob:can\u2028ary", "has a character in its password"],
    ["bob:ferry.canary", 'has "ferry." in it'],
    ["bob:canary-Ferry.x", 'has "ferry." in it'],
    ["ferry.canary:x", 'has "ferry." in it'],
  ])("S20: have a fault by their number alone: %j", (entry, expected) => {
    const faults = faultsOf({ ACCESS_USERS: `alice:secret ${entry} carol:secret` });
    expect(faults).toEqual([expect.stringContaining(`ACCESS_USERS: entry 2 ${expected}`)]);
    expect(faults.join()).not.toMatch(/can|ary|alice|secret/);
  });

  it("S20: have all their faults at once", () => {
    expect(faultsOf({ ACCESS_USERS: "a :b c: d/e:f g:h" })).toHaveLength(4);
  });

  it("S20: are not read out of a list or a table", () => {
    for (const value of [["alice:canary"], { alice: "canary" }, true, 1]) {
      const faults = faultsOf({ ACCESS_USERS: value });
      expect(faults).toEqual([expect.stringMatching(/^ACCESS_USERS: is a .*: write name:password/)]);
      expect(faults.join()).not.toMatch(/canary|alice/);
    }
  });

  it("are 200 at most", () => {
    const users = Array.from({ length: 201 }, (_, index) => `u${index}:p`);
    expect(usersOf(users.slice(1).join("\n"))).toHaveLength(200);
    expect(faultsOf({ ACCESS_USERS: users.join(" ") })).toEqual([
      "ACCESS_USERS: has 201 users: write 200 at most",
    ]);
  });

  it("are 64 characters of a name at most", () => {
    const name = "n".repeat(64);
    expect(usersOf(`${name}:p`)).toEqual([[name, "p"]]);
  });

  it("are read back as they were written, whatever is printable in them", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9._@+-]{0,20}[A-Za-z0-9])?$/);
    const password = fc.stringMatching(/^[\x21-\x7e]{1,30}$/);
    const users = fc.uniqueArray(fc.tuple(name, password), { minLength: 1, selector: ([one]) => one });
    fc.assert(
      fc.property(users, fc.constantFrom(" ", "\n", "\r\n", " \t "), (all, between) => {
        fc.pre(!all.flat().join(" ").toLowerCase().includes("ferry."));
        expect(usersOf(all.map((user) => user.join(":")).join(between))).toEqual(all);
      }),
    );
  });
});

describe("S13: TOKEN_KEY", () => {
  const ACCESS_USERS = "alice:secret";

  it("is read as it is", () => {
    for (const TOKEN_KEY of ["0123456789abcdef", " with spaces of its own\n"])
      expect(accessOf({ ACCESS_USERS, TOKEN_KEY }).tokenKey).toBe(TOKEN_KEY);
    expect(accessOf({ ACCESS_USERS }).tokenKey).toBe("");
  });

  it.each(["canary", "0123456789abcde", "    canary            "])(
    "S20: is a fault where it is short: %j",
    (TOKEN_KEY) => {
      const faults = faultsOf({ ACCESS_USERS, TOKEN_KEY });
      expect(faults).toEqual([
        expect.stringContaining(
          "TOKEN_KEY: has fewer than 16 characters: write 32 random bytes, such as `openssl rand -base64 32` prints",
        ),
      ]);
      expect(faults.join()).not.toContain("canary");
    },
  );

  it("S20: is a fault without ACCESS_USERS", () => {
    expect(faultsOf({ TOKEN_KEY: "0123456789abcdef", ALLOWED_IPS: "192.0.2.1" })).toEqual([
      expect.stringContaining("TOKEN_KEY: is there without ACCESS_USERS"),
    ]);
    // What is wrong with the users is said there.
    expect(faultsOf({ TOKEN_KEY: "0123456789abcdef", ACCESS_USERS: "" })).toHaveLength(1);
  });
});
