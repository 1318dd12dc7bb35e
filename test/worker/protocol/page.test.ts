// What is not the protocol's: the page, robots.txt, the health report, and requests that came by plain http.
import { afterEach, describe, expect, it, vi } from "vitest";
import { Ferry } from "../ferry.ts";
import { codeOf, fakeUpstream, namesOf } from "../client-ferry.ts";

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

async function pageAt(url: string, init: RequestInit = {}, table: unknown = TABLE): Promise<string> {
  const response = await new Ferry(table).fetch(url, init);
  expect(response.status).toBe(200);
  return response.text();
}

function commandsOf(page: string): string[] {
  return [...page.matchAll(/<code>(docker pull [^<]*)<\/code>/g)].map(([, command]) => command ?? "");
}

describe("the page", () => {
  it("is HTML that nothing can be loaded into, and asks no registry", async () => {
    const departed = fakeUpstream(() => new Response());
    const response = await new Ferry(TABLE).fetch("https://docker.example.com/");
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toEqual({
      "cache-control": "no-store",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "content-type": "text/html; charset=utf-8",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "x-robots-tag": "noindex",
    });
    const text = await response.text();
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).not.toMatch(/<script|<img|<link|<iframe|<form|\bon\w+=|src=/i);
    expect(departed).toEqual([]);
  });

  it("HEAD has the headers alone", async () => {
    const response = await new Ferry(TABLE).fetch("https://docker.example.com/", { method: "HEAD" });
    expect([response.status, response.body]).toEqual([200, null]);
    expect(namesOf(response.headers)).toContain("content-security-policy");
  });

  it.each([
    ["https://docker.example.com/", {}, "example.com"],
    ["https://docker.example.com.cn/", {}, "example.com.cn"],
    ["http://docker.localhost/", { headers: { Host: "docker.localhost:8787" } }, "localhost:8787"],
  ])("has the command of every row for the visitor's own domain: %s", async (url, init, domain) => {
    expect(commandsOf(await pageAt(url, init))).toEqual([
      `docker pull docker.${domain}/library/nginx:latest`,
      `docker pull ghcr.${domain}/github/super-linter:latest`,
      `docker pull k8s-gcr.${domain}/pause:3.10`,
      `docker pull own.${domain}/&#60;image&#62;:&#60;tag&#62;`,
    ]);
  });

  it("names full host names as they are", async () => {
    const table = { "hub.example.com": "https://registry-1.docker.io", "g.example.org": "https://ghcr.io" };
    expect(commandsOf(await pageAt("https://hub.example.com/", {}, table))).toEqual([
      "docker pull hub.example.com/library/nginx:latest",
      "docker pull g.example.org/github/super-linter:latest",
    ]);
  });

  it.each(["https://docker.example.com/", "https://ghcr.example.com/"])(
    "names Docker Hub's host as the mirror, whatever host is visited: %s",
    async (url) => {
      expect(await pageAt(url)).toContain("&#34;https://docker.example.com&#34;");
    },
  );

  it("without Docker Hub in the table says nothing of mirrors", async () => {
    const page = await pageAt("https://ghcr.example.com/", {}, { ghcr: "https://ghcr.io" });
    expect(page).not.toContain("registry-mirrors");
  });

  it.each([
    'docker.example.com"><script>alert(1)</script>',
    "docker.<b>x</b>",
    "docker.x'onload=",
    "docker.x&y",
  ])("a hostile Host header gets no page: %j", async (host) => {
    const response = await new Ferry(TABLE).fetch("https://docker.example.com/", { headers: { Host: host } });
    expect(response.status).toBe(400);
    expect(await codeOf(response.clone())).toBe("NAME_INVALID");
    expect(await response.text()).not.toContain(host);
  });

  it("a query changes nothing and is not shown", async () => {
    const plain = await pageAt("https://docker.example.com/");
    expect(await pageAt("https://docker.example.com/?x=<script>&ns=evil.example.com")).toBe(plain);
  });
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

describe("S23: the page", () => {
  it("has nothing of its address but the host, and no script", async () => {
    const plain = await pageAt("https://docker.example.com/");
    for (const query of ["?q=%3Cscript%3Ecanary%3C/script%3E", "?image=canary", "?lang=canary", "?canary"])
      expect(await pageAt(`https://docker.example.com/${query}`)).toBe(plain);
    expect(plain).not.toMatch(/<script|\bon[a-z]+=|javascript:/i);
  });

  it("has commands of one line each, without a line end", async () => {
    const commands = commandsOf(await pageAt("https://mirror.example.com/"));
    expect(commands.length).toBeGreaterThan(1);
    for (const command of commands) expect(command).toMatch(/^docker pull \S+$/);
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
