// `/v2/auth` for a client without credentials: a bearer of our own, and the registry is not asked.
import { beforeEach, describe, expect, it } from "vitest";
import { codeOf, lastSeenBy } from "../client-ferry.ts";
import { get, opens, post, PUBLIC, registry, serve, type Token } from "./token-requests.ts";

beforeEach(() => serve());

describe("nobody's: our own bearer, always the same, and no request leaves", () => {
  async function expectAnonymous(response: Response): Promise<void> {
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(response.headers.get("Cache-Control")).toBe("no-store, no-transform");
    expect(await response.json()).toEqual({
      token: "ferry.anonymous",
      access_token: "ferry.anonymous",
      expires_in: 3600,
      issued_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    });
    expect((await registry.state()).requests).toEqual([]);
  }

  it.each([
    "",
    "?service=registry.test",
    `?service=registry.test&scope=${PUBLIC}`,
    "?scope=repository:secret:pull",
    "?scope=repository:hello:pull,push,delete",
    "?scope=repository:hello:pull&scope=repository:other/app:pull",
    "?scope=registry:catalog:*",
    "?scope=aws",
    "?scope=",
    "?account=alice&client_id=docker&offline_token=true",
    "?password=&refresh_token=",
  ])("GET %s", async (query) => {
    await expectAnonymous(await get(query, null));
  });

  it.each(["Basic Og==", "Basic", "basic "])("an empty Basic is nobody's: %j", async (authorization) => {
    // A bare `Basic` has no credentials to judge either.
    await expectAnonymous(await get(`?scope=${PUBLIC}`, authorization));
  });

  it.each([
    { grant_type: "password", client_id: "containerd-client", scope: PUBLIC },
    { grant_type: "refresh_token", refresh_token: "" },
  ])("POST %j", async (form) => {
    await expectAnonymous(await post(form));
  });

  it("also while the registry is away", async () => {
    await registry.configure({ fail: "drop", failToken: "drop" });
    await expectAnonymous(await get(`?scope=${PUBLIC}`, null));
  });

  it("and it opens what everybody may read, and nothing else", async () => {
    const { token } = await (await get(`?scope=${PUBLIC}`, null)).json<Token>();
    expect(await opens(token, "hello")).toBe(true);
    expect(await opens(token, "secret")).toBe(false);
    expect((await lastSeenBy(registry, "token")).headers["authorization"]).toBeUndefined();
  });

  it.each(["repository:Hello/../x:pull", "repository:a//b:pull", `repository:${"a".repeat(256)}:pull`])(
    "but names are judged where they were written: %s is 400",
    async (scope) => {
      const response = await get(`?scope=${scope}`, null);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe("NAME_INVALID");
      expect((await registry.state()).requests).toEqual([]);
    },
  );

  it("but more than 64 scopes are refused", async () => {
    const response = await get(`?${`scope=${PUBLIC}&`.repeat(65)}`, null);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("UNSUPPORTED");
  });

  it("a token cannot be had for a token", async () => {
    const response = await get(`?scope=${PUBLIC}`, "Bearer ferry.anonymous");
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
    expect((await registry.state()).requests).toEqual([]);
  });
});
