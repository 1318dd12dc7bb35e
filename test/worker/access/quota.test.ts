// S12: the owner's account and a registry's limit. In a closed proxy public manifests count to the account; in an open one
// only while nobody's tokens are limited, of what nobody's tokens confirmed, and never of the account's last half.
import { describe, expect, it, vi } from "vitest";
import { basic } from "../ferry.ts";
import { fakeUpstream, seenBy } from "../client-ferry.ts";
import { ALICE, USERS } from "./closed.ts";
import { get, isOwners, openOwned } from "./owner.ts";

const GUEST = { Authorization: basic(ALICE.user, ALICE.password) };
const NOBODY = { Authorization: "Bearer ferry.anonymous" };
const LIMITS = ["RateLimit-Limit", "RateLimit-Remaining"];

describe("S12: in a closed proxy", () => {
  it("public manifests are fetched by the account, and kept for everybody", async () => {
    const { ferry, registry, image } = await openOwned({ ACCESS_USERS: USERS }, { quota: 0, userQuota: 10 });
    const cold = await get(ferry, "acme/open/manifests/latest", GUEST);
    expect([cold.status, cold.headers.get("X-Cache")]).toEqual([200, "miss"]);
    expect(cold.headers.get("RateLimit-Remaining")).toBe("9;w=21600");
    const child = image.manifests[0]?.digest ?? "";
    expect((await get(ferry, `acme/open/manifests/${child}`, GUEST)).status).toBe(200);
    const warm = await get(ferry, `acme/open/manifests/${child}`, GUEST);
    expect(warm.headers.get("X-Cache")).toBe("hit");
    // The same store, an open proxy: what was fetched so is anybody's.
    ferry.env = { ROUTES: ferry.env["ROUTES"] };
    expect((await get(ferry, `acme/open/manifests/${child}`, NOBODY)).headers.get("X-Cache")).toBe("hit");
    expect((await registry.state()).counters.manifestGet).toBe(2);
  });

  it("an account in trouble keeps nobody from what is public", async () => {
    const { ferry } = await openOwned(
      { ACCESS_USERS: USERS, UPSTREAM_CREDENTIALS: '{"docker.io":"owner:wrong"}' },
      {},
    );
    const log = vi.spyOn(console, "log");
    expect((await get(ferry, "acme/open/manifests/latest", GUEST)).status).toBe(200);
    const line = JSON.parse(String(log.mock.calls.at(-1)?.[0])) as Record<string, unknown>;
    expect(line["problem"]).toMatch(/refuses the account of UPSTREAM_CREDENTIALS \(401\)/);
    log.mockRestore();
  });

  it.each([
    ["refused", { users: {} }, 503],
    ["limited", { failToken: 429 }, 429],
    ["down", { failToken: 503 }, 503],
  ] as const)("an account that is %s is never a 401 or a 404 to a guest", async (_, trouble, status) => {
    const { ferry, registry } = await openOwned({ ACCESS_USERS: USERS }, { anonymousPrivate: "reduced" });
    // Nobody's token is had before.
    await get(ferry, "acme/open/manifests/latest", GUEST);
    await registry.configure(trouble);
    const answer = await get(ferry, "acme/secret/manifests/latest", GUEST);
    expect(answer.status).toBe(status);
    expect(answer.text).not.toContain("canary");
  });

  it("a login that a registry refuses itself is tried once in a minute", async () => {
    const { ferry, registry } = await openOwned(
      { ACCESS_USERS: USERS, UPSTREAM_CREDENTIALS: '{"docker.io":"owner:wrong"}' },
      { auth: "basic" },
    );
    for (let count = 0; count < 3; count += 1)
      expect((await get(ferry, "acme/secret/manifests/latest", GUEST)).status).toBe(503);
    const logins = (await seenBy(registry)).filter(
      ({ headers }) => headers["authorization"] === basic("owner", "wrong"),
    );
    expect(logins).toHaveLength(1);
  });

  it("asks for one token, whoever asks at the same time", async () => {
    const { ferry, registry } = await openOwned({ ACCESS_USERS: USERS });
    await Promise.all(Array.from({ length: 20 }, () => get(ferry, "acme/secret/manifests/latest", GUEST)));
    const logins = (await seenBy(registry, "token")).filter(isOwners);
    expect(logins).toHaveLength(1);
    expect(logins[0]?.query).toContain("scope=repository%3Aacme%2Fsecret%3Apull");
  });

  it.each([
    ["that want a form", { postToken: true }],
    ["that take none", { postToken: false }],
  ])("token services %s are asked right", async (_, options) => {
    const { ferry } = await openOwned({ ACCESS_USERS: USERS }, options);
    expect((await get(ferry, "acme/secret/manifests/latest", GUEST)).status).toBe(200);
  });
});

