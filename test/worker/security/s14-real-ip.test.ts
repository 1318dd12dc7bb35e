// S14: no address of a client reaches an upstream by a header that can be set here (F27).
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { HUB, located, publicRegistries, TABLE } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
/** Reserved for documentation (RFC 5737): no client has it, and no registry admits it. */
const NOBODY = "198.51.100.1";

describe("F27, S14: X-Real-IP", () => {
  it("is the same constant in every request that leaves, whatever the client says", async () => {
    const internet = publicRegistries();
    const cdn = "https://cdn.example";
    internet.host(cdn, () => new Response("blob"));
    internet.host("https://index.docker.io", () => Response.json({ results: [] }));
    const ferry = new Ferry(TABLE);
    const address = { "X-Real-IP": "203.0.113.9", "CF-Connecting-IP": "203.0.113.9" };
    const hub = "https://docker.example.com";
    for (const authorization of [
      "Bearer a.token",
      "Bearer ferry.anonymous",
      basic("alice", "x"),
      undefined,
    ]) {
      const headers: HeadersInit =
        authorization === undefined ? address : { ...address, Authorization: authorization };
      for (const path of [
        "/v2/",
        "/v2/library/nginx/manifests/latest",
        "/v2/library/nginx/tags/list",
        "/v2/auth?scope=repository:library/nginx:pull",
        "/v1/search?q=x",
      ]) {
        await internet.ask(ferry, hub + path, { headers });
      }
      await internet.ask(ferry, `${hub}/v2/me/app/blobs/uploads/`, { method: "POST", headers });
    }
    internet.host(HUB, () => located(`${cdn}/blob`));
    const headers = { ...address, Authorization: "Bearer a.token" };
    await internet.ask(ferry, `${hub}/v2/library/nginx/blobs/${DIGEST}`, { headers });
    expect(internet.to(cdn)).toHaveLength(1);
    expect(internet.requests.length).toBeGreaterThan(10);
    for (const { headers: sent } of internet.requests) {
      expect(sent.get("X-Real-IP")).toBe(NOBODY);
      expect([...sent.values()].join()).not.toContain("203.0.113.9");
    }
  });
});
