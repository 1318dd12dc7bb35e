// Patterns of repositories: what they are made to, and which names they mean.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import type { RoutesTable } from "../../src/config/registry.ts";
import {
  matchesRepository,
  readRepositoryPatterns,
  type RepositoryPattern,
} from "../../src/config/repository-patterns.ts";
import { parseRepositoryName, type RepositoryName } from "../../src/distribution/reference.ts";
import { cpuTimeOf } from "./cpu-time.ts";

/** Backtracking would take years. */
const FAR_TOO_LONG_MS = 1_000;

function tableOf(ROUTES: Record<string, unknown>): RoutesTable {
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error("faults");
  return result.config;
}

const TABLE = tableOf({
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  k8s: "https://registry.k8s.io",
  hub: { upstream: "https://harbor.example.com", library: true },
  local: "http://localhost:5000",
  six: "http://[::1]:5000",
});

/** The patterns of a text without faults. */
function read(text: unknown): readonly RepositoryPattern[] {
  const faults: string[] = [];
  const patterns = readRepositoryPatterns(text, TABLE, (reason) => faults.push(reason));
  expect(faults).toEqual([]);
  return patterns ?? [];
}

function name(text: string): RepositoryName {
  const parsed = parseRepositoryName(text);
  if (parsed === undefined) throw new Error(`${text} is no repository name`);
  return parsed;
}

/** @param image with its registry, by the name that the table has */
function matches(pattern: string, image: string): boolean {
  const slash = image.indexOf("/");
  return matchesRepository(read(pattern), image.slice(0, slash), name(image.slice(slash + 1)));
}

describe("S8: a pattern is made canonical as names are", () => {
  it.each([
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["docker.io/library/nginx", "docker.io/library/nginx"],
    ["docker.io/*", "docker.io/library/*"],
    ["docker.io/alpine*", "docker.io/library/alpine*"],
    ["docker.io/library", "docker.io/library/library"],
    ["docker.io/**", "docker.io/**"],
    ["docker.io/*/*", "docker.io/*/*"],
    ["docker.io/nginx/**", "docker.io/nginx/**"],
    ["index.docker.io/nginx", "docker.io/library/nginx"],
    ["registry-1.docker.io/acme/*", "docker.io/acme/*"],
    ["lscr.io/**", "ghcr.io/**"],
    ["lscr.io/linuxserver/*", "ghcr.io/linuxserver/*"],
    ["ghcr.io/tool", "ghcr.io/tool"],
    ["k8s.gcr.io/pause", "registry.k8s.io/pause"],
    ["harbor.example.com/app", "harbor.example.com/library/app"],
    ["localhost:5000/app", "localhost:5000/app"],
    ["[::1]:5000/**", "[::1]:5000/**"],
    ["**", "**"],
  ])("%s is %s", (written, canonical) => {
    expect(read(written).map(({ text }) => text)).toEqual([canonical]);
  });

  it("and counts once, however it is written", () => {
    const patterns = read("docker.io/nginx docker.io/library/nginx index.docker.io/nginx");
    expect(patterns).toHaveLength(1);
  });
});

describe("a pattern means", () => {
  it.each([
    ["docker.io/nginx", "docker.io/library/nginx"],
    ["docker.io/*", "docker.io/library/nginx"],
    ["docker.io/alpine*", "docker.io/library/alpine"],
    ["docker.io/alpine-*", "docker.io/library/alpine-glibc"],
    ["docker.io/**", "docker.io/library/nginx"],
    ["docker.io/**", "docker.io/acme/app"],
    ["docker.io/*/*", "docker.io/acme/app"],
    ["ghcr.io/**", "ghcr.io/tool"],
    ["ghcr.io/acme/**", "ghcr.io/acme/app"],
    ["ghcr.io/acme/**", "ghcr.io/acme/a/b/c"],
    ["ghcr.io/*/**", "ghcr.io/acme/app"],
    ["ghcr.io/acme/*/base", "ghcr.io/acme/app/base"],
    ["ghcr.io/a*b*c", "ghcr.io/abc"],
    ["ghcr.io/a*b*c", "ghcr.io/axbxbxc"],
    ["ghcr.io/*a", "ghcr.io/aaa"],
    ["ghcr.io/a*a", "ghcr.io/aa"],
    ["ghcr.io/*.*_*", "ghcr.io/a.b_c"],
    ["lscr.io/linuxserver/*", "ghcr.io/linuxserver/plex"],
    ["**", "ghcr.io/tool"],
    ["**", "localhost:5000/a/b/c"],
    ["ghcr.io/acme/*, docker.io/nginx", "docker.io/library/nginx"],
  ])("%s: %s", (pattern, image) => {
    expect(matches(pattern, image)).toBe(true);
  });
});

