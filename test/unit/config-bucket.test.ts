// BUCKET_REPOSITORIES: what the bucket keeps, and what is said of a pattern that is none.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault, readConfig, type Config } from "../../src/config/config.ts";
import { matchesRepository } from "../../src/config/repository-patterns.ts";
import { parseRepositoryName, type RepositoryName } from "../../src/distribution/reference.ts";

const ROUTES = {
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  "hub.example.com": { upstream: "https://harbor.example.com", store: false },
  mirror: "*",
};
const BLOBS = Object.fromEntries(
  ["head", "get", "put", "delete", "list", "createMultipartUpload"].map((method) => [
    method,
    () => undefined,
  ]),
);

function configOf(env: Record<string, unknown>): Config {
  const result = readConfig({ ROUTES, ...env });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config;
}

function textsOf(BUCKET_REPOSITORIES: unknown): string[] {
  return configOf({ BUCKET_REPOSITORIES }).bucketRepositories.map(({ text }) => text);
}

function faultsOf(BUCKET_REPOSITORIES: unknown, routes: unknown = ROUTES): string[] {
  const result = readConfig({ ROUTES: routes, BUCKET_REPOSITORIES });
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("BUCKET_REPOSITORIES", () => {
  it.each([undefined, null, "", "  ", "\n", []])(
    "names nothing where it is unset, blank or empty: %j",
    (value) => {
      expect(textsOf(value)).toEqual([]);
    },
  );

  it.each([
    [["docker.io/*", "ghcr.io/acme/**"]],
    ["docker.io/* ghcr.io/acme/**"],
    ["docker.io/*,ghcr.io/acme/**"],
    ["\n  docker.io/*\n  ghcr.io/acme/**,\n"],
  ])("is a list, or a text with commas, spaces or line ends: %j", (value) => {
    expect(textsOf(value)).toEqual(["docker.io/library/*", "ghcr.io/acme/**"]);
  });

  it.each([1, true, {}])("is nothing else: %j", (value) => {
    expect(faultsOf(value)).toEqual([
      expect.stringMatching(/^BUCKET_REPOSITORIES: is .*: write a list, or a text with commas or spaces/),
    ]);
  });

  it("has 500 patterns at most", () => {
    const patterns = Array.from({ length: 501 }, (_, index) => `ghcr.io/acme/app${index}`);
    expect(textsOf([...patterns.slice(1), ...patterns.slice(1)])).toHaveLength(500);
    expect(faultsOf(patterns)).toEqual([
      'BUCKET_REPOSITORIES: has 501 patterns: write 500 at most, with "*" and "**" for several',
    ]);
  });
});

describe("D: what is no pattern is told with what to write", () => {
  const MATCHES_NOTHING =
    "which no name of a repository matches: write letters and digits, with one of . _ __ - between them, and not more than 255 characters";
  const EXAMPLE = 'write one such as "docker.io/library/*"';
  const EACH = 'and must begin with a registry: write a pattern for each registry, or "**" for all of them';

  it.each<[unknown, string]>([
    [1, `has 1, which is not a pattern of repositories: ${EXAMPLE}`],
    [["docker.io/x"], `has a list, which is not a pattern of repositories: ${EXAMPLE}`],
    ["", `has "", which is not a pattern of repositories: ${EXAMPLE}`],
    // What does not belong into it.
    [
      "https://ghcr.io/acme/**",
      'has "https://ghcr.io/acme/**", and must be without a scheme: write "ghcr.io/acme/**"',
    ],
    ["https://ghcr.io", 'has "https://ghcr.io", and must be without a scheme: write "ghcr.io/**"'],
    [
      "Docker.io/Nginx",
      'has "Docker.io/Nginx", and must be in lower case, as names are: write "docker.io/nginx"',
    ],
    [
      "docker.io/nginx:latest",
      'has "docker.io/nginx:***", and must be without a tag: write "docker.io/nginx"',
    ],
    [
      "docker.io/nginx@sha256:abc",
      'has "***@sha256:***", and must be without a digest: write "docker.io/nginx"',
    ],
    [" ghcr.io/a ", 'has " ghcr.io/a ", and must be without white space: write "ghcr.io/a"'],
    ["ghcr.io/a b", `has "ghcr.io/a b", and must be without white space: ${EXAMPLE}`],
    ["ghcr.io//a", 'has "ghcr.io//a", and has an empty part: write "ghcr.io/a"'],
    ["/ghcr.io/a", 'has "/ghcr.io/a", and has an empty part: write "ghcr.io/a"'],
    ["docker.io/library/", 'has "docker.io/library/", and ends with a slash: write "docker.io/library/**"'],
    ["docker.io/", 'has "docker.io/", and ends with a slash: write "docker.io/**"'],
    [
      "HTTPS://Docker.io//Nginx:latest/",
      'has "HTTPS://Docker.io//Nginx:***", and must be without a scheme: write "docker.io/nginx"',
    ],
    [
      "https://alice@ghcr.io/acme",
      'has "https://***@ghcr.io/acme", and must be without a scheme: write "ghcr.io/acme"',
    ],
    // The registry.
    ["*", `has "*", ${EACH}`],
    ["*/nginx", `has "*/nginx", ${EACH}`],
    ["**/nginx", `has "**/nginx", ${EACH}`],
    ["*.io/nginx", `has "*.io/nginx", ${EACH}`],
    ["nginx", 'has "nginx", and must begin with a registry: write "docker.io/nginx"'],
    [
      "nginx:1.27",
      'has "nginx:***", and "nginx:***" is no registry of the routes table: write "docker.io/nginx"',
    ],
    ["alpine*", 'has "alpine*", and must begin with a registry: write "docker.io/alpine*"'],
    ["library/*", 'has "library/*", and must begin with a registry: write "docker.io/library/*"'],
    ["ghcr.io", 'has "ghcr.io", which is a registry and no repository: write "ghcr.io/**"'],
    ["docker", 'has "docker", and must begin with a registry: write "docker.io/**"'],
    ["ghcr/acme/**", 'has "ghcr/acme/**", and must begin with a registry: write "ghcr.io/acme/**"'],
    [
      "docker.example.com/library/nginx",
      'has "docker.example.com/library/nginx", and "docker.example.com" is no registry of the routes table: write "docker.io/library/nginx"',
    ],
    [
      "hub.example.com/a",
      'has "hub.example.com/a", and "hub.example.com" is no registry of the routes table: write "harbor.example.com/a"',
    ],
    [
      "mirror.example.com/ghcr.io/a",
      'has "mirror.example.com/ghcr.io/a", and "mirror.example.com" is no registry of the routes table: write "ghcr.io/a"',
    ],
    [
      "quay.io/**",
      'has "quay.io/**", and "quay.io" is no registry of the routes table: add a row for it, or remove the pattern',
    ],
    // The path.
    [
      "ghcr.io/**/a",
      'has "ghcr.io/**/a", and has "**" elsewhere than as its last part: write "*" for any characters of one part',
    ],
    ["ghcr.io/acme**", expect.stringContaining('has "ghcr.io/acme**", and has "**" elsewhere') as string],
    [
      "ghcr.io/**acme/**",
      expect.stringContaining('has "ghcr.io/**acme/**", and has "**" elsewhere') as string,
    ],
    ["ghcr.io/***", expect.stringContaining('has "ghcr.io/***", and has "**" elsewhere') as string],
    ["ghcr.io/-a", `has "ghcr.io/-a", ${MATCHES_NOTHING}`],
    ["ghcr.io/*-", `has "ghcr.io/*-", ${MATCHES_NOTHING}`],
    ["ghcr.io/_*", `has "ghcr.io/_*", ${MATCHES_NOTHING}`],
    ["ghcr.io/a..*", `has "ghcr.io/a..*", ${MATCHES_NOTHING}`],
    ["ghcr.io/a___*", `has "ghcr.io/a___*", ${MATCHES_NOTHING}`],
    ["ghcr.io/a?", `has "ghcr.io/a", ${MATCHES_NOTHING}`],
    ["ghcr.io/[ab]", `has "ghcr.io/[ab]", ${MATCHES_NOTHING}`],
    ["ghcr.io/..", `has "ghcr.io/..", ${MATCHES_NOTHING}`],
    [`ghcr.io/${"a".repeat(256)}`, `has "ghcr.io/${"a".repeat(52)}…", ${MATCHES_NOTHING}`],
    // Completed, it is too long.
    [`docker.io/${"a".repeat(248)}`, `has "docker.io/${"a".repeat(50)}…", ${MATCHES_NOTHING}`],
    [
      `ghcr.io/${"a".repeat(505)}`,
      `has "ghcr.io/${"a".repeat(52)}…", which has more than 512 characters: ${EXAMPLE}`,
    ],
  ])("%j", (pattern, expected) => {
    const faults = faultsOf([pattern]).map((fault) => fault.replace("BUCKET_REPOSITORIES: ", ""));
    expect(faults).toEqual([expected]);
  });

  it.each(["ghcr.io/*-*", "ghcr.io/*_*", "ghcr.io/a-*", "ghcr.io/a__*", `ghcr.io/${"a".repeat(255)}`])(
    "and what a name can match is none: %s",
    (pattern) => {
      expect(faultsOf([pattern])).toEqual([]);
    },
  );

  it("all of them at once", () => {
    expect(faultsOf("nginx docker.io/x ghcr.io/a:1")).toHaveLength(2);
  });

  it("but for registries that may stand in a row with a fault", () => {
    const routes = { ghcr: "ghcr.io", docker: "https://registry-1.docker.io" };
    expect(faultsOf("ghcr.io/acme/** docker.io/nginx", routes)).toEqual([
      expect.stringMatching(/^ROUTES, row "ghcr": /),
    ]);
    expect(faultsOf("ghcr.io/acme:1 acme/app", routes)).toEqual([
      expect.stringMatching(/^ROUTES, row "ghcr": /),
      expect.stringContaining("and must be without a tag"),
      expect.stringContaining("and must begin with a registry"),
    ]);
  });

  it("but for a public registry whose name begins like a row", () => {
    const routes = { gcr: "https://registry.example.com" };
    expect(faultsOf("gcr.io/a", routes)).toEqual([expect.stringContaining(": add a row for it")]);
  });

  it("without what may be a secret", () => {
    for (const text of [
      "https://alice:canary@ghcr.io/acme",
      "https://canary@ghcr.io/acme",
      "canary@ghcr.io/acme",
      "alice:canary@ghcr.io",
      "alice:can/canary@ghcr.io/acme",
      "canary/canary@ghcr.io/acme",
      "alice:canary",
      "ghcr.io/acme?canary",
      "https://alice:p?canary@ghcr.io",
    ]) {
      const faults = faultsOf([text]);
      expect(faults).toHaveLength(1);
      expect(faults.join()).not.toContain("canary");
    }
  });

  it("and on one line, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const pattern of [text, `ghcr.io/${text}`]) {
          const faults = faultsOf([pattern]).join("");
          expect(faults).not.toMatch(/[\u0000-\u001f]/);
        }
      }),
    );
  });

  it("and what is told to be written is a pattern", () => {
    const piece = fc.constantFrom(
      "docker",
      "ghcr.io",
      "docker.io",
      "A",
      "a",
      "/",
      "*",
      "**",
      ":1",
      "@",
      "-",
      "https://",
      " ",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const [fault = ""] = faultsOf([pieces.join("")]);
        const meant = /: write ("(?:[^"\\]|\\.)*")$/.exec(fault)?.[1];
        if (meant !== undefined) expect(faultsOf([JSON.parse(meant)])).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("S11: the bucket keeps", () => {
  const repository = (text: string): RepositoryName => parseRepositoryName(text) as RepositoryName;
  const keeps = (env: Record<string, unknown>, registry: string, name: string): boolean =>
    matchesRepository(configOf(env).bucketRepositories, registry, repository(name));

  it("what a pattern names", () => {
    const env = { BLOBS, BUCKET_REPOSITORIES: "docker.io/* lscr.io/acme/**" };
    expect(keeps(env, "docker.io", "library/nginx")).toBe(true);
    expect(keeps(env, "ghcr.io", "acme/app")).toBe(true);
    expect(keeps(env, "ghcr.io", "other/app")).toBe(false);
    expect(keeps(env, "docker.io", "acme/app")).toBe(false);
  });

  it("nothing where nothing is named", () => {
    expect(keeps({ BLOBS }, "docker.io", "library/nginx")).toBe(false);
    expect(keeps({ BLOBS, BUCKET_REPOSITORIES: [] }, "docker.io", "library/nginx")).toBe(false);
  });
});
