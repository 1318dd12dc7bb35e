// Attacks on access control that once had something in them: each took what its rule (S2, S12, S13, S16) keeps.
import { describe, expect, it, vi } from "vitest";
import { basic, Ferry, row } from "../ferry.ts";
import { seenBy } from "../client-ferry.ts";
import { get, isOwners, openOwned, OWNER, type Owned } from "./owner.ts";
import { ALICE, bearerOf, HOST, KEY, openClosed, USERS } from "./closed.ts";

const GUEST = { Authorization: basic(ALICE.user, ALICE.password) };
const NOBODY = { Authorization: "Bearer ferry.anonymous" };

async function head(ferry: Ferry, path: string): Promise<number> {
  return (await ferry.fetch(`http://${HOST}/v2/${path}`, { method: "HEAD", headers: NOBODY })).status;
}

describe("S12: an open proxy whose registry limits it", () => {
  /** A digest that nobody's HEAD was told to be there, while nobody's GETs are limited. */
  async function openLimited(store = true): Promise<Owned & { digest: string }> {
    const owned = await openOwned({}, { quota: 0, userQuota: 100 });
    const { ferry, image, registry } = owned;
    ferry.env = { ...ferry.env, ROUTES: { docker: row(registry, { registry: "docker.io", store }) } };
    const [first, second] = image.manifests.map(({ digest }) => digest);
    expect((await get(ferry, `acme/open/manifests/${first ?? ""}`, NOBODY)).status).toBe(200);
    expect(await head(ferry, `acme/open/manifests/${second ?? ""}`)).toBe(200);
    return { ...owned, digest: second ?? "" };
  }

  it.each([
    ["the manifest", (digest: string) => `manifests/${digest}`],
    ["a tag", () => "manifests/latest"],
  ])("S12: the account fetches nothing of a repository that refused %s since", async (_, reference) => {
    for (const anonymousPrivate of ["reduced", 401] as const) {
      const { digest, ferry, registry } = await openLimited();
      await registry.configure({ anonymousPrivate });
      await registry.setPrivate(["acme/open"]);
      await head(ferry, `acme/open/${reference(digest)}`);
      expect((await get(ferry, `acme/open/manifests/${digest}`, NOBODY)).status).not.toBe(200);
    }
  });

  it("S12: what was confirmed to one caller is not to another, where a registry judges each by itself", async () => {
    const { digest, ferry, registry } = await openLimited(false);
    await registry.setPrivate(["acme/open"]);
    expect((await get(ferry, `acme/open/manifests/${digest}`, NOBODY)).status).not.toBe(200);
  });

  it.each([
    ["of another digest", (text: string) => text.replace("}", " }")],
    ["too large to be looked at", (text: string) => text.replace("{", `{${" ".repeat(300_000)}`)],
  ])("S12: bytes that the account is given, %s, are nobody's", async (_, other) => {
    const { digest, ferry, image, registry } = await openLimited();
    const body = other(JSON.stringify({ canary: OWNER.password }));
    const mediaType = image.manifests[0]?.mediaType ?? "";
    await registry.seedManifest({
      repository: "acme/open",
      reference: digest,
      mediaType,
      body,
      unchecked: true,
    });
    const answer = await get(ferry, `acme/open/manifests/${digest}`, NOBODY);
    expect((await seenBy(registry, "token")).some(isOwners)).toBe(true);
    expect([answer.status, answer.text.includes("canary")]).toEqual([429, false]);
  });
});

describe("S12: the account's last half in an open proxy", () => {
  it("S12: is not for who asks for many manifests at once", async () => {
    const { ferry, registry } = await openOwned({}, { quota: 0, userQuota: 12 });
    const platforms = Array.from({ length: 12 }, (_, index) => `linux/made-up-${index}`);
    const { manifests } = await registry.seedImage({ repository: "acme/many", layers: [10], platforms });
    const paths = manifests.map(({ digest }) => `acme/many/manifests/${digest}`);
    // At first nobody knows what is left, and then everybody.
    const first = await Promise.all(paths.slice(0, 6).map((path) => get(ferry, path, NOBODY)));
    const second = await Promise.all(paths.map((path) => get(ferry, path, NOBODY)));
    const fetched = [...first, ...second].filter(({ headers }) => headers.get("X-Cache") === "miss");
    expect(fetched.length).toBeGreaterThan(2);
    expect(fetched.length).toBeLessThanOrEqual(7);
  });

  it("S12: is known for an hour, and then what is left is asked anew", async () => {
    const { ferry, image, registry } = await openOwned({}, { quota: 0, userQuota: 1 });
    const [first, second] = image.manifests.map(({ digest }) => `acme/open/manifests/${digest}`);
    expect((await get(ferry, first ?? "", NOBODY)).status).toBe(200);
    await registry.configure({ userQuota: 100 });
    expect((await get(ferry, second ?? "", NOBODY)).status).toBe(429);
    vi.setSystemTime(Date.now() + 61 * 60_000);
    expect((await get(ferry, second ?? "", NOBODY)).status).toBe(200);
    vi.useRealTimers();
  });
});