describe("a pattern does not mean", () => {
  it.each([
    ["docker.io/nginx", "docker.io/library/nginx2"],
    ["docker.io/nginx", "docker.io/nginx"],
    ["docker.io/nginx", "ghcr.io/library/nginx"],
    ["docker.io/*", "docker.io/acme/app"],
    ["docker.io/alpine-*", "docker.io/library/alpine"],
    ["docker.io/*/*", "docker.io/acme/app/base"],
    ["ghcr.io/acme/**", "ghcr.io/acme"],
    ["ghcr.io/acme/**", "ghcr.io/acme2/app"],
    ["ghcr.io/acme/*", "ghcr.io/acme/app/base"],
    ["ghcr.io/*/**", "ghcr.io/acme"],
    ["ghcr.io/*", "ghcr.io/acme/app"],
    ["ghcr.io/a*a", "ghcr.io/a"],
    ["ghcr.io/a*b*b", "ghcr.io/ab"],
    ["ghcr.io/ab*ba", "ghcr.io/aba"],
    ["ghcr.io/*b*", "ghcr.io/aca"],
    ["ghcr.io/*.*", "ghcr.io/ab"],
    ["ghcr.io/a.c", "ghcr.io/abc"],
    ["ghcr.io/acme", "ghcr.io/x/acme"],
    ["ghcr.io/acme/app, docker.io/*", "ghcr.io/library/app"],
  ])("%s: %s", (pattern, image) => {
    expect(matches(pattern, image)).toBe(false);
  });

  it("anything where there is none", () => {
    expect(matchesRepository([], "docker.io", name("library/nginx"))).toBe(false);
  });
});

describe("whatever the pattern and the name", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
  const nameOfParts = fc.array(letters, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const starred = fc
    .string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 5 })
    .filter((part) => !part.includes("**"));
  const path = fc
    .tuple(fc.array(starred, { minLength: 1, maxLength: 3 }), fc.boolean())
    .map(([parts, below]) => [...parts, ...(below ? ["**"] : [])].join("/"));

  /** The same as a regular expression: exact, and for short texts only. */
  function modelOf(pattern: string): RegExp {
    const source = pattern.replace(/\*\*/g, "#").replace(/\*/g, "[^/]*").replace("#", ".+");
    return new RegExp(`^${source}$`);
  }

  it("they match as a regular expression says", () => {
    let both = 0;
    fc.assert(
      fc.property(path, nameOfParts, (pattern, repository) => {
        const expected = modelOf(pattern).test(repository);
        if (expected) both += 1;
        expect(matches(`ghcr.io/${pattern}`, `ghcr.io/${repository}`)).toBe(expected);
      }),
      { numRuns: 5_000 },
    );
    expect(both, "some 200 are expected").toBeGreaterThan(100);
  });

  it("a name matches itself with any run of a part's characters under a star", () => {
    const cut = fc.tuple(nameOfParts, fc.nat(), fc.nat());
    fc.assert(
      fc.property(cut, ([repository, part, at]) => {
        const parts = repository.split("/");
        const index = part % parts.length;
        const chosen = parts[index] ?? "";
        const from = at % (chosen.length + 1);
        const to = Math.min(chosen.length, from + (at % 3));
        parts[index] = `${chosen.slice(0, from)}*${chosen.slice(to)}`;
        expect(matches(`ghcr.io/${parts.join("/")}`, `ghcr.io/${repository}`)).toBe(true);
      }),
    );
  });
});

describe("a pattern costs no more than its length and the name's", () => {
  it.each<[string, string]>([
    ["stars between the letters of the name", `${"*a".repeat(120)}*b`],
    ["stars around long literals", `*${"a".repeat(80)}b*${"a".repeat(80)}b*`],
    ["a star in each of many parts", `${"*a*a*b/".repeat(30)}x`],
  ])("with %s", (_, path) => {
    const patterns = Array.from({ length: 500 }, (__, index) => `ghcr.io/${path}${index}`);
    const read500 = read(patterns);
    expect(read500).toHaveLength(500);
    const long = name(`${"a".repeat(253)}/c`);
    const many = name("aaaaaaa/".repeat(30) + "x");
    const spent = cpuTimeOf(() => {
      for (const repository of [long, many, name("a".repeat(255))])
        expect(matchesRepository(read500, "ghcr.io", repository)).toBe(false);
    });
    expect(spent).toBeLessThan(FAR_TOO_LONG_MS);
  });
});
