// What is known of public registries agrees with itself.
import { describe, expect, it } from "vitest";
import { DOCKER_HUB, parseRepositoryName } from "../../src/distribution/reference.ts";
import { KNOWN_REGISTRIES, knownRegistry } from "../../src/registries.ts";

const names = (registry: (typeof KNOWN_REGISTRIES)[number]): string[] => [
  registry.name,
  ...(registry.aliases ?? []),
];

describe("a registry", () => {
  it.each([
    ["docker.io", "docker.io"],
    ["index.docker.io", "docker.io"],
    ["registry-1.docker.io", "docker.io"],
    ["ghcr.io", "ghcr.io"],
    ["lscr.io", "ghcr.io"],
    ["k8s.gcr.io", "registry.k8s.io"],
    ["registry.k8s.io", "registry.k8s.io"],
    ["quay.io", "quay.io"],
    ["gcr.io", "gcr.io"],
    ["public.ecr.aws", "public.ecr.aws"],
    ["mcr.microsoft.com", "mcr.microsoft.com"],
    ["nvcr.io", "nvcr.io"],
    ["registry.gitlab.com", "registry.gitlab.com"],
    ["docker.elastic.co", "docker.elastic.co"],
    ["docker.cloudsmith.io", "docker.cloudsmith.io"],
    ["docker.n8n.io", "docker.io"],
    ["cgr.dev", "cgr.dev"],
    ["registry.ollama.ai", "registry.ollama.ai"],
    ["registry.access.redhat.com", "registry.access.redhat.com"],
  ])("goes by %s: %s", (host, name) => {
    expect(knownRegistry(host)?.name).toBe(name);
  });

  it.each([
    "",
    "evil.example",
    "docker.io.evil.example",
    "evil.docker.io",
    "DOCKER.IO",
    "docker.io:443",
    "__proto__",
  ])("does not go by %j", (host) => {
    expect(knownRegistry(host)).toBeUndefined();
  });

  it.each([
    [DOCKER_HUB, "https://auth.docker.io"],
    ["registry.gitlab.com", "https://gitlab.com"],
    ["docker.elastic.co", "https://docker-auth.elastic.co"],
    ["nvcr.io", "https://authn.nvidia.com"],
  ])("with a token service elsewhere has it pinned: %s at %s (S4)", (name, realm) => {
    expect(knownRegistry(name)?.realm).toBe(realm);
  });

  it("has no other foreign token service (S4)", () => {
    expect(KNOWN_REGISTRIES.filter(({ realm }) => realm !== undefined)).toHaveLength(4);
  });

  it("completes one-part names only at Docker Hub and at ollama's, and only Docker Hub has a mirror by default", () => {
    expect(KNOWN_REGISTRIES.filter(({ library }) => library).map(({ name }) => name)).toEqual([
      DOCKER_HUB,
      "registry.ollama.ai",
    ]);
    expect(KNOWN_REGISTRIES.filter(({ mirrors }) => mirrors !== undefined).map(({ name }) => name)).toEqual([
      DOCKER_HUB,
    ]);
  });
});

describe("the rows", () => {
  it("have names that can begin a repository's, each belonging to one registry", () => {
    const all = KNOWN_REGISTRIES.flatMap(names);
    expect(new Set(all).size).toBe(all.length);
    for (const name of all) {
      expect(parseRepositoryName(`${name}/x`)).toBe(`${name}/x`);
      expect(name).toMatch(/\./);
    }
  });

  it.each(KNOWN_REGISTRIES.map((registry) => [registry.name, registry] as const))(
    "have https origins only: %s",
    (_, { upstream, realm, mirrors }) => {
      for (const origin of [upstream, realm, ...(mirrors ?? [])]) {
        if (origin === undefined) continue;
        expect(new URL(origin).origin).toBe(origin);
        expect(origin).toMatch(/^https:/);
      }
    },
  );
});
