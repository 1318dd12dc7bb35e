// What is wrong with a configuration: every fault is named, all at once, and none opens the proxy.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";

/** The faults, one line each; none for a valid configuration. */
function faultsOf(env: unknown): string[] {
  const result = readConfig(env);
  return result.ok ? [] : result.faults.map(describeFault);
}

const rowFaults = (entry: unknown): string[] => faultsOf({ ROUTES: { row: entry, fine: EXAMPLE } });

describe("the routes table is faulty", () => {
  it.each<[string, unknown, string]>([
    ["when it is not set", undefined, "ROUTES: the routes table is not set"],
    ["when it is null", null, "ROUTES: the routes table is not set"],
    ["when it is an empty string", "", "ROUTES: the routes table is not set"],
    ["when it is empty", {}, "ROUTES: the routes table is empty"],
    ["when it is an empty JSON object", "{}", "ROUTES: the routes table is empty"],
    ["when it is an array", [], "ROUTES: is a list"],
    ["when it is a number", 1, "ROUTES: is 1: write a table"],
    ["when it is not JSON", "docker = 1", "ROUTES: is not JSON"],
    ["when it is white space", "  ", "ROUTES: is not JSON"],
    ["when it is another JSON value", '["a"]', "ROUTES: is JSON, but a list"],
    ["when it is JSON's null", "null", "ROUTES: is JSON, but null"],
    ["when it is a JSON string", '"x"', 'ROUTES: is JSON, but "x"'],
    ["when all its rows are universal", { all: "*" }, "ROUTES: no row names a registry"],
  ])("%s", (_, ROUTES, expected) => {
    const faults = faultsOf({ ROUTES });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(expected);
  });

  it.each([null, undefined, 1, "x", []])("when there is no environment: %j", (env) => {
    expect(faultsOf(env)).toHaveLength(1);
  });
});

describe("a row is faulty", () => {
  it.each<[string, unknown, string]>([
    ["is a number", 1, "write an upstream URL"],
    ["is null", null, "write an upstream URL"],
    ["is an array", [EXAMPLE], "write an upstream URL"],
    ["is a boolean", true, "write an upstream URL"],
    ["is empty", "", "which is not a URL"],
    ["is an empty table", {}, "a row needs an `upstream`"],
    ["is a host name", "ghcr.io", "which is not a URL"],
    ["is no URL", "https://", "which is not a URL"],
    ["has a URL with a bad port", "https://ghcr.io:99999", "which is not a URL"],
    ["has a space in its host", "https://gh cr.io", "which is not a URL"],
    ["has a user", "https://alice@ghcr.io", "`upstream` is a URL with a user"],
    ["has a user and a password", "https://alice:secret@ghcr.io", "`upstream` is a URL with a user"],
    ["has a password alone", "https://:secret@ghcr.io", "`upstream` is a URL with a user"],
    ["has a fragment", "https://ghcr.io#x", "must be without a fragment"],
    ["has http", "http://ghcr.io", "which is not https"],
    ["has http and a name that begins like loopback", "http://localhost.example.com", "which is not https"],
    ["has http and a private address", "http://10.0.0.1", "which is not https"],
    ["has another scheme", "ftp://ghcr.io", "which is not https"],
    ["has a path", "https://ghcr.io/v2/", "must be without a path"],
    ["has a backslash", "https://ghcr.io\\x", "must be without a path"],
    ["has a query", "https://ghcr.io?x", "must be without a query"],
    ["has an upstream of another type", { upstream: 1 }, "which is not a URL"],
    ["has no upstream", { registry: "a.example" }, "a row needs an `upstream`"],
    [
      "has an option that is unknown",
      { upstream: EXAMPLE, mirror: "x" },
      "`mirror` is not an option of a row",
    ],
    ["has an option in another case", { upstream: EXAMPLE, Realm: "x" }, "`Realm` is not an option of a row"],
    [
      "has an option called __proto__",
      JSON.parse(`{"upstream":"${EXAMPLE}","__proto__":{}}`),
      "`__proto__` is not an option",
    ],
    [
      "is universal and has options",
      { upstream: "*", realm: "x", library: true },
      "has no `realm`, `library`",
    ],
    [
      "has a registry without a dot",
      { upstream: EXAMPLE, registry: "images" },
      "which is not a registry's name",
    ],
    [
      "has a registry with a path",
      { upstream: EXAMPLE, registry: "a.example/b" },
      "which is not a registry's name",
    ],
    ["has a registry of another type", { upstream: EXAMPLE, registry: 1 }, "which is not a registry's name"],
    [
      "has a realm by http",
      { upstream: EXAMPLE, realm: "http://a.example/t" },
      '`realm` is "http://a.example/t", which is not https',
    ],
    [
      "has a realm that is no URL",
      { upstream: EXAMPLE, realm: "/token" },
      '`realm` is "/token", which is not a URL',
    ],
    [
      "has a realm with a user",
      { upstream: EXAMPLE, realm: "https://a@b.example/" },
      "`realm` is a URL with a user",
    ],
    ["has mirrors of another type", { upstream: EXAMPLE, mirrors: 1 }, "`mirrors` is 1: write a list"],
    ["has mirrors in a table", { upstream: EXAMPLE, mirrors: {} }, "`mirrors` is a table: write a list"],
    [
      "has a mirror that is a number",
      { upstream: EXAMPLE, mirrors: [1] },
      "`mirrors` has 1, which is not a URL",
    ],
    ["has a mirror by http", { upstream: EXAMPLE, mirrors: "http://m.example" }, "which is not https"],
    [
      "has a mirror with a path",
      { upstream: EXAMPLE, mirrors: ["https://m.example/x"] },
      "must be without a path",
    ],
    [
      "has an upload host with a scheme",
      { upstream: EXAMPLE, upload_hosts: ["https://u.example"] },
      "which is not a host name",
    ],
    [
      "has an upload host with a path",
      { upstream: EXAMPLE, upload_hosts: ["u.example/x"] },
      "which is not a host name",
    ],
    [
      "has an upload host with a user",
      { upstream: EXAMPLE, upload_hosts: ["a@u.example"] },
      "which is not a host name",
    ],
    [
      "has an upload host that is a wildcard",
      { upstream: EXAMPLE, upload_hosts: "*.example" },
      "which is not a host name",
    ],
    [
      "has an upload host that is a number",
      { upstream: EXAMPLE, upload_hosts: [1] },
      "which is not a host name",
    ],
    ["has a boolean in another case", { upstream: EXAMPLE, library: "True" }, "write true or false"],
    ["has yes for a boolean", { upstream: EXAMPLE, library: "yes" }, "write true or false"],
    ["has a number for a boolean", { upstream: EXAMPLE, library: 1 }, "write true or false"],
  ])("that %s", (_, entry, expected) => {
    const faults = rowFaults(entry);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain('ROUTES, row "row": ');
    expect(faults[0]).toContain(expected);
  });

  it.each([
    "",
    " ",
    "a b",
    "a:80",
    "a..b",
    ".a",
    "a.",
    "-a",
    "a-",
    "*",
    "*.a",
    "a/b",
    "caf\u00e9",
    "https://a",
    "a%b",
    "__proto__",
  ])("whose key is %j", (key) => {
    const faults = faultsOf({
      ROUTES: JSON.stringify({ fine: EXAMPLE }).replace("{", `{${JSON.stringify(key)}:"${EXAMPLE}",`),
    });
    expect(faults).toEqual([expect.stringContaining("the key is neither a host label nor a full host name")]);
  });

  it("whose key is longer than a label can be", () => {
    expect(faultsOf({ ROUTES: { ["a".repeat(64)]: EXAMPLE } })).not.toEqual([]);
    expect(faultsOf({ ROUTES: { ["a".repeat(63)]: EXAMPLE } })).toEqual([]);
  });

  it("whose key is localhost, which is always universal", () => {
    expect(faultsOf({ ROUTES: { localhost: EXAMPLE } })).toEqual([
      expect.stringContaining("can never be reached"),
    ]);
  });

  it("whose key is another's in another case", () => {
    expect(faultsOf({ ROUTES: { docker: EXAMPLE, Docker: EXAMPLE } })).toEqual([
      expect.stringContaining('row "Docker": the table has this key twice'),
    ]);
    expect(faultsOf({ ROUTES: { "a.Example": EXAMPLE, "A.example": "*" } })).toHaveLength(1);
  });
});

