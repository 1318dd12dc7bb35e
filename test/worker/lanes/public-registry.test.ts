// The public lane in front of a whole registry: images, blobs, lists and errors as a client reads them.
import { describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions, SeededImage } from "../../registry/types.ts";
import { AnonymousFerry, codeOf, digestOf, layerOf, seenBy } from "../client-ferry.ts";
import { row, startRegistry } from "../ferry.ts";
import { DIGEST, HOST } from "../played-registry.ts";

describe("with a whole registry", () => {
  let registry: RemoteRegistry;
  let image: SeededImage;
  let ferry: AnonymousFerry;

  async function serve(options: RegistryOptions = {}): Promise<void> {
    registry = await startRegistry({ library: true, ...options });
    image = await registry.seedImage({ repository: "library/hello", layers: [512, 100_000] });
    ferry = new AnonymousFerry({ harbor: row(registry, { library: true }) });
  }
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    ferry.fetch(`${HOST}/v2/hello/${path}`, init);

  it("what is not there is 404 as an OCI error that clients show", async () => {
    await serve();
    for (const [path, code] of [
      ["manifests/nosuchtag", "MANIFEST_UNKNOWN"],
      [`manifests/${DIGEST}`, "MANIFEST_UNKNOWN"],
      [`blobs/${DIGEST}`, "BLOB_UNKNOWN"],
    ] as const) {
      const response = await get(path);
      expect(response.status).toBe(404);
      const text = await response.clone().text();
      const length = response.headers.get("Content-Length");
      if (length !== null) expect(length).toBe(String(text.length));
      expect(await codeOf(response)).toBe(code);
      expect((await get(path, { method: "HEAD" })).status).toBe(404);
    }
  });

  it("an upstream that encodes in spite of identity is decoded, GET and HEAD", async () => {
    await serve({ gzipEncode: true, redirectBlobs: false });
    for (const [path, digest] of [
      ["manifests/latest", image.digest],
      [`manifests/${image.digest}`, image.digest],
      [`blobs/${layerOf(image).digest}`, layerOf(image).digest],
    ] as const) {
      const head = await get(path, { method: "HEAD" });
      expect(head.headers.get("Content-Encoding")).toBeNull();
      const length = head.headers.get("Content-Length");
      if (length !== null)
        expect(length).toBe(String(path.startsWith("blobs") ? layerOf(image).size : image.size));
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Encoding")).toBeNull();
      const bytes = await response.arrayBuffer();
      expect(await digestOf(bytes)).toBe(digest);
      const said = response.headers.get("Content-Length");
      if (said !== null) expect(said).toBe(String(bytes.byteLength));
    }
    const asked = await seenBy(registry);
    expect(new Set(asked.map(({ headers }) => headers["accept-encoding"]))).toEqual(new Set(["identity"]));
  });

  it.each([
    ["at the CDN", true],
    ["at the registry", false],
  ])("a blob that breaks off %s: the stream errors", async (_, redirectBlobs) => {
    await serve({ redirectBlobs, breakBlobAfter: 1000 });
    const { digest } = layerOf(image);
    const response = await get(`blobs/${digest}`);
    expect(response.status).toBe(200);
    // Read as a connection would: by now the copy for the store has ended, and been given up.
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const read = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(read()).rejects.toThrow();
    expect((await get(`blobs/${digest}`, { method: "HEAD" })).headers.get("X-Cache")).toBe("miss");
  });

  it.each([301, 302, 303, 307, 308] as const)(
    "a blob by %i comes without the token at the CDN",
    async (status) => {
      await serve({ redirectStatus: status });
      const { digest, size } = layerOf(image);
      const part = await get(`blobs/${digest}`, { headers: { Range: "bytes=10-" } });
      expect([part.status, part.headers.get("Content-Range")]).toEqual([206, `bytes 10-${size - 1}/${size}`]);
      await part.arrayBuffer();
      const whole = await get(`blobs/${digest}`);
      expect(whole.headers.get("Location")).toBeNull();
      expect(await digestOf(await whole.arrayBuffer())).toBe(digest);
      for (const { headers } of await seenBy(registry, "cdn"))
        expect(headers["authorization"]).toBeUndefined();
    },
  );

  it.each([
    ["405", 405],
    ["without a digest", "no-digest"],
  ] as const)("HEAD that is %s: GET by tag, hashed here", async (_, headManifest) => {
    await serve({ headManifest });
    for (const method of ["HEAD", "GET"]) {
      const response = await get("manifests/latest", { method });
      expect(response.status).toBe(200);
      expect(response.headers.get("Docker-Content-Digest")).toBe(image.digest);
      expect(response.headers.get("Content-Length")).toBe(String(image.size));
      if (method === "GET") expect(await digestOf(await response.arrayBuffer())).toBe(image.digest);
    }
  });

  it.each(["token", "none"] as const)(
    "lists lead through every page, under the client's name (auth %s)",
    async (auth) => {
      await serve({ auth, pageSize: 2 });
      for (const tag of ["a", "b", "c", "d"]) {
        await registry.seedImage({ repository: "library/hello", tag, seed: "same", layers: [16] });
      }
      const { pages, addresses } = await pagesFrom("/v2/hello/tags/list");
      expect(pages).toEqual([
        { name: "hello", tags: ["a", "b"] },
        { name: "hello", tags: ["c", "d"] },
        { name: "hello", tags: ["latest"] },
      ]);
      expect(addresses).toEqual([
        "/v2/hello/tags/list",
        "/v2/hello/tags/list?n=2&last=b",
        "/v2/hello/tags/list?n=2&last=d",
      ]);
    },
  );

  it("the catalog, where everybody may have it", async () => {
    await serve({ auth: "none", pageSize: 2 });
    for (const repository of ["a/a", "b/b"]) await registry.seedImage({ repository, layers: [16] });
    const { pages, addresses } = await pagesFrom("/v2/_catalog");
    expect(pages).toEqual([{ repositories: ["a/a", "b/b"] }, { repositories: ["library/hello"] }]);
    expect(addresses).toEqual(["/v2/_catalog", "/v2/_catalog?n=2&last=b%2Fb"]);
  });

  it("the catalog, where nobody may without a login, is 401 with its scope", async () => {
    await serve();
    const response = await ferry.fetch(`${HOST}/v2/_catalog`);
    if (response.status === 200) return;
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="registry.test",scope="registry:catalog:*",error="insufficient_scope"`,
    );
  });

  it("referrers lead through every page and keep the filter", async () => {
    await serve({ pageSize: 1 });
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
    const { pages, addresses } = await pagesFrom(start);
    const found = (pages as { manifests: { digest: string }[] }[]).flatMap(({ manifests }) => manifests);
    expect(found.map(({ digest }) => digest)).toEqual(digests.sort());
    expect(addresses[1]).toContain("artifactType=application%2Fvnd.sbom%2Bjson&n=1&last=");
  });

  it("referrers of a registry that has none are 404, GET and HEAD", async () => {
    await serve({ referrers: false });
    for (const method of ["GET", "HEAD"]) {
      expect((await get(`referrers/${image.digest}`, { method })).status).toBe(404);
    }
  });

  it("429 of the pull limit keeps Retry-After, RateLimit and body", async () => {
    await serve({ quota: 0, retryAfter: 120 });
    const response = await get("manifests/latest");
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("120");
    expect(response.headers.get("RateLimit-Remaining")).toBe("0;w=21600");
    expect(await codeOf(response)).toBe("TOOMANYREQUESTS");
  });

  it("names are completed on the way up, in path and scope, and shortened on the way back", async () => {
    await serve({ private: ["library/secret"] });
    expect((await get("manifests/latest")).status).toBe(200);
    const [token] = await seenBy(registry, "token");
    expect(new URLSearchParams(token?.query).get("scope")).toBe("repository:library/hello:pull");
    await registry.seedImage({ repository: "library/secret" });
    const refused = await ferry.fetch(`${HOST}/v2/secret/manifests/latest`);
    expect(refused.headers.get("WWW-Authenticate")).toContain('scope="repository:secret:pull"');
  });

  async function pagesFrom(start: string): Promise<{ pages: unknown[]; addresses: string[] }> {
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
});
