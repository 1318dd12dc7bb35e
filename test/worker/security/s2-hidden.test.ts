// S2: a bearer of ours that hides where none belongs is 401 `invalid_token`, and nothing leaves (F20).
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, publicRegistries, TABLE, type Answer, type Internet } from "../internet.ts";

const HOSTS = ["docker", "ghcr", "mcr", "basic", "mirror"];
const WRAPPED = wrapToken("ghcr.io", CANARY.ghcrToken);
const BEARERS = [
  ["the anonymous one", "ferry.anonymous"],
  ["a wrapped one", WRAPPED],
  ["one in other letters", WRAPPED.replace("ferry.", "FERRY.")],
] as const;

/** Places in what a caller presents. */
const PRESENTED: readonly [string, (bearer: string) => Record<string, string>][] = [
  ["a Basic password", (bearer) => ({ Authorization: basic("alice", bearer) })],
  ["the end of a Basic password", (bearer) => ({ Authorization: basic("alice", `x ${bearer}`) })],
  ["a Basic user", (bearer) => ({ Authorization: basic(bearer, "x") })],
  ["a Basic user behind a registry", (bearer) => ({ Authorization: basic(`docker.io/${bearer}`, "x") })],
  ["Basic without a colon", (bearer) => ({ Authorization: `Basic ${btoa(bearer)}` })],
  [
    "Basic behind a foreign bearer",
    (bearer) => ({ Authorization: `Bearer foreign, ${basic("alice", bearer)}` }),
  ],
  ["another bearer of ours", (bearer) => ({ Authorization: `Bearer ${wrapToken("docker.io", bearer)}` })],
  ["X-Docker-Token", (bearer) => ({ "X-Docker-Token": bearer })],
  [
    "X-Docker-Token beside a foreign bearer",
    (bearer) => ({ Authorization: "Bearer x", "X-Docker-Token": bearer }),
  ],
];

describe.each(HOSTS)("F20, S2: at %s.example.com, in what a caller presents", (label) => {
  it.each(
    PRESENTED.flatMap(([place, make]) =>
      BEARERS.map(([which, bearer]) => [place, which, make(bearer)] as const),
    ),
  )("%s: %s", async (_, __, headers) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    for (const path of [
      "/v2/",
      "/v2/me/app/manifests/latest",
      "/v2/auth?service=x&scope=repository:me/app:pull",
      "/v1/search?q=nginx",
      "/v1/_ping",
    ]) {
      expectInvalid(await internet.ask(ferry, `https://${label}.example.com${path}`, { headers }), path);
    }
    const init = { method: "POST", headers };
    const url = `https://${label}.example.com/v2/me/app/blobs/uploads/`;
    expectInvalid(await internet.ask(ferry, url, init), url);
    expectNothingLeft(internet);
  });
});

/** Places in a token request. */
const FIELDS: readonly (readonly [string, (bearer: string) => string])[] = [
  ["password", (bearer) => `grant_type=password&username=alice&password=${bearer}`],
  ["client_id", (bearer) => `username=alice&password=x&client_id=${bearer}`],
  ["client_id of nobody", (bearer) => `client_id=${bearer}`],
  ["username", (bearer) => `username=${bearer}&password=x`],
  ["username behind a registry", (bearer) => `username=ghcr.io/${bearer}&password=x`],
  ["account", (bearer) => `username=alice&password=x&account=${bearer}`],
  ["service", (bearer) => `username=alice&password=x&service=${bearer}`],
  ["scope", (bearer) => `username=alice&password=x&scope=${bearer}`],
  ["grant_type", (bearer) => `username=alice&password=x&grant_type=${bearer}`],
  ["a refresh token inside another", (bearer) => `refresh_token=${wrapToken("docker.io", bearer)}`],
  ["a refresh token behind a foreign one", (bearer) => `refresh_token=x%20${bearer}`],
  ["a parameter that we do not know", (bearer) => `username=alice&password=x&state=${bearer}`],
];

