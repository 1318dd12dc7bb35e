// Names go to the registry and come back as a client can say them, for every registry and every repository.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig, type Config } from "../../src/config/config.ts";
import type { Registry, Route } from "../../src/config/registry.ts";
import { RegistryError } from "../../src/distribution/errors.ts";
import { parseRepositoryName, type RepositoryName } from "../../src/distribution/reference.ts";
import { KNOWN_REGISTRIES, knownRegistry } from "../../src/registries.ts";
import { clientNameOf, resolveRepository, type Place, type Serving } from "../../src/routing/names.ts";

function everyRegistry(): Config {
  const own = { upstream: "https://harbor.example.com", library: true };
  const ROUTES: Record<string, unknown> = { own, other: "https://quay.example.com" };
  for (const { name, upstream } of KNOWN_REGISTRIES) ROUTES[name.replaceAll(".", "-")] = upstream;
  const result = readConfig({ ROUTES });
  if (!result.ok) throw new Error("faults");
  return result.config;
}

const CONFIG = everyRegistry();
const REGISTRIES = [...new Set(CONFIG.registries.values())];
const NAMES = [...CONFIG.registries.keys()];
const UNIVERSAL: Route = { kind: "universal" };

const component = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,8}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}$/),
  fc.constantFrom("library", "auth", "tags", "manifests", "blobs", "uploads", "v2", "a.example", ...NAMES),
);
const repository = fc
  .array(component, { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/") as RepositoryName);
const ns = fc.option(fc.constantFrom(...NAMES), { nil: undefined });

const routes = (registry: Registry): Route[] => [{ kind: "registry", registry }, UNIVERSAL];

/** The name in the grammar, as a client's request would have it. */
function said(name: string): RepositoryName {
  const parsed = parseRepositoryName(name);
  if (parsed === undefined) throw new Error(`${name} is no repository name`);
  return parsed;
}

function serving(route: Route): Serving {
  const host = { name: "any.example.com", authority: "any.example.com" };
  return { config: CONFIG, route, host, caller: { kind: "owner" } };
}

function resolvedOrRefused(
  route: Route,
  name: RepositoryName,
  namespace: string | undefined,
): Place | undefined {
  try {
    return resolveRepository(serving(route), name, namespace);
  } catch (error) {
    if (error instanceof RegistryError) return undefined;
    throw error;
  }
}

describe.each(REGISTRIES.map((registry) => [registry.name, registry] as const))("%s", (_, registry) => {
  it("has every repository under a name of the client's that leads back to it", () => {
    fc.assert(
      fc.property(repository, (name) => {
        // Where one-part names stand for `library/…`, the registry has none of its own.
        fc.pre(!registry.library || name.includes("/"));
        for (const route of routes(registry)) {
          const place = resolveRepository(
            serving(route),
            said(clientNameOf(serving(route), registry, name)),
            undefined,
          );
          expect([place.registry, place.repository]).toEqual([registry, name]);
        }
      }),
    );
  });
});

describe("a place", () => {
  const route = fc.constantFrom(...REGISTRIES.flatMap(routes));

  it("is led to by its name in addresses and by its name in scopes, without ns= (S3, S8)", () => {
    fc.assert(
      fc.property(route, repository, ns, (each, name, namespace) => {
        const place = resolvedOrRefused(each, name, namespace);
        if (place === undefined) return;
        expect(place.clientName).toBe(name);
        for (const again of [place.addressName, place.scopeName]) {
          const found = resolveRepository(serving(each), said(again), undefined);
          expect([found.registry, found.repository]).toEqual([place.registry, place.repository]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("has a scope that begins with its registry on a universal host (S3)", () => {
    fc.assert(
      fc.property(repository, ns, (name, namespace) => {
        const place = resolvedOrRefused(UNIVERSAL, name, namespace);
        if (place === undefined) return;
        const [first = ""] = place.scopeName.split("/", 1);
        expect(CONFIG.registries.get(first)).toBe(place.registry);
      }),
      { numRuns: 1000 },
    );
  });

  it("on a host of one registry is always that registry's (S3)", () => {
    fc.assert(
      fc.property(fc.constantFrom(...REGISTRIES), repository, ns, (registry, name, namespace) => {
        const place = resolvedOrRefused({ kind: "registry", registry }, name, namespace);
        const mayServe = namespace === undefined || CONFIG.registries.get(namespace) === registry;
        const [first = "", ...rest] = name.split("/");
        // On a public registry's host a name that begins with another registry, or is one, is refused.
        const named = CONFIG.registries.get(first);
        const isPublic = knownRegistry(registry.name)?.upstream === registry.upstream;
        const isNamed = !isPublic || named === undefined || (named === registry && rest.length > 0);
        expect(place?.registry).toBe(mayServe && isNamed ? registry : undefined);
      }),
    );
  });

  it("comes of any ns whatsoever, or a RegistryError does (S8)", () => {
    fc.assert(
      fc.property(route, repository, fc.string({ unit: "binary" }), (each, name, namespace) => {
        expect(resolvedOrRefused(each, name, namespace)).toBeUndefined();
      }),
    );
  });

  it("has a name in the grammar, however long the client's was (S17)", () => {
    const long = "a/".repeat(127);
    for (const name of [`${long}b`, "a".repeat(255), "a".repeat(248)]) {
      for (const each of [UNIVERSAL, ...REGISTRIES.flatMap(routes)]) {
        const place = resolvedOrRefused(each, said(name), undefined);
        if (place !== undefined) expect(parseRepositoryName(place.repository)).toBe(place.repository);
      }
    }
  });
});
