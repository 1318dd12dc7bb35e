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
    ["when it is an array", [], "ROUTES: is neither a table nor a JSON object"],
    ["when it is a number", 1, "ROUTES: is neither a table nor a JSON object"],
    ["when it is no JSON", "docker = 1", "ROUTES: is neither a table nor a JSON object"],
    ["when it is white space", "  ", "ROUTES: is neither a table nor a JSON object"],
    ["when it is another JSON value", '["a"]', "ROUTES: is neither a table nor a JSON object"],
    ["when it is JSON's null", "null", "ROUTES: is neither a table nor a JSON object"],
    ["when it is a JSON string", '"x"', "ROUTES: is neither a table nor a JSON object"],
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
    ["is a number", 1, "neither an upstream URL"],
    ["is null", null, "neither an upstream URL"],
    ["is an array", [EXAMPLE], "neither an upstream URL"],
    ["is a boolean", true, "neither an upstream URL"],
    ["is empty", "", "`upstream` is no URL"],
    ["is an empty table", {}, "`upstream` is no URL"],
    ["is a host name", "ghcr.io", "`upstream` is no URL"],
    ["is no URL", "https://", "`upstream` is no URL"],
    ["has a URL with a bad port", "https://ghcr.io:99999", "`upstream` is no URL"],
    ["has a space in its host", "https://gh cr.io", "`upstream` is no URL"],
    ["has a user", "https://alice@ghcr.io", "`upstream` is no URL"],
    ["has a user and a password", "https://alice:secret@ghcr.io", "`upstream` is no URL"],
    ["has a password alone", "https://:secret@ghcr.io", "`upstream` is no URL"],
    ["has a fragment", "https://ghcr.io#x", "`upstream` is no URL"],
    ["has http", "http://ghcr.io", "`upstream` must be https"],
    [
      "has http and a name that begins like loopback",
      "http://localhost.example.com",
      "`upstream` must be https",
    ],
    ["has http and a private address", "http://10.0.0.1", "`upstream` must be https"],
    ["has another scheme", "ftp://ghcr.io", "`upstream` must be https"],
    ["has a path", "https://ghcr.io/v2/", "`upstream` must be an origin"],
    ["has a backslash", "https://ghcr.io\\x", "`upstream` must be an origin"],
    ["has a query", "https://ghcr.io?x", "`upstream` must be an origin"],
    ["has an upstream of another type", { upstream: 1 }, "`upstream` is no URL"],
    ["has no upstream", { registry: "a.example" }, "`upstream` is no URL"],
    ["has an option that is unknown", { upstream: EXAMPLE, mirror: "x" }, "`mirror` is no option of a row"],
    ["has an option in another case", { upstream: EXAMPLE, Realm: "x" }, "`Realm` is no option of a row"],
    [
      "has an option called __proto__",
      JSON.parse(`{"upstream":"${EXAMPLE}","__proto__":{}}`),
      "`__proto__` is no option",
    ],
    [
      "is universal and has options",
      { upstream: "*", realm: "x", library: true },
      "has no `realm`, `library`",
    ],
    [
      "has a registry without a dot",
      { upstream: EXAMPLE, registry: "images" },
      "`registry` is no registry name",
    ],
    [
      "has a registry with a path",
      { upstream: EXAMPLE, registry: "a.example/b" },
      "`registry` is no registry name",
    ],
    ["has a registry of another type", { upstream: EXAMPLE, registry: 1 }, "`registry` is no registry name"],
    ["has a realm by http", { upstream: EXAMPLE, realm: "http://a.example/t" }, "`realm` must be https"],
    ["has a realm that is no URL", { upstream: EXAMPLE, realm: "/token" }, "`realm` is no URL"],
    ["has a realm with a user", { upstream: EXAMPLE, realm: "https://a@b.example/" }, "`realm` is no URL"],
    [
      "has mirrors of another type",
      { upstream: EXAMPLE, mirrors: 1 },
      "`mirrors` is neither a list nor a string",
    ],
    [
      "has mirrors in a table",
      { upstream: EXAMPLE, mirrors: {} },
      "`mirrors` is neither a list nor a string",
    ],
    ["has a mirror that is a number", { upstream: EXAMPLE, mirrors: [1] }, "`mirrors` is no URL"],
    ["has a mirror by http", { upstream: EXAMPLE, mirrors: "http://m.example" }, "`mirrors` must be https"],
    [
      "has a mirror with a path",
      { upstream: EXAMPLE, mirrors: ["https://m.example/x"] },
      "`mirrors` must be an origin",
    ],
    [
      "has an upload host with a scheme",
      { upstream: EXAMPLE, upload_hosts: ["https://u.example"] },
      "no host name",
    ],
    ["has an upload host with a path", { upstream: EXAMPLE, upload_hosts: ["u.example/x"] }, "no host name"],
    ["has an upload host with a user", { upstream: EXAMPLE, upload_hosts: ["a@u.example"] }, "no host name"],
    [
      "has an upload host that is a wildcard",
      { upstream: EXAMPLE, upload_hosts: "*.example" },
      "no host name",
    ],
    ["has an upload host that is a number", { upstream: EXAMPLE, upload_hosts: [1] }, "no host name"],
    [
      "has a boolean in another case",
      { upstream: EXAMPLE, library: "True" },
      "`library` is neither true nor false",
    ],
    ["has yes for a boolean", { upstream: EXAMPLE, library: "yes" }, "`library` is neither true nor false"],
    ["has a number for a boolean", { upstream: EXAMPLE, library: 1 }, "`library` is neither true nor false"],
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
      ACCESS_USERS: "a:b",
      READ_ONLY: "true",
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
