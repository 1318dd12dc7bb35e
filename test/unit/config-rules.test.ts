// ALLOWED_REPOSITORIES and BLOCKED_REPOSITORIES (S8): patterns that hold for whatever name a repository goes by.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const ROUTES = { docker: "https://registry-1.docker.io", ghcr: "https://lscr.io", all: "*" };
const RULES = ["ALLOWED_REPOSITORIES", "BLOCKED_REPOSITORIES"] as const;

function faultsOf(env: Record<string, unknown>): string[] {
  const result = readConfig({ ROUTES, ...env });
  return result.ok ? [] : result.faults.map(describeFault);
}

/** What is allowed, and what is blocked. */
function rulesOf(env: Record<string, unknown>): (string[] | undefined)[] {
  const result = readConfig({ ROUTES, ...env });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  const { allowed, blocked } = result.config.access;
  return [allowed?.map(({ text }) => text), blocked.map(({ text }) => text)];
}

describe("S8: rules about repositories", () => {
  it("are two lists, made canonical as names are", () => {
    expect(
      rulesOf({
        ALLOWED_REPOSITORIES: "docker.io/nginx index.docker.io/acme/**",
        BLOCKED_REPOSITORIES: ["lscr.io/**"],
      }),
    ).toEqual([["docker.io/library/nginx", "docker.io/acme/**"], ["ghcr.io/**"]]);
  });

  it("allow everything and block nothing where they are not there", () => {
    expect(rulesOf({})).toEqual([undefined, []]);
    expect(rulesOf({ BLOCKED_REPOSITORIES: "**" })).toEqual([undefined, ["**"]]);
    expect(rulesOf({ ALLOWED_REPOSITORIES: "**" })).toEqual([["**"], []]);
  });

  it.each(RULES)("have no pattern that nothing could match: %s", (variable) => {
    expect(faultsOf({ [variable]: "nginx" })).toEqual([
      `${variable}: has "nginx", and must begin with a registry: write "docker.io/nginx"`,
    ]);
    expect(faultsOf({ [variable]: ["quay.io/**", "ghcr.io/-"] })).toHaveLength(2);
    expect(faultsOf({ [variable]: [""] })).toHaveLength(1);
  });

  it.each(RULES)("say nothing of a pattern where the table has faults: %s", (variable) => {
    expect(faultsOf({ [variable]: "quay.io/**", ROUTES: { docker: "registry-1.docker.io" } })).toEqual([
      expect.stringMatching(/^ROUTES, /),
    ]);
  });
});

describe("S8: with a rule about repositories an upstream has one name", () => {
  const upstream = "https://registry.example.com";
  const TWO = { a: upstream, b: { upstream, registry: "b.example" } };

  it.each(RULES)("%s", (variable) => {
    expect(faultsOf({ [variable]: "**", ROUTES: TWO })).toEqual([
      `${variable}: cannot be kept while registry.example.com and b.example have the same upstream (${upstream}), ` +
        "since a rule about one name says nothing of the other: give their rows the same `registry`",
    ]);
  });

  it.each(["https://registry.example.com.", "https://REGISTRY.example.com:443/"])(
    "however it is written: %s",
    (other) => {
      const routes = { a: upstream, b: { upstream: other, registry: "b.example" } };
      expect(faultsOf({ BLOCKED_REPOSITORIES: "**", ROUTES: routes })).toHaveLength(1);
    },
  );

  it("of three names two are too many", () => {
    const routes = { ...TWO, c: { upstream, registry: "c.example" } };
    expect(faultsOf({ BLOCKED_REPOSITORIES: "**", ROUTES: routes })).toHaveLength(2);
  });

  it("and may have more without one", () => {
    expect(faultsOf({ ROUTES: TWO })).toEqual([]);
    expect(faultsOf({ ROUTES: TWO, ACCESS_USERS: "alice:secret", READ_ONLY: true })).toEqual([]);
  });

  it("which may stand in several rows, and be an alias of itself", () => {
    const routes = { a: upstream, b: upstream, docker: "https://docker.io", hub: "https://index.docker.io" };
    expect(faultsOf({ BLOCKED_REPOSITORIES: "**", ROUTES: routes })).toEqual([]);
    const ports = { a: upstream, b: "https://registry.example.com:8443" };
    expect(faultsOf({ BLOCKED_REPOSITORIES: "**", ROUTES: ports })).toEqual([]);
  });
});
