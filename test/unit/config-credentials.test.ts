// UPSTREAM_CREDENTIALS: the owner's accounts at registries. No fault shows anything of them (S12, S20).
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";
import type { Account } from "../../src/config/credentials.ts";

const HARBOR = "https://harbor.example.com";
const ROUTES = { docker: "https://registry-1.docker.io", harbor: HARBOR };

function read(value: unknown): readonly Account[] | string[] {
  const result = readConfig({ ROUTES, UPSTREAM_CREDENTIALS: value });
  return result.ok ? [...result.config.access.accounts.values()] : result.faults.map(describeFault);
}

const GOOGLE = JSON.stringify({ type: "service_account", private_key: "-----BEGIN\nx:y\n-----END" }, null, 2);

describe("S12: UPSTREAM_CREDENTIALS", () => {
  it.each<[string, unknown, Account[]]>([
    ["JSON", '{"docker.io":"alice:token"}', [{ registry: "docker.io", user: "alice", password: "token" }]],
    [
      "a table",
      { "docker.io": "alice:token" },
      [{ registry: "docker.io", user: "alice", password: "token" }],
    ],
    [
      "an alias, in capitals",
      { "Index.Docker.IO": "alice:token" },
      [{ registry: "docker.io", user: "alice", password: "token" }],
    ],
    [
      "several",
      { "docker.io": "alice:a", "harbor.example.com": "robot$x:b" },
      [
        { registry: "docker.io", user: "alice", password: "a" },
        { registry: "harbor.example.com", user: "robot$x", password: "b" },
      ],
    ],
    [
      "a password with colons",
      { "docker.io": "alice:a:b:" },
      [{ registry: "docker.io", user: "alice", password: "a:b:" }],
    ],
    [
      "a key of Google's, which is JSON with line ends",
      JSON.stringify({ "harbor.example.com": `_json_key:${GOOGLE}` }),
      [{ registry: "harbor.example.com", user: "_json_key", password: GOOGLE }],
    ],
  ])("takes %s", (_, value, accounts) => {
    expect(read(value)).toEqual(accounts);
  });

  it.each<[string, unknown, RegExp]>([
    ["no JSON", "canary:canary", /is not JSON \(line 1, column 1/],
    ["JSON that breaks off", '{"docker.io":"canary:canary"', /is not JSON \(line 1, column 29/],
    ["a list", '["canary:canary"]', /is a list: write JSON such as/],
    ["a text", '"canary"', /is a text: write JSON such as/],
    ["a registry that is not in the table", { "canary.example.com": "a:b" }, /entry 1 is of no registry/],
    [
      "one registry by two names",
      { "docker.io": "a:canary", "index.docker.io": "b:canary" },
      /entry 2 .* one before it/,
    ],
    ["a login without a colon", { "docker.io": "canary" }, /entry 1 is no login/],
    ["no user", { "docker.io": ":canary" }, /entry 1 is no login/],
    ["no password", { "docker.io": "canary:" }, /entry 1 is no login/],
    ["a blank password", { "docker.io": "canary: " }, /entry 1 is no login/],
    ["a line end in the user", { "docker.io": "canary\nx:canary" }, /entry 1 is no login/],
    ["characters that clients send differently", { "docker.io": "canary:kanár" }, /entry 1 is no login/],
    ["a login that is no text", { "docker.io": ["canary:canary"] }, /entry 1 is no login/],
    ["one that fits in no header", { "docker.io": `canary:${"x".repeat(7000)}` }, /entry 1 is no login/],
  ])("S20: refuses %s, and shows nothing of it", (_, value, reason) => {
    const faults = read(value);
    expect(faults).toEqual([expect.stringMatching(/^UPSTREAM_CREDENTIALS: /)]);
    expect(faults[0]).toMatch(reason);
    expect(JSON.stringify(faults)).not.toMatch(/canary|kan/);
  });

  it("is judged as far as it can be where the table has faults", () => {
    const result = readConfig({ ROUTES: { docker: "ftp://x" }, UPSTREAM_CREDENTIALS: '{"docker.io":"a:b"}' });
    expect(result.ok ? [] : result.faults.map(({ variable }) => variable)).toEqual(["ROUTES"]);
  });
});
