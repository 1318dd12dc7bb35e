// Manifests of the embedded registry, as clients read, write and delete them.
import { describe, expect, it } from "vitest";
import { codeOf, get, registryWith, sha } from "./stage.ts";

describe("manifests", () => {
  it("answer GET and HEAD alike, by tag and digest, with digest, type, length and ETag", async () => {
    const registry = await registryWith({ auth: "none" });
    const image = registry.seedImage({ repository: "library/hello" });
    for (const reference of ["latest", image.digest]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await get(`${registry.url}/v2/library/hello/manifests/${reference}`, {}, method);
        expect(response.headers.get("docker-content-digest")).toBe(image.digest);
        expect(response.headers.get("content-type")).toBe(image.mediaType);
        expect(response.headers.get("content-length")).toBe(String(image.size));
        const again = { "If-None-Match": response.headers.get("etag") ?? "" };
        expect((await get(response.url, again, method)).status).toBe(304);
      }
    }
  });

  it("count against the quota on GET, never on HEAD", async () => {
    const registry = await registryWith({ auth: "none", quota: 1, retryAfter: 7 });
    registry.seedImage({ repository: "library/hello" });
    const url = `${registry.url}/v2/library/hello/manifests/latest`;
    expect((await get(url)).headers.get("ratelimit-remaining")).toBe("0;w=21600");
    const limited = await get(url);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await codeOf(limited)).toBe("TOOMANYREQUESTS");
    expect((await get(url, {}, "HEAD")).status).toBe(200);
  });

  it("are refused when their digest, media type or blobs do not fit", async () => {
    const registry = await registryWith({ auth: "none" });
    const type = "application/vnd.oci.image.manifest.v1+json";
    const put = (reference: string, body: string, contentType = type) =>
      fetch(`${registry.url}/v2/team/app/manifests/${reference}`, {
        method: "PUT",
        body,
        headers: { "Content-Type": contentType },
      });
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      layers: [],
      subject: { digest: sha("x") },
    });
    expect(await codeOf(await put(sha("other"), body))).toBe("DIGEST_INVALID");
    expect(await codeOf(await put("v1", body, "application/json"))).toBe("MANIFEST_INVALID");
    const layers = [{ digest: sha("absent"), size: 1 }];
    expect(await codeOf(await put("v1", JSON.stringify({ mediaType: type, layers })))).toBe(
      "MANIFEST_BLOB_UNKNOWN",
    );
    const stored = await put(`${sha(body, "sha512")}?tag=v1&tag=v2`, body);
    expect(stored.status).toBe(201);
    expect(stored.headers.get("oci-subject")).toBe(sha("x"));
    expect(stored.headers.get("oci-tag")).toBe("v1, v2");
  });

  it("disappear by tag or, with their tags, by digest", async () => {
    const registry = await registryWith({ auth: "none" });
    const { digest } = registry.seedImage({ repository: "a/b" });
    const base = `${registry.url}/v2/a/b/manifests/`;
    expect((await get(`${base}latest`, {}, "DELETE")).status).toBe(202);
    expect(await codeOf(await get(`${base}latest`))).toBe("MANIFEST_UNKNOWN");
    expect((await get(`${base}${digest}`)).status).toBe(200);
    expect((await get(`${base}${digest}`, {}, "DELETE")).status).toBe(202);
    expect((await get(`${base}${digest}`)).status).toBe(404);
  });

  it("can be stored under a wrong digest by seeding, for poisoning tests", async () => {
    const registry = await registryWith({ auth: "none" });
    const manifest = {
      repository: "a/b",
      reference: sha("good"),
      mediaType: "application/json",
      body: "bad",
    };
    expect(() => registry.seedManifest(manifest)).toThrow("digest does not fit");
    registry.seedManifest({ ...manifest, unchecked: true });
    expect(await (await get(`${registry.url}/v2/a/b/manifests/${sha("good")}`)).text()).toBe("bad");
  });
});
