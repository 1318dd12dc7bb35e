// The public lane in front of a registry that asks for no token and has its content elsewhere (registry.k8s.io).
import { afterEach, describe, expect, it, vi } from "vitest";
import { fakeUpstream } from "../client-ferry.ts";
import { Ferry } from "../ferry.ts";
import { HOST, JSON_TYPE, newUpstream, READS, say } from "../played-registry.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a registry that challenges nobody and redirects all it has (registry.k8s.io)", () => {
  it.each([
    ["with our bearer", { Authorization: "Bearer ferry.anonymous" }],
    ["without Authorization", undefined],
  ])("is read %s", async (_, headers) => {
    for (const [, path] of READS.slice(0, 4)) {
      const upstream = newUpstream();
      fakeUpstream((request) => {
        if (request.url.host === "pkg.example.org") return say(request, "{}", 200, JSON_TYPE);
        if (request.url.pathname === "/v2/") return Response.json({});
        const location = `https://pkg.example.org${request.url.pathname}`;
        return new Response(null, { status: 307, headers: { Location: location } });
      });
      const ferry = new Ferry({ harbor: { upstream, mirrors: [] } });
      for (const method of ["GET", "HEAD"]) {
        const response = await ferry.fetch(HOST + path, { method, ...(headers && { headers }) });
        expect(response.status).toBe(200);
        expect(response.headers.get("Location")).toBeNull();
        await response.text();
      }
    }
  });
});
