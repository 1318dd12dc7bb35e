// What an owner is told of a fault: the value, and what to write instead. Never what may be a secret.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";

function faultsOf(env: Record<string, unknown>): string[] {
  const result = readConfig(env);
  return result.ok ? [] : result.faults.map(describeFault);
}

/** The one fault of a row, without what comes before its reason. */
function rowFault(entry: unknown): string {
  const faults = faultsOf({ ROUTES: { row: entry, fine: EXAMPLE } });
  expect(faults).toHaveLength(1);
  return (faults[0] ?? "").replace('ROUTES, row "row": ', "");
}

describe("D: broken JSON is told with its position", () => {
  it.each<[string, string]>([
    ["{", "line 1, column 2, where a name in double quotes was expected"],
    ['{"a": "x" "b": "y"}', 'line 1, column 11, where a comma or "}" was expected'],
    ['{\n  "a": "x",\n  "b": y\n}', "line 3, column 8, where a value was expected"],
    ['{"a": "x",}', "line 1, column 11, where a name in double quotes was expected"],
    ["{'a': 1}", "line 1, column 2, where a name in double quotes was expected"],
    ['{"a" = "x"}', "line 1, column 6, where a colon was expected"],
    ['{"a": "x"} x', "line 1, column 12, where nothing more was expected"],
    ['{"a": ["x" "y"]}', 'line 1, column 12, where a comma or "]" was expected'],
    ['{"a": "x', "line 1, column 7, where a value was expected"],
    ['docker = "https://registry-1.docker.io"', "line 1, column 1, where a value was expected"],
  ])("%j", (ROUTES, expected) => {
    expect(faultsOf({ ROUTES })).toEqual([expect.stringContaining(`is not JSON: at ${expected}`)]);
  });

  it("and without its text, in which a label may be a key (S16)", () => {
    expect(faultsOf({ ROUTES: '{"canary": canary}' }).join()).not.toContain("canary");
  });

  it("and what is neither a table nor JSON by its kind", () => {
    expect(faultsOf({ ROUTES: [] })).toEqual([expect.stringContaining("is a list")]);
    expect(faultsOf({ ROUTES: 1 })).toEqual([expect.stringContaining("is 1")]);
    expect(faultsOf({ ROUTES: '["a"]' })).toEqual([expect.stringContaining("is JSON, but a list")]);
    expect(faultsOf({ ROUTES: "null" })).toEqual([expect.stringContaining("is JSON, but null")]);
  });
});

describe("D: a number with a unit is told with the number to write", () => {
  it.each<[string, unknown, string]>([
    ["TAG_TTL", "60s", 'is "60s": write 60 (seconds)'],
    ["TAG_TTL", "60 seconds", 'is "60 seconds": write 60 (seconds)'],
    ["TAG_TTL", "5m", 'is "5m": write 300 (seconds)'],
    ["TAG_TTL", "1 hour", 'is "1 hour": write 3600 (seconds)'],
    ["TAG_TTL", " 60 ", 'is " 60 ": write 60 (seconds)'],
    ["CACHE_MAX_BLOB", "2 MiB", 'is "2 MiB": write 2097152 (bytes)'],
    ["CACHE_MAX_BLOB", "2mb", 'is "2mb": write 2000000 (bytes)'],
    ["CACHE_MAX_BLOB", "512K", 'is "512K": write 524288 (bytes)'],
    ["CACHE_MAX_BLOB", "0.5MiB", 'is "0.5MiB": write 524288 (bytes)'],
    ["CACHE_MAX_BLOB", "1024 bytes", 'is "1024 bytes": write 1024 (bytes)'],
  ])("%s = %j", (variable, value, expected) => {
    expect(faultsOf({ ROUTES: { a: EXAMPLE }, [variable]: value })).toEqual([`${variable}: ${expected}`]);
  });

  it.each<[string, unknown, string]>([
    ["TAG_TTL", "60 MiB", 'is "60 MiB": write a whole number of seconds, from 0 to 86400'],
    ["TAG_TTL", "3 days", 'is "3 days": write a whole number of seconds, from 0 to 86400'],
    ["TAG_TTL", -1, "is -1: write a whole number of seconds, from 0 to 86400"],
    ["TAG_TTL", true, "is true: write"],
    ["TAG_TTL", [], "is a list: write"],
    ["CACHE_MAX_BLOB", "9 MiB", 'is "9 MiB": write a whole number of bytes, from 0 to 8388608'],
    ["CACHE_MAX_BLOB", "2 s", 'is "2 s": write a whole number of bytes, from 0 to 8388608'],
    ["CACHE_MAX_BLOB", "1.5", 'is "1.5": write a whole number of bytes'],
  ])("or with the range: %s = %j", (variable, value, expected) => {
    expect(faultsOf({ ROUTES: { a: EXAMPLE }, [variable]: value })).toEqual([
      expect.stringContaining(`${variable}: ${expected}`),
    ]);
  });
});

