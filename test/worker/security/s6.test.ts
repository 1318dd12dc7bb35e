// S6: an upload session is opaque to clients, and nobody can make one that leads elsewhere.
import { describe, expect, it } from "vitest";
import { encodeBase64Url } from "../../../src/distribution/base64url.ts";
import { Ferry } from "../ferry.ts";
import { CANARY, Internet, located, unauthorized, type Answer } from "../internet.ts";

const REGISTRY = "https://registry.example";
const STORE = "https://store.example";
const PATHS = ["/put/", "/a/", "/x/", "/artifacts-uploads/"];
const ROWS = {
  up: { upstream: REGISTRY, upload_hosts: ["store.example"], upload_paths: PATHS },
  plain: "https://plain.example",
};
const UPLOADS = "https://up.example.com/v2/my/app/blobs/uploads/";
const HEADERS = { Authorization: `Bearer ${CANARY.hubToken}`, "X-Docker-Token": CANARY.legacyToken };

describe("S6: forged sessions are 404, and nothing leaves", () => {
  it.each([
    "//evil.example/x",
    "https://evil.example/x",
    "\\\\evil.example\\x",
    "/\\evil.example/x",
    "/\t/evil.example/x",
    "@evil.example/x",
    ":8443/x",
    ".evil.example/x",
    "x",
    "",
    "/a/../v2/other/manifests/x",
    "/a/%2e%2e/v2/other/manifests/x",
    "/a/.%2E/v2/other/manifests/x",
    "/a//b",
    "/a b",
    "/a#b",
    "/a?b#c",
    "/a\r\nX-Evil: 1",
    "/v2",
    "/v2/",
    "/v1/users",
    "/v2/_catalog",
    "/v2/other/manifests/x",
    "/v2/other/blobs/uploads/s",
    "/v2/my/app/manifests/x",
    "/v2/my/app2/blobs/uploads/s",
    "/v2/my/app/blobs/uploads/../../manifests/x",
    "/v2/my/app/blobs/uploads/..%2f..%2fmanifests%2fx",
    "/v2/my/app/blobs/uploads/..%5c..%5cmanifests%5cx",
    "/%762/other/manifests/x",
    "/%76%32/other/manifests/x",
    "/v%32/other/manifests/x",
    "/x%2f..%2fv2%2fother%2fmanifests%2fx",
    "/./v2/other/manifests/x",
    "/v2%2fother/manifests/x",
  ])("%j", async (address) => {
    for (const prefix of ["~", "~0."]) {
      // Names below /v2/ are the registry's: a store that the row names has none of them.
      if (prefix !== "~" && /^\/(v|%|x|\.)/.test(address)) continue;
      const internet = new Internet();
      for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
        const session = `${prefix}${encodeBase64Url(address)}`;
        const answer = await go(internet, session, method);
        expect([400, 404], `${method} ${session}`).toContain(answer.status);
      }
      expect(internet.requests).toEqual([]);
    }
  });

  it.each([
    ["an index out of range", `~1.${encodeBase64Url("/x")}`],
    ["an index below zero", `~-1.${encodeBase64Url("/x")}`],
    ["a huge index", `~99999999999.${encodeBase64Url("/x")}`],
    ["a word for an index", `~length.${encodeBase64Url("/x")}`],
    ["an index and nothing", "~0."],
    ["nothing", "~"],
    ["padding", `~${encodeBase64Url("/x")}==`],
    ["no Base64", "~.....x"],
    ["spare bits", "~L3h"],
    ["two indices", `~0.0.${encodeBase64Url("/x")}`],
  ])("%s", async (_, session) => {
    const internet = new Internet();
    expect([400, 404]).toContain((await go(internet, session, "PATCH")).status);
    expect(internet.requests).toEqual([]);
  });

  it("an index where the row names no other host", async () => {
    const internet = new Internet();
    const url = `https://plain.example.com/v2/my/app/blobs/uploads/~0.${encodeBase64Url("/x")}`;
    const answer = await internet.ask(new Ferry(ROWS), url, { method: "PATCH", headers: HEADERS, body: "x" });
    expect(answer.status).toBe(404);
    expect(internet.requests).toEqual([]);
  });
});

