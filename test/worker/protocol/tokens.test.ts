// `/v2/auth`: what a client asks goes to the registry's own token service, and what that says comes back.
import { beforeEach, describe, expect, it } from "vitest";
import { codeOf, lastSeenBy, seenBy } from "../client-ferry.ts";
import { basic } from "../ferry.ts";
import {
  ALICE,
  asked,
  ferry,
  get,
  HOST,
  opens,
  post,
  PUBLIC,
  registry,
  serve,
  type Token,
} from "./token-requests.ts";

beforeEach(() => serve());

describe("GET", () => {
  it("a user's token is the registry's, and never stored on the way", async () => {
    const response = await get(`?service=registry.test&scope=${PUBLIC}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("Cache-Control")).toBe("no-store, no-transform");
    const token = await response.json<Token>();
    expect(token.token).toMatch(/^registry_/);
    expect(token.expires_in).toBe(300);
    expect(await opens(token.token, "hello")).toBe(true);
    expect(await opens(token.token, "secret")).toBe(false);
    expect(await asked()).toEqual([
      ["scope", "repository:library/hello:pull"],
      ["service", "registry.test"],
    ]);
  });

  it("with a password: the user's", async () => {
    const { token } = await (await get("?scope=repository:secret:pull", ALICE)).json<Token>();
    expect(await opens(token, "secret")).toBe(true);
    expect((await lastSeenBy(registry, "token")).headers["authorization"]).toBe(ALICE);
  });

  it("docker login: no scope, with account, client_id and offline_token, and the bearer opens /v2/", async () => {
    await registry.configure({ refreshTokens: true });
    const response = await get(
      "?account=alice&client_id=docker&offline_token=true&service=registry.test",
      ALICE,
    );
    const { token, refresh_token } = await response.json<Token>();
    expect(refresh_token).toMatch(/^refresh_/);
    expect(await asked()).toEqual([
      ["account", "alice"],
      ["client_id", "docker"],
      ["offline_token", "true"],
      ["service", "registry.test"],
    ]);
    const ping = await ferry.fetch(`${HOST}/v2/`, { headers: { Authorization: `Bearer ${token}` } });
    expect(ping.status).toBe(200);
  });

  it.each([
    ["repeated", "scope=repository:hello:pull&scope=repository:library/secret:pull"],
    ["space-joined", "scope=repository:hello:pull%20repository:library/secret:pull"],
    ["plus-joined", "scope=repository%3Ahello%3Apull+repository%3Asecret%3Apull"],
  ])("several scopes, %s", async (_, query) => {
    const { token } = await (await get(`?${query}`, ALICE)).json<Token>();
    expect((await asked()).filter(([name]) => name === "scope")).toEqual([
      ["scope", "repository:library/hello:pull"],
      ["scope", "repository:library/secret:pull"],
    ]);
    expect([await opens(token, "hello"), await opens(token, "secret")]).toEqual([true, true]);
  });

  it.each([
    "registry:catalog:*",
    "aws",
    "repository(plugin):library/hello:pull",
    "repository:hello/x:pull,push,delete",
  ])("%s passes as it is", async (scope) => {
    await get(`?scope=${encodeURIComponent(scope)}`);
    expect((await asked())[0]).toEqual(["scope", scope]);
  });

  it("what no token service knows does not go up", async () => {
    await get(`?scope=${PUBLIC}&redirect_uri=http://evil.example.com&get_token_url=x&ns=docker.io&x=y`);
    expect((await asked()).map(([name]) => name)).toEqual(["scope", "service"]);
  });

  it("a scope whose repository is no name is 400, and nothing is asked", async () => {
    const response = await get("?scope=repository:Hello/../x:pull");
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("NAME_INVALID");
    expect(await seenBy(registry, "token")).toEqual([]);
  });
});

describe("POST (OAuth2)", () => {
  it("containerd: the password grant", async () => {
    const response = await post({
      grant_type: "password",
      service: "registry.test",
      client_id: "containerd-client",
      username: "alice",
      password: "alice-password",
      scope: "repository:secret:pull",
    });
    expect(response.status).toBe(200);
    const { access_token } = await response.json<Token>();
    expect(await opens(access_token, "secret")).toBe(true);
    const seen = await lastSeenBy(registry, "token");
    expect(seen.method).toBe("POST");
    expect(seen.query).toBe("");
    expect(seen.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(Object.fromEntries(await asked())).toEqual({
      grant_type: "password",
      service: "registry.test",
      client_id: "containerd-client",
      username: "alice",
      password: "alice-password",
      scope: "repository:library/secret:pull",
    });
  });

  it("several scopes are one list, as the specification has it for POST", async () => {
    const scope = "repository:secret:pull repository:hello:pull";
    await post({ grant_type: "password", username: "alice", password: "alice-password", scope });
    expect((await asked()).filter(([name]) => name === "scope")).toEqual([
      ["scope", "repository:library/secret:pull repository:library/hello:pull"],
    ]);
  });

  it("docker with an identity token: the refresh_token grant", async () => {
    await registry.configure({ refreshTokens: true });
    const login = await get("?account=alice&offline_token=true&service=registry.test", ALICE);
    const { refresh_token = "" } = await login.json<Token>();
    const form = {
      grant_type: "refresh_token",
      refresh_token,
      scope: "repository:secret:pull",
      client_id: "docker",
    };
    const { access_token } = await (await post(form)).json<Token>();
    expect(await opens(access_token, "secret")).toBe(true);
    expect((await post({ ...form, refresh_token: "wrong" })).status).toBe(401);
  });

  it("special characters of a password arrive", async () => {
    await registry.configure({ users: { "al+ice": "p&=%41 ü+" } });
    const form = { grant_type: "password", username: "al+ice", password: "p&=%41 ü+" };
    expect((await post(form)).status).toBe(200);
  });

  it.each(["application/x-www-form-urlencoded; charset=UTF-8", "Application/X-WWW-Form-Urlencoded"])(
    "the type may be %s",
    async (type) => {
      expect((await post("grant_type=password&username=alice&password=alice-password", type)).status).toBe(
        200,
      );
    },
  );

  it.each(["application/json", "text/plain", "multipart/form-data; boundary=x"])(
    "another type is 400, upon which clients ask by GET: %s",
    async (type) => {
      const response = await post("{}", type);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe("UNSUPPORTED");
      expect((await registry.state()).requests).toEqual([]);
    },
  );

  it("a service that takes no POST has its 405 passed, upon which clients ask by GET", async () => {
    await registry.configure({ postToken: false });
    const response = await post({ grant_type: "password", username: "alice", password: "alice-password" });
    expect(response.status).toBe(405);
  });

  it("64 KiB are read, more are 413, and nothing leaves", async () => {
    // With the service, which the proxy would add: it goes up as long as it came.
    const form = "grant_type=password&username=alice&service=registry.test&password=";
    const limit = 64 * 1024;
    const large = await post(form + "x".repeat(limit - form.length + 1));
    expect(large.status).toBe(413);
    expect(await codeOf(large)).toBe("SIZE_INVALID");
    expect((await registry.state()).requests).toEqual([]);
    expect((await post(form + "x".repeat(limit - form.length))).status).toBe(401);
  });
});

describe("the answer", () => {
  it.each([
    ["token" as const, ["expires_in", "issued_at", "token"]],
    ["access_token" as const, ["access_token", "expires_in", "issued_at"]],
  ])("has the service's own members: %s", async (tokenJson, members) => {
    await registry.configure({ tokenJson });
    const response = await get(`?scope=${PUBLIC}`);
    expect(Object.keys(await response.json<Record<string, unknown>>()).sort()).toEqual(members);
  });

  it("has expires_in also where the service leaves it out (quay.io): 60 seconds", async () => {
    await registry.configure({ expiresIn: null });
    expect((await (await get(`?scope=${PUBLIC}`)).json<Token>()).expires_in).toBe(60);
  });

  it("a wrong password is 401 with an OCI error, and what the service said", async () => {
    const response = await get(`?account=alice&scope=${PUBLIC}`, basic("alice", "wrong"));
    expect(response.status).toBe(401);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(await response.json()).toEqual({
      details: "incorrect username or password",
      errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }],
    });
  });

  it.each([
    [401, "UNAUTHORIZED"],
    [403, "DENIED"],
  ] as const)("a %i for a user is the service's own", async (failToken, code) => {
    await registry.configure({ failToken });
    const response = await get("?scope=repository:secret:pull");
    expect(response.status).toBe(failToken);
    expect(await codeOf(response)).toBe(code);
  });
});
