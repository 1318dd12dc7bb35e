// Uploads to the embedded registry, in every form that registries give their Location.
import { describe, expect, it } from "vitest";
import { ALICE, bearer, codeOf, get, registryWith, sha } from "./stage.ts";

describe("uploads", () => {
  const call = (url: string, method: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(url, { method, headers, redirect: "manual", ...(body !== undefined && { body }) });

  it.each(["path", "absolute", "query", "google", "other-host"] as const)(
    "run in chunks to a digest, with %s Locations",
    async (uploadLocation) => {
      const registry = await registryWith({ auth: "none", uploadLocation, redirectBlobs: false });
      const resolved = (response: Response) =>
        new URL(response.headers.get("location") ?? "", registry.url).href;
      const started = await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST");
      expect(started.status).toBe(202);
      const first = await call(resolved(started), "PATCH", "hello ", { "Content-Range": "0-5" });
      expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
      const wrong = await call(resolved(first), "PATCH", "world", { "Content-Range": "9-13" });
      expect([wrong.status, wrong.headers.get("range")]).toEqual([416, "0-5"]);
      const status = await call(resolved(wrong), "GET");
      expect([status.status, status.headers.get("range")]).toEqual([204, "0-5"]);
      const second = await call(resolved(status), "PATCH", "world");
      const digest = sha("hello world", "sha512");
      const finished = await call(`${resolved(second)}&digest=${digest}`, "PUT");
      expect(finished.status).toBe(201);
      expect(finished.headers.get("docker-content-digest")).toBe(digest);
      expect(await (await get(resolved(finished))).text()).toBe("hello world");
    },
  );

  it("refuse another digest and an old Location, and can be cancelled", async () => {
    const registry = await registryWith({ auth: "none" });
    const start = async () => {
      const response = await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST");
      return registry.url + (response.headers.get("location") ?? "");
    };
    expect(await codeOf(await call(`${await start()}&digest=${sha("y")}`, "PUT", "x"))).toBe(
      "DIGEST_INVALID",
    );
    const old = await start();
    await call(old, "PATCH", "x");
    expect(await codeOf(await call(old, "PATCH", "y"))).toBe("BLOB_UPLOAD_INVALID");
    expect((await call(old, "DELETE")).status).toBe(204);
    expect(await codeOf(await call(old, "GET"))).toBe("BLOB_UPLOAD_UNKNOWN");
  });

  it("are one request with a digest, or none by mount", async () => {
    const registry = await registryWith({ auth: "none" });
    const url = `${registry.url}/v2/a/b/blobs/uploads/`;
    expect((await call(`${url}?digest=${sha("x")}`, "POST", "x")).status).toBe(201);
    const other = `${registry.url}/v2/c/d/blobs/uploads/`;
    expect((await call(`${other}?mount=${sha("x")}&from=a/b`, "POST")).status).toBe(201);
    expect((await call(`${other}?mount=${sha("y")}&from=a/b`, "POST")).status).toBe(202);
  });

  it("do not mount from a repository that the token does not cover", async () => {
    const registry = await registryWith();
    const { digest } = registry.seedBlob({ repository: "private/secret", content: "x" });
    const Authorization = await bearer(registry, "repository:a/b:pull,push", ALICE);
    const url = `${registry.url}/v2/a/b/blobs/uploads/?mount=${digest}&from=private/secret`;
    expect((await call(url, "POST", undefined, { Authorization })).status).toBe(202);
  });

  it("are for writers", async () => {
    const registry = await registryWith({ writers: ["carol"] });
    const Authorization = await bearer(registry, "repository:a/b:pull,push", ALICE);
    expect((await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST", "", { Authorization })).status).toBe(
      401,
    );
  });
});