describe("S6: what a registry answers as Location", () => {
  it.each([
    "https://evil.example/x",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://registry.example@evil.example/x",
    "https://registry.example.evil.example/x",
    "https://registry.example:8443/x",
    "http://evil.example/x",
    "https://store.example:8443/x",
    "http://store.example/x",
    "https://store.example./x",
    "https://",
    "javascript:alert(1)",
  ])("%s is a 502, and never told", async (location) => {
    const internet = new Internet().host(REGISTRY, () => located(location, 202));
    const answer = await internet.ask(new Ferry(ROWS), UPLOADS, { method: "POST", headers: HEADERS });
    expect(answer.status).toBe(502);
    expect(answer.headers.get("Location")).toBeNull();
  });

  it.each([
    "/v2/my/app/blobs/uploads/s?_state=x",
    "/artifacts-uploads/namespaces/p/uploads/s?upload_id=x",
    "/v2/my/app/blobs/uploads/~L2V2aWw",
    '/x/"><script>alert(1)</script>?a="\'<>',
    "/x/%0d%0aX-Evil:1",
  ])("%s becomes a path of this host without a way out", async (location) => {
    const internet = new Internet().host(REGISTRY, () => located(location, 202));
    const answer = await internet.ask(new Ferry(ROWS), UPLOADS, { method: "POST", headers: HEADERS });
    expect(answer.headers.get("Location")).toMatch(/^\/v2\/my\/app\/blobs\/uploads\/[A-Za-z0-9._~=-]+(\?|$)/);
    const again = await follow(internet, answer);
    if (again.status !== 404) expect(internet.to(REGISTRY)).toHaveLength(2);
  });

  it("a created thing's Location is a path of this host too", async () => {
    for (const location of ["https://evil.example/v2/evil/blobs/x", "//evil.example/x", "javascript:x"]) {
      const internet = new Internet().host(REGISTRY, () => located(location, 201));
      const url = `${UPLOADS}s?digest=sha256:${"a".repeat(64)}`;
      const answer = await internet.ask(new Ferry(ROWS), url, { method: "PUT", headers: HEADERS, body: "x" });
      expect(answer.headers.get("Location") ?? "/v2/my/app/").toMatch(/^\/v2\/my\/app\//);
    }
  });
});

describe("S6: another host that the row names", () => {
  it("gets the layer and no credential of any kind", async () => {
    const internet = new Internet()
      .host(REGISTRY, () => located(`${STORE}/put/me?signature=x`, 202))
      .host(STORE, () => new Response(null, { status: 202 }));
    const started = await internet.ask(new Ferry(ROWS), UPLOADS, { method: "POST", headers: HEADERS });
    await follow(internet, started);
    expect(internet.to(STORE)[0]).toMatchObject({ method: "PATCH", body: "layer" });
    expect(internet.to(STORE)[0]?.url.href).toBe(`${STORE}/put/me?signature=x`);
    internet.expectCanaryOnlyAt(CANARY.hubToken, [REGISTRY]);
    internet.expectCanaryOnlyAt(CANARY.legacyToken, [REGISTRY]);
  });

  it("has its challenge never rewritten as ours", async () => {
    const internet = new Internet()
      .host(REGISTRY, () => located(`${STORE}/put/me`, 202))
      .host(STORE, () => unauthorized('Bearer realm="https://evil.example/token",scope="repository:a:pull"'));
    const started = await internet.ask(new Ferry(ROWS), UPLOADS, { method: "POST", headers: HEADERS });
    const answer = await follow(internet, started);
    expect(answer.headers.get("WWW-Authenticate") ?? "").not.toMatch(/bearer/i);
  });
});

function go(internet: Internet, session: string, method: string): Promise<Answer> {
  const body = method === "PATCH" || method === "PUT" ? { body: "layer" } : {};
  return internet.ask(new Ferry(ROWS), UPLOADS + session, { method, headers: HEADERS, ...body });
}

function follow(internet: Internet, started: Answer): Promise<Answer> {
  const next = new URL(started.headers.get("Location") ?? "", UPLOADS);
  return internet.ask(new Ferry(ROWS), next.href, { method: "PATCH", headers: HEADERS, body: "layer" });
}
