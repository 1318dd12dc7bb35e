// What is not the protocol's: robots.txt, the health report, and requests that came by plain http.
import { afterEach, describe, expect, it, vi } from "vitest";
import { Ferry } from "../ferry.ts";
import { codeOf, fakeUpstream } from "../client-ferry.ts";

const TABLE = {
  docker: "https://registry-1.docker.io",
  ghcr: "https://ghcr.io",
  "k8s-gcr": "https://registry.k8s.io",
  mirror: "*",
  own: "https://registry.example.net",
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("robots.txt", () => {
  it.each(["docker.example.com", "not-in-the-table.example.com"])(
    "keeps robots out, on every host: %s",
    async (host) => {
      const response = await new Ferry(TABLE).fetch(`https://${host}/robots.txt`);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
      expect(await response.text()).toBe("User-agent: *\nDisallow: /\n");
    },
  );

  it("also while the table is faulty", async () => {
    expect((await new Ferry(undefined).fetch("https://docker.example.com/robots.txt")).status).toBe(200);
  });
});

describe("the health report", () => {
  it("says ok, asks no registry and is not stored", async () => {
    const departed = fakeUpstream(() => new Response());
    const response = await new Ferry(TABLE).fetch("https://docker.example.com/healthz");
    expect(response.status).toBe(200);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ status: "ok" });
    expect(departed).toEqual([]);
  });
});

describe("a request that reached Cloudflare by plain http (S15)", () => {
  const RAY = { "CF-Ray": "8f00b204e9800998-AMS" };

  it.each([
    ["GET", "/v2/"],
    ["GET", "/v2/library/hello/manifests/latest"],
    ["POST", "/v2/auth"],
    ["GET", "/v2/auth?scope=repository:library/hello:pull"],
    ["GET", "/v2"],
    ["GET", "/v1/search?q=x"],
  ])("%s %s is 403 without a challenge, and nothing leaves", async (method, path) => {
    const departed = fakeUpstream(() => new Response());
    const response = await new Ferry(TABLE).fetch(`http://docker.example.com${path}`, {
      method,
      headers: { ...RAY, Authorization: "Basic c2VjcmV0" },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect(await codeOf(response)).toBe("DENIED");
    expect(departed).toEqual([]);
  });

  it("HEAD is 403 without a body", async () => {
    const response = await new Ferry(TABLE).fetch("http://docker.example.com/v2/", {
      method: "HEAD",
      headers: RAY,
    });
    expect([response.status, response.body]).toEqual([403, null]);
  });

  it("the page is at https, on the same host, with its query", async () => {
    const response = await new Ferry(TABLE).fetch("http://docker.example.com/?lang=de", { headers: RAY });
    expect(response.status).toBe(308);
    expect(response.headers.get("Location")).toBe("https://docker.example.com/?lang=de");
  });

  it("by https with a ray all is as ever", async () => {
    expect((await new Ferry(TABLE).fetch("https://docker.example.com/", { headers: RAY })).status).toBe(200);
  });

  it("by http without a ray it is development", async () => {
    expect((await new Ferry(TABLE).fetch("http://docker.localhost/")).status).toBe(200);
  });
});
