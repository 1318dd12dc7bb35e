// Lists of the embedded registry: tags, catalog and referrers, in pages.
import { describe, expect, it } from "vitest";
import { ALICE, bearer, get, registryWith } from "./stage.ts";

describe("lists", () => {
  it("come in pages with a Link to the next", async () => {
    const registry = await registryWith({ auth: "none", pageSize: 2 });
    for (const tag of ["c", "a", "b"]) registry.seedImage({ repository: "a/b", tag, layers: [1] });
    const first = await get(`${registry.url}/v2/a/b/tags/list?n=50`);
    expect(await first.json()).toEqual({ name: "a/b", tags: ["a", "b"] });
    expect(first.headers.get("link")).toBe('</v2/a/b/tags/list?n=2&last=b>; rel="next"');
    const second = await get(`${registry.url}/v2/a/b/tags/list?n=2&last=b`);
    expect(await second.json()).toEqual({ name: "a/b", tags: ["c"] });
    expect(second.headers.get("link")).toBeNull();
    expect((await get(`${registry.url}/v2/a/b/tags/list?n=x`)).status).toBe(400);
  });

  it("show anonymous callers no private repository in the catalog", async () => {
    const registry = await registryWith();
    for (const repository of ["private/secret", "library/hello"]) registry.seedImage({ repository });
    const names = async (authorization?: string) => {
      const Authorization = await bearer(registry, "registry:catalog:*", authorization);
      const response = await get(`${registry.url}/v2/_catalog`, { Authorization });
      return ((await response.json()) as { repositories: string[] }).repositories;
    };
    expect(await names()).toEqual(["library/hello"]);
    expect(await names(ALICE)).toEqual(["library/hello", "private/secret"]);
  });

  it("give a manifest's referrers, filtered and in pages", async () => {
    const registry = await registryWith({ auth: "none", pageSize: 1 });
    const { digest } = registry.seedImage({ repository: "a/b" });
    for (const artifactType of ["x/sbom", "x/signature"]) {
      registry.seedReferrer({ repository: "a/b", subject: digest, artifactType });
    }
    const url = `${registry.url}/v2/a/b/referrers/${digest}`;
    const filtered = await get(`${url}?artifactType=x/sbom`);
    expect(filtered.headers.get("oci-filters-applied")).toBe("artifactType");
    expect(await filtered.json()).toMatchObject({ manifests: [{ artifactType: "x/sbom" }] });
    expect((await get(url)).headers.get("link")).toMatch(/^<\/v2\/a\/b\/referrers\/.*>; rel="next"$/);
    registry.configure({ referrers: false });
    expect((await get(url)).status).toBe(404);
  });
});
