// The embedded registry asks for tokens and gives them as registries do, with every oddity of theirs.
import { describe, expect, it } from "vitest";
import type { RegistryOptions } from "../../registry/index.ts";
import { ALICE, bearer, get, registryWith } from "./stage.ts";

describe("challenges", () => {
  it("challenges the ping without a scope and resources with theirs", async () => {
    const registry = await registryWith();
    const ping = await get(`${registry.url}/v2/`);
    expect(ping.status).toBe(401);
    expect(ping.headers.get("www-authenticate")).toBe(
      `Bearer realm="${registry.tokenUrl}",service="registry.test"`,
    );
    const resource = await get(`${registry.url}/v2/library/hello/manifests/latest`);
    expect(resource.headers.get("www-authenticate")).toContain('scope="repository:library/hello:pull"');
  });

  it.each<[RegistryOptions["challenge"] & object, string | null]>([
    [{ unquotedService: true }, ",service=registry.test,scope="],
    [{ omitService: true, omitScope: true }, '/token"'],
    [{ extraBasic: true }, ", Bearer realm="],
    [{ realm: "http://evil.test/t", realmQuery: "a=b" }, 'realm="http://evil.test/t?a=b"'],
    [{ omitHeader: "resources" }, null],
  ])("sends the odd challenge %j", async (challenge, expected) => {
    const registry = await registryWith({ challenge });
    const response = await get(`${registry.url}/v2/a/b/manifests/latest`);
    const header = response.headers.get("www-authenticate");
    if (expected === null) expect(header).toBeNull();
    else expect(header).toContain(expected);
  });

  it("serves the token on the registry's origin when the realm is there", async () => {
    const registry = await registryWith({ challenge: { sameOriginRealm: true } });
    expect((await get(`${registry.url}/token`)).status).toBe(200);
    expect((await get(`${(await registryWith()).url}/token`)).status).toBe(404);
  });
});

describe("tokens", () => {
  it("opens what they grant and nothing else", async () => {
    const registry = await registryWith();
    registry.seedImage({ repository: "library/hello" });
    const Authorization = await bearer(registry, "repository:library/hello:pull");
    expect((await get(`${registry.url}/v2/library/hello/manifests/latest`, { Authorization })).status).toBe(
      200,
    );
    const other = await get(`${registry.url}/v2/library/other/manifests/latest`, { Authorization });
    expect(other.status).toBe(401);
    expect(other.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  it("keep private repositories from anonymous callers and from users that may not read them", async () => {
    const users = { alice: "alice-password", bob: "bob-password" };
    const registry = await registryWith({ users, readers: { tenant: ["bob"] } });
    for (const repository of ["private/secret", "tenant/app"]) registry.seedImage({ repository });
    const status = async (repository: string, authorization?: string) => {
      const Authorization = await bearer(registry, `repository:${repository}:pull`, authorization);
      return (await get(`${registry.url}/v2/${repository}/tags/list`, { Authorization })).status;
    };
    expect(await status("private/secret")).toBe(401);
    expect(await status("private/secret", ALICE)).toBe(200);
    expect(await status("tenant/app", ALICE)).toBe(401);
  });

  it("end when the repository becomes private, when they expire and when they are revoked", async () => {
    const registry = await registryWith();
    registry.seedImage({ repository: "library/hello" });
    const url = `${registry.url}/v2/library/hello/tags/list`;
    const Authorization = await bearer(registry, "repository:library/hello:pull");
    registry.setPrivate(["library"]);
    expect((await get(url, { Authorization })).status).toBe(401);
    registry.setPrivate([]);
    expect((await get(url, { Authorization })).status).toBe(200);
    registry.revokeTokens();
    expect((await get(url, { Authorization })).headers.get("www-authenticate")).toContain("invalid_token");
    registry.configure({ maxTokenAge: -1 });
    const expired = await bearer(registry, "repository:library/hello:pull");
    expect((await get(url, { Authorization: expired })).status).toBe(401);
  });

  it("are refused to a wrong password, and given for a password or refresh token by POST", async () => {
    const registry = await registryWith({ refreshTokens: true });
    const wrong = `Basic ${Buffer.from("alice:wrong").toString("base64")}`;
    expect((await get(registry.tokenUrl, { Authorization: wrong })).status).toBe(401);

    const post = async (body: Record<string, string>) => {
      const response = await fetch(registry.tokenUrl, { method: "POST", body: new URLSearchParams(body) });
      return (await response.json()) as Record<string, string>;
    };
    const first = await post({
      grant_type: "password",
      username: "alice",
      password: "alice-password",
      access_type: "offline",
    });
    expect(first.refresh_token).toMatch(/^refresh_/);
    const second = await post({ grant_type: "refresh_token", refresh_token: first.refresh_token ?? "" });
    expect(second.access_token).toMatch(/^registry_/);
    expect(registry.requests.at(-1)?.body).toContain("grant_type=refresh_token");
  });

  it("take the shape that is asked for", async () => {
    const registry = await registryWith({ tokenJson: "token", expiresIn: null, postToken: false });
    expect(Object.keys((await (await get(registry.tokenUrl)).json()) as object)).toEqual(["token"]);
    expect((await get(registry.tokenUrl, {}, "POST")).status).toBe(405);
  });

  it("are refused for a private repository where the service says so", async () => {
    const registry = await registryWith({ anonymousPrivate: 403 });
    expect((await get(`${registry.tokenUrl}?scope=repository:private/x:pull`)).status).toBe(403);
  });
});