describe("D: a URL is told with the one to write", () => {
  it.each<[string, string]>([
    ["ghcr.io", '`upstream` is "ghcr.io", which is not a URL: write "https://ghcr.io"'],
    ["ghcr.io:443/v2/", '`upstream` is "ghcr.io:443/v2/", which is not a URL: write "https://ghcr.io/v2/"'],
    ["localhost:5000", '`upstream` is "localhost:5000", which is not a URL: write "http://localhost:5000"'],
    ["", '`upstream` is "", which is not a URL: write one such as "https://registry.example.com"'],
    ["https://", '`upstream` is "https://", which is not a URL: write one such as'],
    ["http://ghcr.io", '`upstream` is "http://ghcr.io", which is not https: write "https://ghcr.io"'],
    ["ftp://ghcr.io", '`upstream` is "ftp://ghcr.io", which is not https: write "https://ghcr.io"'],
    [
      "https://ghcr.io/v2/",
      '`upstream` is "https://ghcr.io/v2/", and must be without a path: write "https://ghcr.io"',
    ],
    [
      "https://ghcr.io#x",
      '`upstream` is "https://ghcr.io#x", and must be without a fragment: write "https://ghcr.io"',
    ],
    ["u:p@host.example", '`upstream` is a URL with a user ("***@host.example"): a row has no login'],
    [
      "https://alice@ghcr.io",
      '`upstream` is a URL with a user ("https://***@ghcr.io"): a row has no login, people use their own: write "https://ghcr.io"',
    ],
  ])("%s", (upstream, expected) => {
    expect(rowFault(upstream)).toContain(expected);
    expect(rowFault({ upstream })).toContain(expected);
    if (upstream !== "")
      expect(rowFault({ upstream: EXAMPLE, mirrors: [upstream] })).toContain("`mirrors` has ");
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { upload_hosts: "https://u.example" },
      '`upload_hosts` has "https://u.example", which is not a host name: write "u.example"',
    ],
    [{ upload_hosts: [1] }, "`upload_hosts` has 1, which is not a host name"],
    [{ upload_paths: "uploads" }, '`upload_paths` has "uploads", which is not a plain path'],
    [{ library: "yes" }, '`library` is "yes": write true or false'],
    [{ store: "False" }, '`store` is "False": write true or false'],
    [{ mirrors: 1 }, "`mirrors` is 1: write a list"],
    [{ registry: "images" }, '`registry` is "images", which is not a registry\'s name'],
    [{ realm: "/token" }, '`realm` is "/token", which is not a URL'],
  ])("and other options likewise: %j", (options, expected) => {
    expect(rowFault({ upstream: EXAMPLE, ...options })).toContain(expected);
  });
});

describe("D: a misspelt option is told with the right one", () => {
  it.each<[string, unknown, string]>([
    ["upstreem", EXAMPLE, "upstream"],
    ["Upstream", EXAMPLE, "upstream"],
    ["upsteam", "*", "upstream"],
  ])("%s, and nothing else is said", (option, value, meant) => {
    expect(rowFault({ [option]: value })).toMatch(
      new RegExp(`^\`${option}\` is not an option of a row: did you mean \`${meant}\``),
    );
  });

  it.each([
    ["mirror", "mirrors"],
    ["Realm", "realm"],
    ["upload_host", "upload_hosts"],
    ["uploadPaths", "upload_paths"],
    ["stor", "store"],
    ["libary", "library"],
  ])("%s", (option, meant) => {
    expect(rowFault({ upstream: EXAMPLE, [option]: "x" })).toContain(`did you mean \`${meant}\``);
  });

  it("and one that is near to none with all that there are", () => {
    expect(rowFault({ upstream: EXAMPLE, y: 1 })).toContain("(there are: ");
    expect(rowFault({ upstream: EXAMPLE, password: "canary" })).toContain(
      "(there are: upstream, registry, realm, mirrors, library, upload_hosts, upload_paths, store, key)",
    );
  });

  it("and a full host name without quotes, which TOML takes apart, with the key to write", () => {
    expect(rowFault({ example: { com: EXAMPLE } })).toBe(
      'a full host name as a key needs quotes: write "row.example.com" = …',
    );
    expect(faultsOf({ ROUTES: { hub: { example: { com: { upstream: EXAMPLE } } } } })[0]).toContain(
      'write "hub.example.com" = …',
    );
  });
});