describe("S12: the owner's account in a closed proxy", () => {
  it.each([401, 403])(
    "S12: a guest brings it into no trouble by a name for which its token service says %i",
    async (status) => {
      const { ferry } = await openOwned({ ACCESS_USERS: USERS });
      const send = globalThis.fetch;
      const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
        const asksForIt = JSON.stringify([new Request(input).url, init?.body]).includes("acme%2Fclosed");
        const isLogin = new Headers(init?.headers).has("Authorization") || init?.method === "POST";
        return asksForIt && isLogin
          ? Response.json({ errors: [{ code: "DENIED" }] }, { status })
          : send(input, init);
      });
      expect((await get(ferry, "acme/closed/manifests/latest", GUEST)).status).toBe(403);
      expect((await get(ferry, "acme/secret/manifests/latest", GUEST)).status).toBe(200);
      spy.mockRestore();
    },
  );
});

describe("S13: guessing", () => {
  const FROM = { "CF-Connecting-IP": "198.51.100.77" } as const;
  const guess = async (ferry: Ferry, path: string, password: string): Promise<number> => {
    const headers = { ...FROM, Authorization: basic("owner", password) };
    return (await ferry.fetch(`http://${HOST}${path}`, { headers })).status;
  };

  it.each([
    ["in a closed proxy", "/v2/", { ACCESS_USERS: "owner:owners-password" }, "token"],
    ["in a closed proxy", "/v2/auth", { ACCESS_USERS: "owner:owners-password" }, "token"],
    ["at a registry's token service", "/v2/auth", {}, "token"],
    ["at a registry", "/v2/", {}, "basic"],
  ] as const)(
    "S13: many at once %s (%s) learn no more than ten one by one",
    async (_, path, variables, auth) => {
      const { ferry, registry } = await openClosed(variables);
      await registry.configure({ auth });
      await guess(ferry, "/v2/auth", "owners-password");
      const wrong = Array.from({ length: 30 }, (__, index) => `wrong-${index}`);
      const told = await Promise.all([...wrong, "owners-password"].map((word) => guess(ferry, path, word)));
      expect(told.filter((status) => status === 401)).toHaveLength(10);
      expect(told.at(-1)).toBe(429);
    },
  );

  it("S13: right logins at once are not in each other's way", async () => {
    const { ferry } = await openClosed({ ACCESS_USERS: "owner:owners-password" });
    const told = await Promise.all(Array.from({ length: 30 }, () => guess(ferry, "/v2/", "owners-password")));
    expect(new Set(told)).toEqual(new Set([200]));
  });

  it("S13: a login that is not written as this proxy reads it counts as well", async () => {
    const { ferry, registry } = await openClosed({});
    await registry.configure({ auth: "basic" });
    const headers = { ...FROM, Authorization: `Basic !${btoa("owner:wrong")}` };
    const told: number[] = [];
    for (let count = 0; count < 12; count += 1)
      told.push((await ferry.fetch(`http://${HOST}/v2/`, { headers })).status);
    expect(told.slice(-2)).toEqual([429, 429]);
  });

  it("S13: a site's many networks have a bound together", async () => {
    const { ferry } = await openClosed({ ACCESS_USERS: USERS });
    const told: number[] = [];
    for (let count = 0; count < 100; count += 1) {
      const headers = {
        "CF-Connecting-IP": `2001:db8:7:${count.toString(16)}::1`,
        Authorization: basic(ALICE.user, `wrong-${count}`),
      };
      told.push((await ferry.fetch(`http://${HOST}/v2/`, { headers })).status);
    }
    expect(told.filter((status) => status === 401)).toHaveLength(80);
    const headers = { "CF-Connecting-IP": "2001:db8:8::1", Authorization: basic(ALICE.user, "wrong") };
    expect((await ferry.fetch(`http://${HOST}/v2/`, { headers })).status).toBe(401);
  });

  it("S13: a login lasts 90 days: a refresh token brings no other", async () => {
    const { ferry } = await openClosed({ ACCESS_USERS: USERS });
    const post = async (form: Record<string, string>): Promise<Record<string, unknown>> =>
      (
        await ferry.fetch(`http://${HOST}/v2/auth`, { method: "POST", body: new URLSearchParams(form) })
      ).json();
    const login = { grant_type: "password", username: ALICE.user, password: ALICE.password };
    const { refresh_token: refresh } = await post({ ...login, access_type: "offline" });
    const again = { grant_type: "refresh_token", refresh_token: String(refresh), access_type: "offline" };
    const renewed = await post(again);
    expect(Object.keys(renewed)).toContain("token");
    expect(Object.keys(renewed)).not.toContain("refresh_token");
  });
});

