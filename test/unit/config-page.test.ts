// OPERATOR, OPERATOR_URL and HIDE_PAGE: what the page says of its owner, or that there is none; and hosts that exist.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";
import type { PageSettings } from "../../src/config/page.ts";

const ROUTES = { docker: "https://registry-1.docker.io" };

function pageOf(variables: Record<string, unknown>): PageSettings {
  const result = readConfig({ ROUTES, ...variables });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join());
  return result.config.page;
}

function faultsOf(variables: Record<string, unknown>): string[] {
  const result = readConfig({ ROUTES, ...variables });
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("the page's settings", () => {
  it("are empty by default, and where they are blank", () => {
    const none = { operator: undefined, operatorUrl: undefined, isHidden: false };
    expect(pageOf({})).toEqual(none);
    for (const blank of ["", " ", null])
      expect(pageOf({ OPERATOR: blank, OPERATOR_URL: blank, HIDE_PAGE: blank })).toEqual(none);
  });

  it.each(["Alice", "平台组 · 示例公司", "a".repeat(100), "O'Neill & <Sons>", "  trimmed  "])(
    "name an operator: %j",
    (OPERATOR) => {
      expect(pageOf({ OPERATOR }).operator).toBe(OPERATOR.trim());
    },
  );

  it.each([
    ["two lines", "Alice\nBob"],
    ["a tab", "Alice\tBob"],
    ["a character that turns text around", "Alice\u202EBob"],
    ["one that is not shown", "Ali\u200Bce"],
    ["more than 100 characters", "a".repeat(101)],
    ["a number", 7],
    ["a list", ["Alice"]],
  ])("name nobody by %s", (_, OPERATOR) => {
    expect(faultsOf({ OPERATOR })).toEqual([
      expect.stringMatching(/^OPERATOR: is .*: write a name on one line, of at most 100 characters$/s),
    ]);
  });

  it.each(["https://example.com/contact", "https://例子.测试/关于"])(
    "have an address: %s",
    (OPERATOR_URL) => {
      expect(pageOf({ OPERATOR_URL }).operatorUrl).toBe(new URL(OPERATOR_URL).href);
    },
  );

  it.each([
    "http://example.com/",
    "http://localhost/",
    "https://localhost/",
    "https://192.0.2.1/",
    "https://[2001:db8::1]/",
    "https://intranet/",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:alice@example.com",
    "https://alice@example.com/",
    "https://example.com/#fragment",
    "example.com",
    7,
  ])("have no such address: %j", (OPERATOR_URL) => {
    expect(faultsOf({ OPERATOR_URL })).toEqual([expect.stringMatching(/^OPERATOR_URL: /)]);
  });

  it("hide the page by true alone", () => {
    for (const HIDE_PAGE of [true, "true"]) expect(pageOf({ HIDE_PAGE }).isHidden).toBe(true);
    for (const HIDE_PAGE of [false, "false"]) expect(pageOf({ HIDE_PAGE }).isHidden).toBe(false);
    for (const HIDE_PAGE of ["yes", 1, [], "TRUE"])
      expect(faultsOf({ HIDE_PAGE })).toEqual([
        expect.stringMatching(/^HIDE_PAGE: is .*: write true or false$/),
      ]);
  });
});

describe("HOSTS", () => {
  it("are in lower case, each once", () => {
    const result = readConfig({ ROUTES, HOSTS: "Docker.Example.com, docker.example.com a.example.com" });
    expect(result.ok && result.config.hosts).toEqual(["docker.example.com", "a.example.com"]);
  });
});
