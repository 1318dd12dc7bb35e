// Blobs of the embedded registry: in parts, by redirect, and broken off.
import { describe, expect, it } from "vitest";
import type { RegistryOptions } from "../../registry/index.ts";
import { codeOf, get, registryWith } from "./stage.ts";

describe("blobs", () => {
  const content = "0123456789";
  const direct = async (options: RegistryOptions = {}) => {
    const registry = await registryWith({ auth: "none", redirectBlobs: false, ...options });
    const { digest } = registry.seedBlob({ repository: "a/b", content });
    return { registry, url: `${registry.url}/v2/a/b/blobs/${digest}` };
  };

  it.each([
    ["bytes=2-4", 206, "bytes 2-4/10", "234"],
    ["bytes=7-", 206, "bytes 7-9/10", "789"],
    ["bytes=-2", 206, "bytes 8-9/10", "89"],
    ["bytes=8-99", 206, "bytes 8-9/10", "89"],
    ["bytes=4-2", 200, null, content],
    ["lines=1-2", 200, null, content],
  ])("answer Range %s", async (Range, status, contentRange, body) => {
    const { url } = await direct();
    const response = await get(url, { Range });
    expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(await response.text()).toBe(body);
  });

  it("refuse a range beyond the end and send several as multipart", async () => {
    const { url } = await direct();
    const beyond = await get(url, { Range: "bytes=10-" });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    const several = await get(url, { Range: "bytes=0-1,8-9" });
    expect(several.headers.get("content-type")).toMatch(/^multipart\/byteranges; boundary=/);
    const text = await several.text();
    expect(text).toContain("Content-Range: bytes 0-1/10\r\n\r\n01\r\n");
    expect(text).toContain("Content-Range: bytes 8-9/10\r\n\r\n89\r\n");
  });

  it("redirect to a signed CDN link, which refuses Authorization and forgery", async () => {
    const { url, registry } = await direct({ redirectBlobs: true });
    const redirect = await get(url);
    expect(redirect.status).toBe(307);
    const link = redirect.headers.get("location") ?? "";
    expect(link.startsWith(registry.cdnUrl)).toBe(true);
    expect(await (await get(link)).text()).toBe(content);
    expect((await get(link, { Range: "bytes=0-1" })).status).toBe(206);
    const refused = await get(link, { Authorization: "Bearer x" });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining("x-amz-content-sha256"),
    ]);
    expect((await get(`${link}0`)).status).toBe(403);
    registry.configure({ linkSeconds: -1 });
    expect((await get((await get(url)).headers.get("location") ?? "")).status).toBe(403);
  });

  it("redirect relatively, as Google does", async () => {
    const { url, registry } = await direct({ redirectBlobs: "relative" });
    const redirect = await get(url, {}, "HEAD");
    expect(redirect.status).toBe(302);
    const location = redirect.headers.get("location") ?? "";
    expect(location).toMatch(/^\/artifacts-downloads\//);
    expect(await (await get(registry.url + location)).text()).toBe(content);
  });

  it("break after so many bytes, so many times", async () => {
    const { url } = await direct({ breakBlobAfter: 4, breakBlobTimes: 1 });
    await expect(get(url).then((response) => response.text())).rejects.toThrow();
    expect(await (await get(url)).text()).toBe(content);
  });

  it("belong to their repository", async () => {
    const { url } = await direct();
    expect(await codeOf(await get(url.replace("/a/b/", "/a/c/")))).toBe("NAME_UNKNOWN");
  });
});
