// S15: plain http at Cloudflare's edge; and the Host header, which is the caller's to choose.
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, publicRegistries, TABLE } from "../internet.ts";

const EDGE = { "CF-Ray": "8f00ba4-FRA", Authorization: basic("alice", CANARY.hubPassword) };

describe("S15: plain http", () => {
  it.each([
    "/v2/",
    "/v2",
    "/v2/auth?scope=repository:library/nginx:pull",
    "/v2/library/nginx/manifests/latest",
    "/v1/search?q=x",
    "/v1/_ping",
  ])("%s is 403 without a challenge, and nothing leaves", async (path) => {
    for (const label of ["docker", "mirror"]) {
      for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
        const internet = publicRegistries();
        const url = `http://${label}.example.com${path}`;
        const answer = await internet.ask(new Ferry(TABLE), url, { method, headers: EDGE });
        expect(answer.status).toBe(403);
        expect(answer.headers.get("WWW-Authenticate")).toBeNull();
        if (method !== "HEAD") expect(JSON.parse(answer.body)).toHaveProperty("errors");
        expect(internet.requests).toEqual([]);
        internet.expectCanaryOnlyAt(CANARY.hubPassword, []);
      }
    }
  });

  it.each(["/", "/healthz", "//evil.example/", "/\\evil.example", "/nothing/here"])(
    "%s leads to https on the same host",
    async (path) => {
      const internet = publicRegistries();
      const answer = await internet.ask(new Ferry(TABLE), `http://docker.example.com${path}`, {
        headers: EDGE,
      });
      expect([301, 308]).toContain(answer.status);
      const target = new URL(answer.headers.get("Location") ?? "");
      expect(target.origin).toBe("https://docker.example.com");
    },
  );

  it.each<[string, Record<string, string>, boolean]>([
    ["a password", { Authorization: basic("alice", "x") }, true],
    ["a token", { Authorization: "Bearer a.registrys.token" }, true],
    ["what does not parse", { Authorization: "secret" }, true],
    ["docker's own token", { "X-Docker-Token": "x" }, true],
    ["nothing", {}, false],
    ["an empty Basic", { Authorization: "Basic Og==" }, false],
    ["our anonymous bearer", { Authorization: "Bearer ferry.anonymous" }, false],
  ])("who came with %s is told whether to replace it", async (_, headers, told) => {
    const answer = await publicRegistries().ask(new Ferry(TABLE), "http://docker.example.com/v2/", {
      headers: { "CF-Ray": "8f00ba4-FRA", ...headers },
    });
    const advice = "replace that password: it went over the wire unencrypted";
    expect(answer.body.includes(advice)).toBe(told);
    expect(answer.body).toContain("https");
  });

  it.each<[string, RequestInit, boolean]>([
    ["/v2/auth", { method: "POST", body: "grant_type=password&username=alice&password=x" }, true],
    ["/v2/auth?service=x&refresh_token=y", {}, true],
    ["/v2/auth?username=alice&password=y", {}, true],
    ["/v2/auth?service=x&scope=repository:library/nginx:pull", {}, false],
    ["/v2/library/nginx/blobs/uploads/", { method: "POST" }, false],
  ])("who asks for a token by %s %j likewise", async (path, init, told) => {
    const answer = await publicRegistries().ask(new Ferry(TABLE), `http://docker.example.com${path}`, {
      ...init,
      headers: { "CF-Ray": "8f00ba4-FRA" },
    });
    expect(answer.status).toBe(403);
    expect(answer.body.includes("replace that password")).toBe(told);
  });

  it("the page's redirect keeps path and query", async () => {
    for (const path of ["/?lang=de", "/a/b?c=%20d&e", "/healthz?", "//evil.example/?x"]) {
      const answer = await publicRegistries().ask(new Ferry(TABLE), `http://docker.example.com${path}`, {
        headers: EDGE,
      });
      const { pathname, search } = new URL(`http://docker.example.com${path}`);
      expect(answer.headers.get("Location")).toBe(`https://docker.example.com${pathname}${search}`);
    }
  });

  it("a challenge over https names an https realm", async () => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", {
      headers: { "CF-Ray": "8f00ba4-FRA" },
    });
    if (answer.status === 401) {
      expect(answer.headers.get("WWW-Authenticate")).toContain('realm="https://docker.example.com/v2/auth"');
    }
  });
});

describe("a hostile Host header", () => {
  it.each([
    'docker.example.com"><script>',
    'docker.example.com",realm="https://evil.example',
    "docker.example.com/v2/auth?x=",
    "docker.example.com@evil.example",
    "user:password@docker.example.com",
    "docker.example.com:443@evil.example",
    "docker.example.com:port",
    "docker.example.com:1:2",
    "docker.example.com#",
    "docker.example.com\\evil.example",
    "docker.example.com, evil.example",
    "docker.example.com..",
    "docker example.com",
    "-docker.example.com",
    "docker.example.com%2f",
    "",
    "[::1",
    `docker.${"a".repeat(300)}.com`,
  ])("%j is refused, or not taken up", async (host) => {
    for (const path of ["/v2/", "/", "/v2/library/nginx/manifests/x", "/v2/auth"]) {
      const internet = publicRegistries();
      const answer = await internet.ask(new Ferry(TABLE), `https://docker.example.com${path}`, {
        headers: { Host: host },
      });
      const said = `${answer.headers.get("WWW-Authenticate") ?? ""} ${answer.headers.get("Location") ?? ""} ${answer.body}`;
      expect(said).not.toMatch(/evil\.example|<script>|user:password/);
      if (host !== "") expect([400, 404]).toContain(answer.status);
    }
  });

  it("is not in the page as markup, in a realm with a second parameter, or in a redirect", async () => {
    const internet = publicRegistries();
    const headers = { Host: "docker.evil.example:8443" };
    const ping = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", { headers });
    expect(ping.headers.get("WWW-Authenticate")).toContain(
      'realm="https://docker.evil.example:8443/v2/auth"',
    );
    const page = await internet.ask(new Ferry(TABLE), "https://docker.example.com/", { headers });
    expect(page.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(page.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });

  it.each([
    ["DOCKER.Example.COM", "docker.example.com"],
    ["docker.example.com.", "docker.example.com"],
    ["docker.example.com.:8443", "docker.example.com:8443"],
  ])("%s is %s", async (host, authority) => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", {
      headers: { Host: host },
    });
    expect(answer.headers.get("WWW-Authenticate")).toContain(`realm="https://${authority}/v2/auth"`);
  });

  it.each(["__proto__.example.com", "constructor.example.com", "toString.example.com", "evil.example"])(
    "%s is no row of the table",
    async (host) => {
      const internet = publicRegistries();
      const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", {
        headers: { Host: host },
      });
      expect([400, 404]).toContain(answer.status);
      expect(internet.requests).toEqual([]);
    },
  );
});
