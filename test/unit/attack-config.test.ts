// S20: names and values by which an owner means a rule, and is served open.
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
  ])("%s", (name) => {
    expect(readConfig({ ROUTES, [name]: "x" }).ok).toBe(false);
  });
});

describe("S20: a name that has an access variable of ours in it is a fault", () => {
  it.each([
    "READ_ONLY_MODE",
    "CLOSED_PROXY",
    "PROXY_CLOSED",
    "COUNTRIES",
    "REPOSITORIES",
    "CREDENTIALS",
    "UPSTREAM_CREDS",
    "ALLOWLIST",
    "DENYLIST",
    "USERNAMES",
  ])("%s", (name) => {
    expect(readConfig({ ROUTES, [name]: "x" }).ok).toBe(false);
  });
});

describe("S20: what a JSON table says twice", () => {
  it.each([
    [
      "a row that was to let in by key",
      '{"x":{"upstream":"*","key":true},"x":"*","a":"https://r.example.com"}',
    ],
    [
      "a row without a store",
      '{"a":{"upstream":"https://r.example.com","store":false},"a":"https://r.example.com"}',
    ],
    ["an option", '{"a":{"upstream":"https://r.example.com","store":false,"store":true}}'],
  ])("%s is a fault, and not the last word", (_, table) => {
    expect(readConfig({ ROUTES: table }).ok).toBe(false);
  });
});

describe("S14: store = false", () => {
  it("holds for the upstream: another row that keeps it, under another name, is a fault", () => {
    const upstream = "https://harbor.example.com";
    const other = { upstream, registry: "other.example.com" };
    expect(readConfig({ ROUTES: { a: { upstream, store: false }, b: other } }).ok).toBe(false);
  });
});