describe("D: what TOML took into the table", () => {
  const DOMAINS = [{ pattern: "docker.example.com", custom_domain: true }];

  it.each<[string, unknown]>([
    ["routes", DOMAINS],
    ["routes", ["docker.example.com/*"]],
    ["route", DOMAINS[0]],
    ["route", "docker.example.com/*"],
    ["workers_dev", false],
    ["preview_urls", false],
    ["compatibility_date", "2026-08-15"],
    ["compatibility_flags", []],
    ["account_id", "canary"],
    ["keep_vars", true],
  ])("is told to stand above the first table: %s = %j", (key, value) => {
    const faults = faultsOf({ ROUTES: { a: EXAMPLE, [key]: value } });
    expect(faults).toEqual([
      `ROUTES, row "${key}": is a setting of wrangler.toml and not a row: move it above the first table ` +
        "(the first line that begins with `[`), or TOML takes it into the table that it stands below",
    ]);
  });

  it("may be a label all the same, where it leads somewhere", () => {
    expect(
      faultsOf({ ROUTES: { route: EXAMPLE, routes: { upstream: "https://ghcr.io" }, name: "*" } }),
    ).toEqual([]);
  });

  it("is told of variables too, which would not be kept, and their values are not shown", () => {
    for (const [name, value] of Object.entries({
      TAG_TTL: 60,
      READ_ONLY: true,
      ALLOWED_REPOSITORIES: "*",
      ACCESS_USERS: "alice:canary",
      TOKEN_KEY: "canary",
      BLOCKED_REPOSITORIES: "https://ghcr.io",
    })) {
      const faults = faultsOf({ ROUTES: { a: EXAMPLE, [name]: value } });
      expect(faults).toEqual([
        expect.stringContaining(`ROUTES, row "${name}": is a variable and not a row: move it to [vars]`),
      ]);
      expect(faults.join()).not.toContain("canary");
    }
  });

  it("S20: nor is a misspelt variable among the rows shown with its value", () => {
    for (const name of ["ACCESS_USER", "PASSWORD", "TOKENKEY", "access_users"])
      expect(faultsOf({ ROUTES: { a: EXAMPLE, [name]: "canary" } }).join()).not.toContain("canary");
  });

  it("is told where [vars] has it", () => {
    expect(faultsOf({ ROUTES: { a: EXAMPLE }, routes: DOMAINS })).toEqual([
      expect.stringMatching(/^routes: is a setting of wrangler\.toml .*: move it above the first table/),
    ]);
  });
});

describe("no fault shows a secret", () => {
  it.each([
    "https://alice:canary@registry.example.com",
    "https://alice:can@canary@registry.example.com/x",
    "alice:canary@registry.example.com",
    "//alice:canary@registry.example.com",
    "https:alice:canary@registry.example.com",
    "https://alice:canary%40registry.example.com",
    "https://alice:canary",
    "alice:canary",
    "http://registry.example.com/?token=canary",
    "https://registry.example.com?canary",
    "https://alice:p?canary@registry.example.com",
  ])("of the address %s", (address) => {
    for (const option of [
      "upstream",
      "realm",
      "mirrors",
      "upload_hosts",
      "upload_paths",
      "registry",
      "library",
    ]) {
      for (const value of [address, [address]]) {
        const faults = faultsOf({ ROUTES: { row: { upstream: EXAMPLE, [option]: value } } });
        expect(faults.join()).not.toContain("canary");
        if (option !== "realm") expect(faults).not.toEqual([]);
      }
    }
  });

  it("of a row whose label is a key: its number stands for it (S16)", () => {
    const key = "abcdefghijklmnopqrst";
    for (const [option, value] of [
      ["keys", "true"],
      ["Key", 1],
      ["ky", true],
    ] as const) {
      const faults = faultsOf({ ROUTES: { a: EXAMPLE, [key]: { upstream: "*", [option]: value } } });
      expect(faults).toEqual([
        `ROUTES, row 2: \`${option}\` is not an option of a row: did you mean \`key\`?`,
      ]);
    }
    expect(faultsOf({ ROUTES: { [key]: { key: "true" } } }).join()).not.toContain(key);
    const two = {
      [key]: { upstream: EXAMPLE, key: true, library: true },
      b: { upstream: EXAMPLE, library: false },
    };
    expect(faultsOf({ ROUTES: two }).join()).not.toContain(key);
  });

  it("nor grows with the value", () => {
    const fault = faultsOf({ ROUTES: { row: { upstream: EXAMPLE, store: "x".repeat(5_000) } } }).join();
    expect(fault).toMatch(/`store` is "x{60}…": write true or false$/);
  });

  it("nor breaks a line, whatever the value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const faults = faultsOf({
          ROUTES: { row: { upstream: value, realm: value, registry: value } },
          TAG_TTL: value,
        });
        expect(faults.join("")).not.toMatch(/[\u0000-\u001f]/);
      }),
    );
  });
});
