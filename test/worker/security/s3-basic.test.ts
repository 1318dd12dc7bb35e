// S3: Basic on `/v2/…` of a universal host goes only to an upstream that itself, asked without credentials, wants Basic.
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { BASIC, CANARY, GHCR, HOSTILE, HUB, publicRegistries, TABLE, unauthorized } from "../internet.ts";

const HOST = "https://mirror.example.com";
const SECRET = CANARY.basicPassword;

describe("S3: Basic on /v2/… of a universal host", () => {
  it.each([
    "/v2/basic.example/a/b/manifests/x",
    "/v2/a/b/manifests/x?ns=basic.example",
    "/v2/?ns=basic.example",
  ])("goes to an upstream that wants it, at %s", async (path) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic("basic.example/alice", SECRET) };
    expect((await internet.ask(new Ferry(TABLE), HOST + path, { headers })).status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [BASIC]);
    expect(internet.to(BASIC)[0]?.headers.get("Authorization")).toBeNull();
    expect(internet.to(BASIC).at(-1)?.headers.get("Authorization")).toBe(basic("alice", SECRET));
  });

  it.each([
    ["alice", "/v2/basic.example/a/b/manifests/x"],
    ["ghcr.io/alice", "/v2/basic.example/a/b/manifests/x"],
    ["ghcr.io/alice", "/v2/a/b/manifests/x?ns=basic.example"],
    ["basic.example/alice", "/v2/hostile.example/a/b/manifests/x"],
    ["basic.example/alice", "/v2/library/nginx/manifests/x"],
    ["basic.example/alice", "/v2/a/b/manifests/x?ns=hostile.example"],
    ["alice", "/v2/"],
    ["alice", "/v2/library/nginx/manifests/x"],
    ["ghcr.io/alice", "/v2/ghcr.io/a/b/manifests/x"],
    ["mcr.microsoft.com/alice", "/v2/mcr.microsoft.com/a/b/manifests/x"],
    ["hostile.example/alice", "/v2/hostile.example/a/b/manifests/x"],
  ])("of %s at %s: 401, and the password stays here", async (user, path) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic(user, SECRET) };
    const answer = await internet.ask(new Ferry(TABLE), HOST + path, { headers });
    expect(answer.status).toBe(401);
    internet.expectCanaryOnlyAt(SECRET, []);
  });

  it.each(["evil.example/alice", "ghcr.io./alice"])("of %s: 400, and nothing leaves", async (user) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic(user, SECRET) };
    const answer = await internet.ask(new Ferry(TABLE), `${HOST}/v2/library/nginx/manifests/x`, { headers });
    expect(answer.status).toBe(400);
    expect(internet.requests).toEqual([]);
  });

  it("a registry that wants Basic only from people with tokens gets none", async () => {
    const internet = publicRegistries().host(HOSTILE, ({ headers }) =>
      unauthorized(headers.has("Authorization") ? 'Basic realm="x"' : `Bearer realm="${HOSTILE}/token"`),
    );
    const ferry = new Ferry(TABLE);
    const url = `${HOST}/v2/hostile.example/a/manifests/x`;
    await internet.ask(ferry, url, { headers: { Authorization: "Bearer ferry.aG9zdGlsZS5leGFtcGxl.token" } });
    const headers = { Authorization: basic("hostile.example/alice", SECRET) };
    expect((await internet.ask(ferry, url, { headers })).status).toBe(401);
    internet.expectCanaryOnlyAt(SECRET, []);
  });

  it.each([
    "Bearer a.registrys.own.token",
    "Basic not-base64!",
    `Basic ${btoa("nocolon")}`,
    "Negotiate abc",
    "Digest username=alice",
    "AWS4-HMAC-SHA256 Credential=x",
  ])("%s: 401, and nothing leaves", async (authorization) => {
    const internet = publicRegistries();
    for (const path of ["library/nginx", "ghcr.io/a/b", "hostile.example/a"]) {
      const answer = await internet.ask(new Ferry(TABLE), `${HOST}/v2/${path}/manifests/x`, {
        headers: { Authorization: authorization },
      });
      expect(answer.status).toBe(401);
    }
    expect(internet.requests).toEqual([]);
  });

  it("the ping is answered without asking anybody, with our realm", async () => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), `${HOST}/v2/`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toContain(
      'Bearer realm="https://mirror.example.com/v2/auth"',
    );
    expect(internet.requests).toEqual([]);
  });

  it("challenges name the registry, however it was named", async () => {
    const internet = publicRegistries();
    for (const path of [
      "/v2/ghcr.io/a/b/manifests/x",
      "/v2/a/b/manifests/x?ns=ghcr.io",
      "/v2/a/b/manifests/x?ns=lscr.io",
    ]) {
      const answer = await internet.ask(new Ferry(TABLE), HOST + path);
      if (answer.status !== 401) continue;
      const challenge = answer.headers.get("WWW-Authenticate") ?? "";
      expect(challenge).toContain('realm="https://mirror.example.com/v2/auth"');
      expect(challenge).not.toMatch(/scope="repository:a\/b/);
    }
    expect(internet.to(HUB)).toEqual([]);
    expect(internet.to(GHCR).length).toBeGreaterThan(0);
  });

  it.each(["ns=ghcr.io&ns=docker.io", "ns=ghcr.io&n%73=docker.io", "n%73=ghcr.io&%6Es=docker.io"])(
    "two registries by ?%s: 400, and nothing leaves",
    async (query) => {
      const internet = publicRegistries();
      const answer = await internet.ask(new Ferry(TABLE), `${HOST}/v2/a/b/manifests/x?${query}`);
      expect(answer.status).toBe(400);
      expect(internet.requests).toEqual([]);
    },
  );

  it("a prefix and ns= that disagree: 400, and nothing leaves", async () => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), `${HOST}/v2/ghcr.io/a/b/manifests/x?ns=quay.io`);
    expect(answer.status).toBe(400);
    expect(internet.requests).toEqual([]);
  });
});