describe("S10: the private class", () => {
  it("S10: is not what is public because the account was in trouble over one name", async () => {
    const { ferry, image } = await openOwned({ ACCESS_USERS: USERS });
    const send = globalThis.fetch;
    let asked = 0;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      if (!new Request(input).url.endsWith("/manifests/none")) return send(input, init);
      asked += 1;
      // Nobody's tokens first, and then the account.
      return asked === 1 ? send(input, init) : new Response(null, { status: 500 });
    });
    expect((await get(ferry, "acme/open/manifests/none", GUEST)).status).toBe(500);
    spy.mockRestore();
    const path = `acme/open/blobs/${image.manifests[0]?.layers[0]?.digest ?? ""}`;
    expect((await get(ferry, path, GUEST)).status).toBe(200);
    ferry.env = { ROUTES: ferry.env["ROUTES"] };
    expect((await get(ferry, path, NOBODY)).headers.get("X-Cache")).toBe("hit");
  });
});

/** All that an answer says. */
async function wordsOf(ferry: Ferry, url: string, init: RequestInit = {}): Promise<string> {
  const response = await ferry.fetch(url, init);
  return JSON.stringify([response.status, ...response.headers, await response.text()]);
}

describe("S16: what a stranger of a closed proxy does not learn", () => {
  const HIDDEN = { "X-Docker-Token": "ferry.anonymous" } as const;

  it("S16: the service of the registry behind a host, which guests have used", async () => {
    const { ferry } = await openClosed();
    const headers = { Authorization: await bearerOf(ferry) };
    expect((await ferry.fetch(`http://${HOST}/v2/library/app/manifests/latest`, { headers })).status).toBe(
      200,
    );
    for (const path of ["v2/", "v2/auth?client_id=ferry.anonymous", "v2/library/app/tags/list"]) {
      const words = await wordsOf(ferry, `http://${HOST}/${path}`, { headers: HIDDEN });
      expect(words).toContain("[401");
      expect(words).not.toContain("registry.test");
    }
    // The token service looks through parameters itself.
    const query = await wordsOf(ferry, `http://${HOST}/v2/auth?client_id=ferry.anonymous`);
    expect(query).toContain("[401");
    expect(query).not.toContain("registry.test");
  });

  it("S16: that a host is a registry's that completes names", async () => {
    const { ferry } = await openClosed();
    const ask = (name: string): Promise<string> =>
      wordsOf(ferry, `http://${HOST}/v2/auth?scope=repository:${name}:pull`);
    expect(await ask("a".repeat(250))).toBe(await ask("app"));
  });

  it("S2: a method that the token service does not have is the door all the same", async () => {
    const { ferry } = await openClosed();
    for (const method of ["PUT", "DELETE", "HEAD"])
      expect((await ferry.fetch(`http://${HOST}/v2/auth`, { method })).status, method).toBe(401);
  });

  it("S16: the label of a key row is in no challenge either", async () => {
    const { ferry } = await openClosed({ ACCESS_USERS: USERS }, { [KEY]: { upstream: "*", key: true } });
    const url = `http://${KEY}.example.com/v2/`;
    for (const words of [
      await wordsOf(ferry, url, { headers: HIDDEN }),
      await wordsOf(ferry, `${url}?last=ferry.anonymous`),
      await wordsOf(ferry, `${url}auth?client_id=ferry.anonymous`),
      await wordsOf(ferry, `${url}auth?refresh_token=ferry.x`),
    ]) {
      expect(words).toContain("[401");
      expect(words).not.toContain(KEY);
    }
  });
});

describe("S16: what guests of a closed proxy do not hear", () => {
  it("S16: the label of a key row in a challenge that a registry answers with", async () => {
    const { ferry } = await openClosed({}, { [KEY]: { upstream: "*", key: true } });
    const send = globalThis.fetch;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
      const response = await send(input, init);
      if (!new Request(input).url.includes("/none/")) return response;
      const headers = { "WWW-Authenticate": 'Bearer realm="https://auth.example/token"' };
      return Response.json({ errors: [] }, { status: 404, headers });
    });
    const words = await wordsOf(ferry, `http://${KEY}.example.com/v2/docker.io/acme/none/tags/list`);
    spy.mockRestore();
    expect(words).toContain("[404");
    expect(words).not.toContain(KEY);
    expect(words).not.toContain("www-authenticate");
  });

  it("S16: how registries are, more than once in half a minute, though many ask at once", async () => {
    const { ferry, registry } = await openClosed();
    const headers = { Authorization: basic(ALICE.user, ALICE.password) };
    const asking = Array.from({ length: 5 }, () =>
      wordsOf(ferry, `http://${HOST}/healthz?deep=1`, { headers }),
    );
    expect(new Set(await Promise.all(asking)).size).toBe(1);
    expect(await seenBy(registry)).toHaveLength(1);
  });
});

describe("S14: ALLOWED_COUNTRIES", () => {
  it.each(["", "?deep=1"])("S14: a login from elsewhere is not judged at /healthz%s", async (query) => {
    const { ferry, registry } = await openClosed({ ACCESS_USERS: USERS, ALLOWED_COUNTRIES: "DE" });
    const ask = (password: string): Promise<string> =>
      wordsOf(ferry, `http://${HOST}/healthz${query}`, {
        headers: { "CF-IPCountry": "FR", Authorization: basic(ALICE.user, password) },
      });
    expect(await ask(ALICE.password)).toBe(await ask("wrong"));
    expect(await seenBy(registry)).toEqual([]);
  });
});
