// Tags, catalog and referrers: their pages lead to the last one, on the client's host and under the client's names.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import { row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, fakeUpstream, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const REMOTE = { docker: { upstream: "https://registry.example.net", library: true } };

afterEach(() => {
  vi.restoreAllMocks();
});

async function open(pageSize: number): Promise<{ registry: RemoteRegistry; ferry: ClientFerry }> {
  const registry = await startRegistry({ auth: "none", library: true, pageSize });
  return { registry, ferry: new ClientFerry({ docker: row(registry, { library: true }) }) };
}

/** Follows the pages as crane and oras do: only on the same origin, and not for ever. */
async function pagesFrom(
  ferry: ClientFerry,
  start: string,
): Promise<{ pages: unknown[]; addresses: string[] }> {
  const pages: unknown[] = [];
  const addresses: string[] = [];
  let next: string | undefined = start;
  while (next !== undefined && pages.length < 20) {
    const url: URL = new URL(next, HOST);
    expect(url.origin).toBe(HOST);
    addresses.push(url.pathname + url.search);
    const response = await ferry.fetch(url.href);
    expect(response.status).toBe(200);
    pages.push(await response.json());
    next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
  }
  return { pages, addresses };
}

describe("tags", () => {
  it("lead through every page, under the client's name", async () => {
    const { registry, ferry } = await open(2);
    for (const tag of ["a", "b", "c", "d", "e"]) {
      await registry.seedImage({ repository: "library/hello", tag, seed: "same", layers: [16] });
    }
    const { pages, addresses } = await pagesFrom(ferry, "/v2/hello/tags/list");
    expect(pages).toEqual([
      { name: "hello", tags: ["a", "b"] },
      { name: "hello", tags: ["c", "d"] },
      { name: "hello", tags: ["e"] },
    ]);
    expect(addresses).toEqual([
      "/v2/hello/tags/list",
      "/v2/hello/tags/list?n=2&last=b",
      "/v2/hello/tags/list?n=2&last=d",
    ]);
    expect((await seenBy(registry)).map(({ path, query }) => `${path}?${query}`)).toEqual([
      "/v2/library/hello/tags/list?",
      "/v2/library/hello/tags/list?n=2&last=b",
      "/v2/library/hello/tags/list?n=2&last=d",
    ]);
  });

  it("in pages of the client's size", async () => {
    const { registry, ferry } = await open(100);
    for (const tag of ["a", "b", "c"])
      await registry.seedImage({ repository: "team/app", tag, layers: [16] });
    const { pages } = await pagesFrom(ferry, "/v2/team/app/tags/list?n=1");
    expect(pages).toEqual(["a", "b", "c"].map((tag) => ({ name: "team/app", tags: [tag] })));
  });

  it("a number that is none is the registry's own refusal", async () => {
    const { registry, ferry } = await open(2);
    await registry.seedImage({ repository: "library/hello" });
    const response = await ferry.fetch(`${HOST}/v2/hello/tags/list?n=many`);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("PAGINATION_NUMBER_INVALID");
  });

  it("HEAD has no length where GET's would be another than the registry's", async () => {
    const { registry, ferry } = await open(2);
    await registry.seedImage({ repository: "library/hello" });
    const mapped = await ferry.fetch(`${HOST}/v2/hello/tags/list`, { method: "HEAD" });
    expect([mapped.status, mapped.headers.get("Content-Length")]).toEqual([200, null]);
    const same = await ferry.fetch(`${HOST}/v2/library/hello/tags/list`, { method: "HEAD" });
    const body = JSON.stringify({ name: "library/hello", tags: ["latest"] });
    expect([same.status, same.headers.get("Content-Length")]).toEqual([200, String(body.length)]);
  });

  it("what is no list passes as it is", async () => {
    fakeUpstream(() => new Response("[]", { headers: { "Content-Type": "application/json" } }));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`);
    expect(await response.text()).toBe("[]");
  });

  it("other members of the list stay", async () => {
    const list = {
      name: "library/hello",
      tags: null,
      child: ["x"],
      manifest: { "sha256:a": { tag: ["1"] } },
    };
    fakeUpstream(() => Response.json(list));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`);
    expect(await response.json()).toEqual({ ...list, name: "hello" });
  });

  it("a list of more than 4 MiB that would have to be read is 502 and says how to ask", async () => {
    fakeUpstream(() => new Response(" ".repeat(4 * 1024 * 1024 + 1)));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain("?n=1000");
  });

  it("a list that breaks off while it is read is 503, not a fault of ours", async () => {
    fakeUpstream(() => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) });
      return new Response(body, { headers: { "Content-Type": "application/json" } });
    });
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`);
    expect(response.status).toBe(503);
    expect(await codeOf(response)).toBe("UNAVAILABLE");
  });
});

describe("the catalog", () => {
  it("leads through every page", async () => {
    const { registry, ferry } = await open(2);
    for (const repository of ["a/a", "b/b", "c/c"]) await registry.seedImage({ repository, layers: [16] });
    const { pages, addresses } = await pagesFrom(ferry, "/v2/_catalog");
    expect(pages).toEqual([{ repositories: ["a/a", "b/b"] }, { repositories: ["c/c"] }]);
    expect(addresses).toEqual(["/v2/_catalog", "/v2/_catalog?n=2&last=b%2Fb"]);
  });
});

describe("referrers", () => {
  it("lead through every page and keep the filter", async () => {
    const { registry, ferry } = await open(1);
    const image = await registry.seedImage({ repository: "library/hello" });
    const digests: string[] = [];
    for (const content of ["one", "two", "three"]) {
      const artifactType = content === "three" ? "application/vnd.other" : "application/vnd.sbom+json";
      const referrer = await registry.seedReferrer({
        repository: "library/hello",
        subject: image.digest,
        artifactType,
        content,
      });
      if (content !== "three") digests.push(referrer.digest);
    }
    const start = `/v2/hello/referrers/${image.digest}?artifactType=application%2Fvnd.sbom%2Bjson`;
    const { pages, addresses } = await pagesFrom(ferry, start);
    const found = (pages as { manifests: { digest: string }[] }[]).map(({ manifests }) => manifests);
    expect(found.map((manifests) => manifests.length)).toEqual([1, 1]);
    expect(found.flat().map(({ digest }) => digest)).toEqual(digests.sort());
    expect(addresses[1]).toMatch(
      new RegExp(
        `^/v2/hello/referrers/${image.digest}\\?artifactType=application%2Fvnd.sbom%2Bjson&n=1&last=`,
      ),
    );
  });

  it("tell that the filter was applied, and their type", async () => {
    const { registry, ferry } = await open(100);
    const image = await registry.seedImage({ repository: "library/hello" });
    const response = await ferry.fetch(`${HOST}/v2/hello/referrers/${image.digest}?artifactType=a`);
    expect(response.headers.get("OCI-Filters-Applied")).toBe("artifactType");
    expect(response.headers.get("Content-Type")).toBe("application/vnd.oci.image.index.v1+json");
  });

  it("of a registry that has none are 404, so that clients ask for the tag instead", async () => {
    const { registry, ferry } = await open(100);
    const image = await registry.seedImage({ repository: "library/hello" });
    await registry.configure({ referrers: false });
    expect((await ferry.fetch(`${HOST}/v2/hello/referrers/${image.digest}`)).status).toBe(404);
  });
});

describe("a Link becomes a path on the client's host", () => {
  it.each([
    ['<https://registry.example.net/v2/library/hello/tags/list?last=x&n=5>; rel="next"', "?last=x&n=5"],
    ['</v2/library/hello/tags/list?last=x%2Fy+z>; rel="next"', "?last=x%2Fy+z"],
    ["<?last=x>; rel=next", "?last=x"],
    ['<https://other.example.org/somewhere?last=x>; rel="next"', "?last=x"],
    ['<http://registry.example.net/v2/library/hello/tags/list?last=x#frag>; rel="next"', "?last=x"],
  ])("%s", async (link, search) => {
    fakeUpstream(() => Response.json({ name: "library/hello", tags: [] }, { headers: { Link: link } }));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`);
    expect(response.headers.get("Link")).toBe(`</v2/hello/tags/list${search}>; rel="next"`);
  });

  it("what is no Link is left out", async () => {
    fakeUpstream(() => Response.json({ name: "library/hello", tags: [] }, { headers: { Link: "nonsense" } }));
    expect(
      (await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/tags/list`)).headers.get("Link"),
    ).toBeNull();
  });
});
