// Names by which an owner means a rule about access, in whatever way they are put together (S20).
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";

const ROUTES = { a: "https://registry.example.com" };

describe("S20: a name with one of the words as one of its words is a fault", () => {
  it.each([
    "IPList",
    "IPWhitelist",
    "IPAllowList",
    "IPUsers",
    "PROXYUsers",
    "MYToken",
    "PROXYToken",
    "APIKey",
    "IPv4",
    "IPs",
    "allowedIPs",
    "IPALLOWLIST",
    "ipwhitelist",
  ])("%s", (name) => {
    expect(readConfig({ ROUTES, [name]: "x" }).ok).toBe(false);
  });
});

describe("S20: a name that has an access variable of ours in it, or sounds like one, is a fault", () => {
  it.each([
    "READ_ONLY_MODE",
    "ReadOnlyMode",
    "READONLY_MODE",
    "CLOSED_PROXY",
    "PROXY_CLOSED",
    "COUNTRIES",
    "REPOSITORIES",
    "CREDENTIALS",
    "UPSTREAM_CREDS",
    "ALLOWLIST",
    "DENYLIST",
    "USERNAMES",
    "BASIC_AUTH",
    "COUNTRY_BLACKLIST",
  ])("%s", (name) => {
    expect(readConfig({ ROUTES, [name]: "x" }).ok).toBe(false);
  });
});

describe("S20: what is meant", () => {
  it.each([
    ["READONLY_MODE", "READ_ONLY"],
    ["IPWhitelist", "ALLOWED_IPS"],
    ["DENYLIST", "BLOCKED_REPOSITORIES"],
    ["COUNTRIES", "ALLOWED_COUNTRIES"],
    ["UPSTREAM_CREDS", "UPSTREAM_CREDENTIALS"],
    ["PROXY_CLOSED", "CLOSED"],
    ["BASIC_AUTH", "ACCESS_USERS"],
  ])("by %s is %s, and it is said", (name, ours) => {
    const result = readConfig({ ROUTES, [name]: "x" });
    expect(!result.ok && result.faults[0]?.reason).toContain(`write ${ours} `);
  });
});

describe("S20: a name that only looks alike is no fault", () => {
  it.each([
    "AUTHOR",
    "DISCLOSED",
    "DISALLOWLISTING",
    "GITHUB_REPOSITORY",
    "IPFS_GATEWAY",
    "ONLY_READ",
    "READER",
    "URLs",
  ])("%s", (name) => {
    expect(readConfig({ ROUTES, [name]: "x" }).ok).toBe(true);
  });
});