describe.each(HOSTS)("F20, S2: at %s.example.com, in a token request", (label) => {
  it.each(
    FIELDS.flatMap(([place, make]) =>
      BEARERS.map(([which, bearer]) => [place, which, make(bearer)] as const),
    ),
  )("%s: %s", async (_, __, parameters) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const url = `https://${label}.example.com/v2/auth`;
    expectInvalid(await internet.ask(ferry, `${url}?${parameters}`), "a query");
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expectInvalid(await internet.ask(ferry, url, { method: "POST", headers, body: parameters }), "a form");
    expectNothingLeft(internet);
  });

  it.each(["FERRY", "Ferry"])("a refresh token that begins with %s.", async (prefix) => {
    const internet = publicRegistries();
    const token = wrapToken("ghcr.io", CANARY.ghcrRefresh).replace("ferry", prefix);
    const url = `https://${label}.example.com/v2/auth?refresh_token=${token}`;
    expectInvalid(await internet.ask(new Ferry(TABLE), url), url);
    expectNothingLeft(internet);
  });
});

describe.each(["docker", "mirror"])("F20, S2: at %s.example.com, in a search", (label) => {
  it.each(BEARERS)("%s", async (_, bearer) => {
    const internet = publicRegistries();
    for (const name of ["q", "n", "token"]) {
      const url = `https://${label}.example.com/v1/search?${name}=${bearer}`;
      expectInvalid(await internet.ask(new Ferry(TABLE), url), url);
    }
    expectNothingLeft(internet);
  });
});

describe.each(["docker", "mirror"])("S2: at %s.example.com, in the query of a list", (label) => {
  it.each([
    ["the anonymous one", "ferry.anonymous"],
    ["a wrapped one", WRAPPED],
    ["one in other letters", WRAPPED.replace("ferry.", "FERRY.")],
    ["one in escapes", WRAPPED.replace("ferry.", "%66erry%2E")],
  ])("%s", async (_, bearer) => {
    const internet = publicRegistries();
    for (const [path, name] of [
      ["hostile.example/team/app/tags/list", "access_token"],
      ["hostile.example/team/app/tags/list", "last"],
      ["_catalog", "token"],
      [`hostile.example/team/app/referrers/sha256:${"a".repeat(64)}`, "artifactType"],
      ["hostile.example/team/app/manifests/latest", "x"],
    ] as const) {
      for (const headers of [{}, { Authorization: "Bearer ferry.anonymous" }]) {
        const url = `https://${label}.example.com/v2/${path}?${name}=${bearer}`;
        expectInvalid(await internet.ask(new Ferry(TABLE), url, { headers }), url);
      }
    }
    expectNothingLeft(internet);
  });
});

describe("F20, S2: what only looks like one of ours passes", () => {
  it("a registry, a service and a user under a host that is called ferry", async () => {
    const origin = "https://ferry.example.net";
    const challenge = `Bearer realm="${origin}/token",service="ferry.example.net"`;
    const internet = publicRegistries().host(origin, ({ url }) =>
      url.pathname === "/token"
        ? Response.json({ token: "t" })
        : new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    const ferry = new Ferry({ ...TABLE, own: origin, ferry: "*" });
    const query =
      "service=ferry.example.com&account=ferry.example.net/alice&scope=repository:ferry.example.net/a/b:pull";
    const answer = await internet.ask(ferry, `https://ferry.example.com/v2/auth?${query}`, {
      headers: { Authorization: basic("ferry.example.net/alice", CANARY.basicPassword) },
    });
    expect(answer.status).toBe(200);
    internet.expectCanaryOnlyAt(CANARY.basicPassword, [origin]);
  });
});

describe("S2: what only begins like one of ours passes in the query of a list", () => {
  it.each(["ferry.1.0", "ferry.example.com", "ferry.latest"])("a tag: %s", async (tag) => {
    const internet = publicRegistries();
    const url = `https://docker.example.com/v2/library/nginx/tags/list?last=${tag}`;
    const headers = { Authorization: "Bearer a.registrys.token" };
    await internet.ask(new Ferry(TABLE), url, { headers });
    expect(internet.requests.map(({ url: { search } }) => search)).toContain(`?last=${tag}`);
  });
});

function expectInvalid(answer: Answer, what: string): void {
  expect(answer.status, what).toBe(401);
  expect(answer.headers.get("WWW-Authenticate"), what).toContain('error="invalid_token"');
}

function expectNothingLeft(internet: Internet): void {
  expect(internet.requests).toEqual([]);
  internet.expectCanaryOnlyAt(CANARY.ghcrToken, []);
}
