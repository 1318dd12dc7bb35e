// Where a registry's token service is: learned once, by asking the registry, and kept.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AnonymousFerry, codeOf, fakeUpstream, lastSeenBy } from "../client-ferry.ts";
import { Ferry } from "../ferry.ts";
import { ALICE, askOther, get, opens, post, PUBLIC, registry, serve, type Token } from "./token-requests.ts";

let origins = 0;

beforeEach(() => serve());
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the realm is learned once", () => {
  it("and remembered for every later token, whoever asks", async () => {
    await get(`?scope=${PUBLIC}`);
    await get("?scope=repository:secret:pull", ALICE);
    await post({ grant_type: "password", username: "alice", password: "alice-password" });
    expect((await registry.state()).counters).toMatchObject({ ping: 1, registry: 1, token: 3 });
  });

  it("from a resource where /v2/ challenges nobody: by HEAD, which no limit counts", async () => {
    await registry.configure({ challenge: { pingOpen: true } });
    const { token } = await (await get(`?scope=${PUBLIC}`)).json<Token>();
    expect(token).toMatch(/^registry_/);
    await get(`?scope=${PUBLIC}`);
    expect((await registry.state()).counters).toMatchObject({
      ping: 1,
      manifestHead: 1,
      manifestGet: 0,
      token: 2,
    });
  });

  it.each([302, 400, 403, 408])(
    "not from a registry that fails with %i: the next request asks again",
    async (fail) => {
      await registry.configure({ fail });
      await get(`?scope=${PUBLIC}`, ALICE);
      await registry.configure({ fail: null });
      const response = await get(`?scope=${PUBLIC}`, ALICE);
      expect(response.status).toBe(200);
      expect((await response.json<Token>()).token).toMatch(/^registry_/);
    },
  );

  it("not for a whole registry from a repository that is open (where /v2/ challenges nobody)", async () => {
    const realm = 'Bearer realm="https://registry.example.net/token"';
    fakeUpstream(({ url }) => {
      if (url.pathname === "/token") return Response.json({ token: "of-the-registry" });
      if (!url.pathname.startsWith("/v2/team/private/")) return new Response(null);
      return new Response(null, { status: 401, headers: { "WWW-Authenticate": realm } });
    });
    askOther(new Ferry({ docker: { upstream: "https://registry.example.net" } }));
    await get("?scope=repository:team/public:pull");
    const response = await get("?scope=repository:team/private:pull", ALICE);
    expect(response.status).toBe(200);
    expect((await response.json<Token>()).token).toBe("of-the-registry");
  });

  it.each(["/v2/", "/v2/team/app/manifests/latest"])(
    "S9: not from a page at %s, which says neither yes nor no",
    async (path) => {
      const upstream = `https://pages-${String((origins += 1))}.example.net`;
      const page = { headers: { "Content-Type": "text/html" } };
      let isPage = true;
      fakeUpstream(({ method, url }) => {
        if (url.pathname === "/token") return Response.json({ token: "of-the-registry" });
        if (url.pathname !== path) return new Response(null);
        if (isPage) return new Response(method === "HEAD" ? null : "<html>log in</html>", page);
        const challenge = { "WWW-Authenticate": `Bearer realm="${upstream}/token"` };
        return new Response(null, { status: 401, headers: challenge });
      });
      askOther(new Ferry({ docker: { upstream } }));
      const first = await get("?scope=repository:team/app:pull", ALICE);
      expect([first.status, await codeOf(first)]).toEqual([502, "UNKNOWN"]);
      isPage = false;
      const { token } = await (await get("?scope=repository:team/app:pull", ALICE)).json<Token>();
      expect(token).toBe("of-the-registry");
    },
  );

  it("S17: made-up names of a registry that challenges on resources push out none that was proved", async () => {
    const upstream = `https://pages-${String((origins += 1))}.example.net`;
    const departed = fakeUpstream(({ headers, method, url }) => {
      if (url.pathname === "/token") return Response.json({ token: "of-the-registry" });
      if (url.pathname === "/v2/") return new Response(null);
      const challenge = { "WWW-Authenticate": `Bearer realm="${upstream}/token"` };
      if (!headers.has("Authorization")) return new Response(null, { status: 401, headers: challenge });
      if (!url.pathname.startsWith("/v2/team/app/")) return new Response(null, { status: 404 });
      const said = {
        "Content-Type": "application/vnd.oci.image.index.v1+json",
        "Docker-Content-Digest": `sha256:${"a".repeat(64)}`,
      };
      return new Response(method === "HEAD" ? null : "{}", { headers: said });
    });
    const ferry = new AnonymousFerry({ docker: { upstream, mirrors: [] } });
    const ask = async (name: string, tag: string): Promise<number> => {
      const url = `http://docker.example.com/v2/${name}/manifests/${tag}`;
      return (await ferry.fetch(url, { method: "HEAD" })).status;
    };
    expect(await ask("team/app", "v1")).toBe(200);
    for (let index = 0; index < 250; index += 1) await ask(`made-up/${String(index)}`, "v1");
    const before = departed.length;
    expect(await ask("team/app", "v2")).toBe(200);
    const asked = departed.slice(before).map(({ url }) => url.pathname);
    expect(
      asked.filter((path) => path.endsWith("/latest")),
      "its realm is asked again",
    ).toEqual([]);
  });

  it("of a registry without one: an anonymous bearer of ours, that never goes up", async () => {
    await registry.configure({ auth: "none" });
    const { token, access_token, expires_in } = await (await get(`?scope=${PUBLIC}`, null)).json<Token>();
    expect(access_token).toBe(token);
    expect(expires_in).toBe(3600);
    expect(await opens(token, "hello")).toBe(true);
    expect((await lastSeenBy(registry)).headers["authorization"]).toBeUndefined();
  });

  it("a login at a registry without logins is refused, not pretended", async () => {
    await registry.configure({ auth: "none" });
    const response = await get(`?scope=${PUBLIC}`, ALICE);
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("UNSUPPORTED");
  });
});
