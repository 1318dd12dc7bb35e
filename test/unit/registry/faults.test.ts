// The embedded registry fails and misbehaves as it is told.
import { describe, expect, it } from "vitest";
import { startRegistry } from "../../registry/index.ts";
import type { RegistryOptions } from "../../registry/index.ts";
import { codeOf, get, registryWith } from "./stage.ts";

describe("faults", () => {
  it("answer with a status, close the socket, or keep silent", async () => {
    const registry = await registryWith({ fail: 503, failPath: "/manifests/", auth: "none" });
    const url = `${registry.url}/v2/a/b/manifests/latest`;
    expect((await get(url)).status).toBe(503);
    expect((await get(`${registry.url}/v2/`)).status).toBe(200);
    registry.configure({ fail: "drop" });
    await expect(get(url)).rejects.toThrow();
    registry.configure({ fail: "hang" });
    await expect(fetch(url, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    registry.configure({ fail: null, failToken: 500, htmlErrors: true });
    expect((await get(registry.tokenUrl)).status).toBe(500);
    expect((await get(url)).headers.get("content-type")).toContain("text/html");
  });

  it("know one-part names only outside of Docker Hub's manner", async () => {
    const registry = await registryWith({ auth: "none", library: true });
    registry.seedImage({ repository: "hello" });
    expect(await codeOf(await get(`${registry.url}/v2/hello/tags/list`))).toBe("NAME_UNKNOWN");
  });

  it("encode with gzip in spite of identity, and refuse HEAD or leave its digest out", async () => {
    const registry = await registryWith({ auth: "none", gzipEncode: true, headManifest: "no-digest" });
    registry.seedImage({ repository: "a/b" });
    const url = `${registry.url}/v2/a/b/manifests/latest`;
    const encoded = await get(url, { "Accept-Encoding": "identity" });
    expect(encoded.headers.get("content-encoding")).toBe("gzip");
    expect((await get(url, {}, "HEAD")).headers.get("docker-content-digest")).toBeNull();
    registry.configure({ headManifest: 405 });
    expect((await get(url, {}, "HEAD")).status).toBe(405);
  });

  it("refuse a mistyped option", async () => {
    await expect(startRegistry({ quotas: 1 } as RegistryOptions)).rejects.toThrow("unknown registry option");
  });
});