describe("S12: in an open proxy", () => {
  const OPTIONS = { quota: 1, userQuota: 10 } as const;

  it("the account is not used while nobody's tokens will do", async () => {
    const { ferry, registry } = await openOwned({}, { quota: 10, userQuota: 10 });
    expect((await get(ferry, "acme/open/manifests/latest", NOBODY)).status).toBe(200);
    expect((await get(ferry, "acme/secret/manifests/latest", NOBODY)).status).toBe(401);
    expect((await seenBy(registry, "token")).filter(isOwners)).toEqual([]);
  });

  it("it fetches manifests of what is public once nobody's tokens are limited, and tells no limit", async () => {
    const { ferry, registry, image } = await openOwned({}, OPTIONS);
    expect((await get(ferry, "acme/open/manifests/latest", NOBODY)).status).toBe(200);
    const answer = await get(ferry, `acme/open/manifests/${image.manifests[0]?.digest ?? ""}`, NOBODY);
    expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "miss"]);
    for (const name of LIMITS) expect(answer.headers.get(name)).toBeNull();
    const logins = (await seenBy(registry, "token")).filter(isOwners);
    expect(logins.map(({ query }) => new URLSearchParams(query).getAll("scope"))).toEqual([
      ["repository:acme/open:pull"],
    ]);
  });

  it("it reads nothing that is not public, not even then", async () => {
    const { ferry, registry, image } = await openOwned({}, { ...OPTIONS, quota: 0 });
    await get(ferry, `acme/open/manifests/${image.manifests[1]?.digest ?? ""}`, NOBODY);
    const before = (await seenBy(registry, "token")).filter(isOwners).length;
    for (const path of [
      "manifests/latest",
      `manifests/${image.digest}`,
      `blobs/${image.digest}`,
      "tags/list",
      `referrers/${image.digest}`,
    ])
      expect((await get(ferry, `acme/secret/${path}`, NOBODY)).status, path).toBe(401);
    expect((await seenBy(registry, "token")).filter(isOwners)).toHaveLength(before);
  });

  it("what it brings that is another thing than was confirmed is shown to nobody", async () => {
    const { ferry } = await openOwned({});
    const digest = `sha256:${"1".repeat(64)}`;
    fakeUpstream(({ headers, method, url }) => {
      if (url.host === "auth.example.com")
        return Response.json({ token: headers.has("Authorization") ? "owner" : "nobody" });
      const by = headers.get("Authorization");
      if (by === null) {
        const challenge = 'Bearer realm="https://auth.example.com/token",service="s"';
        return Response.json({}, { status: 401, headers: { "WWW-Authenticate": challenge } });
      }
      const said = {
        "Content-Type": "application/vnd.oci.image.manifest.v1+json",
        "Docker-Content-Digest": digest,
      };
      if (method === "HEAD") return new Response(null, { headers: { ...said, "Content-Length": "40" } });
      if (by === "Bearer nobody") return Response.json({}, { status: 429 });
      return new Response('{"schemaVersion":2,"canary":"of the owner"}', { headers: said });
    });
    const realm = "https://auth.example.com/token";
    ferry.env = {
      ...ferry.env,
      ROUTES: {
        docker: { upstream: "https://registry.example.com", registry: "docker.io", realm, mirrors: [] },
      },
    };
    const answer = await get(ferry, `acme/open/manifests/${digest}`, NOBODY);
    expect(answer.status).toBe(429);
    expect(answer.text).not.toContain("canary");
    vi.restoreAllMocks();
  });

  it("it is not used of its last half", async () => {
    const { ferry, registry, image } = await openOwned({}, { quota: 0, userQuota: 3 });
    const [first, second] = image.manifests.map(({ digest }) => `acme/open/manifests/${digest}`);
    // 3, then 2 of 3, then 1 of 3 left: less than half.
    expect((await get(ferry, first ?? "", NOBODY)).status).toBe(200);
    expect((await get(ferry, second ?? "", NOBODY)).status).toBe(200);
    expect((await get(ferry, `acme/open/manifests/${image.digest}`, NOBODY)).status).toBe(429);
    expect((await registry.state()).counters.manifestGet).toBeGreaterThan(0);
  });

  it("it is left alone again a quarter of an hour after the last limit", async () => {
    const { ferry, registry, image } = await openOwned({}, { quota: 0, userQuota: 100 });
    const [first, second] = image.manifests.map(({ digest }) => `acme/open/manifests/${digest}`);
    expect((await get(ferry, first ?? "", NOBODY)).status).toBe(200);
    await registry.configure({ quota: 10 });
    const before = (await seenBy(registry, "token")).filter(isOwners).length;
    vi.setSystemTime(Date.now() + 16 * 60_000);
    expect((await get(ferry, second ?? "", NOBODY)).status).toBe(200);
    expect((await seenBy(registry, "token")).filter(isOwners)).toHaveLength(before);
    vi.useRealTimers();
  });
});