describe("rows of one registry are faulty", () => {
  it.each<[string, unknown, unknown]>([
    [
      "upstream",
      { upstream: EXAMPLE, registry: "a.example" },
      { upstream: "https://b.example", registry: "a.example" },
    ],
    ["upstream", "https://registry-1.docker.io", { upstream: EXAMPLE, registry: "docker.io" }],
    ["upstream", "https://registry-1.docker.io", { upstream: EXAMPLE, registry: "index.docker.io" }],
    ["upstream", EXAMPLE, { upstream: "https://b.example", registry: "Registry.Example.com" }],
    ["library", { upstream: EXAMPLE, library: true }, { upstream: EXAMPLE, library: "false" }],
    ["mirrors", { upstream: EXAMPLE, mirrors: [] }, { upstream: EXAMPLE, mirrors: "https://m.example" }],
    [
      "upload_hosts",
      { upstream: EXAMPLE, upload_hosts: "a.example" },
      { upstream: EXAMPLE, upload_hosts: "b.example" },
    ],
  ])("that differ in `%s`", (option, a, b) => {
    const faults = faultsOf({ ROUTES: { a, b } });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`row "b": \`${option}\` of `);
    expect(faults[0]).toContain('differs from that of row "a"');
  });
});

describe("faults", () => {
  it("are told all at once", () => {
    const env = {
      ACCESS_USERS: "a",
      READ_ONLY: "yes",
      ROUTES: { "a b": EXAMPLE, c: 1, d: { upstream: EXAMPLE, x: 1, y: 2 } },
    };
    expect(faultsOf(env)).toHaveLength(6);
  });

  it("come back from anything whatsoever, and nothing throws", () => {
    const anything = fc.anything({ withNullPrototype: true, withDate: true });
    const entry = fc.record(
      {
        upstream: fc.oneof(fc.webUrl(), anything),
        registry: anything,
        realm: anything,
        mirrors: anything,
        library: anything,
        upload_hosts: anything,
      },
      { requiredKeys: [] },
    );
    const table = fc.dictionary(fc.string(), fc.oneof(entry, anything, fc.webUrl(), fc.constant("*")));
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          table,
          table.map((value) => JSON.stringify(value)),
        ),
        (ROUTES) => {
          const result = readConfig({ ROUTES });
          if (!result.ok) expect(result.faults.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
