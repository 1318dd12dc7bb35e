// S3: on a universal host a user's credentials go to the one registry that the user name says, or nowhere.
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import {
  CANARY,
  CLIENT,
  GHCR,
  HOSTILE,
  HUB,
  HUB_AUTH,
  publicRegistries,
  QUAY,
  TABLE,
  type Answer,
  type Internet,
} from "../internet.ts";

const AUTH = "https://mirror.example.com/v2/auth";
const SECRET = CANARY.hubPassword;
const HUB_SCOPE = "repository:library/nginx:pull";
const GHCR_SCOPE = "repository:ghcr.io/a/b:pull";
const GHCR_PUSH = "repository:ghcr.io/a/b:pull,push";

/** The ways in which clients present a user name and a password. */
const TRANSPORTS: readonly [
  string,
  (ferry: Ferry, internet: Internet, user: string, scopes: string[]) => Promise<Answer>,
][] = [
  [
    "Basic",
    (ferry, internet, user, scopes) =>
      internet.ask(ferry, `${AUTH}?${scopesOf(scopes, { account: user })}`, {
        headers: { Authorization: basic(user, SECRET) },
      }),
  ],
  [
    "a password grant",
    (ferry, internet, user, scopes) =>
      internet.ask(
        ferry,
        AUTH,
        form(scopesOf(scopes, { grant_type: "password", username: user, password: SECRET })),
      ),
  ],
  [
    "a form with Basic",
    (ferry, internet, user, scopes) =>
      internet.ask(ferry, AUTH, form(scopesOf(scopes, {}), { Authorization: basic(user, SECRET) })),
  ],
  [
    "a query",
    (ferry, internet, user, scopes) =>
      internet.ask(ferry, `${AUTH}?${scopesOf(scopes, { username: user, password: SECRET })}`),
  ],
];

describe.each(TRANSPORTS)("S3: a password by %s", (_, send) => {
  it.each([
    ["alice", [], HUB_AUTH],
    ["alice", [HUB_SCOPE], HUB_AUTH],
    ["alice", ["repository:nginx:pull"], HUB_AUTH],
    ["alice", ["repository:docker.io/library/nginx:pull"], HUB_AUTH],
    ["alice", ["repository:index.docker.io/library/nginx:pull"], HUB_AUTH],
    ["alice", [HUB_SCOPE, "repository:alice/app:pull,push"], HUB_AUTH],
    ["docker.io/alice", [HUB_SCOPE], HUB_AUTH],
    ["ghcr.io/alice", [], GHCR],
    ["ghcr.io/alice", [GHCR_SCOPE], GHCR],
    ["GHCR.IO/alice", [GHCR_SCOPE], GHCR],
    ["lscr.io/alice", [GHCR_SCOPE], GHCR],
    ["ghcr.io/alice", [GHCR_SCOPE, "repository:a/b:pull"], GHCR],
    ["ghcr.io/alice", ["repository:a/b:pull", GHCR_SCOPE], GHCR],
    ["hostile.example/alice", ["repository:hostile.example/a:pull"], HOSTILE],
  ])("of %s for %j goes to %s only", async (user, scopes, destination) => {
    const internet = publicRegistries();
    const answer = await send(new Ferry(TABLE), internet, user, scopes);
    expect(answer.status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [destination]);
    const [asked] = internet.to(destination).filter(({ url }) => url.pathname === "/token");
    expect(`${asked?.url.search} ${asked?.body}`).not.toMatch(/(ghcr|lscr|docker)\.io%2Falice/i);
    expect(`${asked?.url.search} ${asked?.body}`).not.toMatch(/ghcr\.io%2Fa%2Fb/i);
  });

  it.each([
    ["alice", [GHCR_PUSH]],
    ["alice", [HUB_SCOPE, GHCR_PUSH]],
    ["alice", [`${HUB_SCOPE} ${GHCR_PUSH}`]],
    ["alice", [`${HUB_SCOPE}\n${GHCR_PUSH}`]],
    ["alice", ["repository:alice/app:pull", "repository:hostile.example/alice/app:pull,push"]],
    ["alice", ["repository(plugin):hostile.example/alice/app:*"]],
    ["alice", ["repository:ghcr.io/a/b:"]],
    ["ghcr.io/alice", ["repository:library/nginx:pull,push"]],
    ["ghcr.io/alice", [GHCR_SCOPE, "repository:quay.io/a/b:delete"]],
    ["evil.example/alice", []],
    ["evil.example/alice", [HUB_SCOPE]],
    ["ghcr.io:443/alice", [GHCR_PUSH]],
    ["ghcr.io./alice", [GHCR_SCOPE]],
    [" ghcr.io/alice", [GHCR_SCOPE]],
    ["https://ghcr.io/alice", [GHCR_PUSH]],
    ["ghcr.io%2Falice", [GHCR_PUSH]],
    ["ghcr.io%2Falice", [GHCR_SCOPE]],
    ["ghcr.io", [GHCR_PUSH]],
    ["ghcr.io", [GHCR_SCOPE]],
    ["ghcr.io", []],
    ["", [GHCR_PUSH]],
  ])("of %j for %j is refused with 400, and nothing leaves", async (user, scopes) => {
    const internet = publicRegistries();
    const answer = await send(new Ferry(TABLE), internet, user, scopes);
    expect(answer.status).toBe(400);
    expect(internet.requests).toEqual([]);
    internet.expectCanaryOnlyAt(SECRET, []);
  });

  it.each([
    ["alice", [GHCR_SCOPE]],
    ["alice", ["repository:hostile.example/alice/app:pull"]],
    ["alice", ["repository(plugin):hostile.example/alice/app:pull"]],
    ["ghcr.io/alice", [HUB_SCOPE]],
    ["ghcr.io/alice", ["repository:quay.io/a/b:pull"]],
  ])(
    "of %j for %j, where only another registry is read, goes nowhere: it is as nobody's",
    async (user, scopes) => {
      const internet = publicRegistries();
      const answer = await send(new Ferry(TABLE), internet, user, scopes);
      expect(answer.status).toBe(200);
      internet.expectCanaryOnlyAt(SECRET, []);
      for (const { url, headers, body } of internet.requests) {
        expect(headers.get("Authorization")).toBeNull();
        expect(`${url.search} ${body}`).not.toMatch(/alice\b(?!%2Fapp)|account=|username=/);
      }
    },
  );

  it.each([
    ["alice", [HUB_SCOPE, GHCR_SCOPE], HUB_AUTH],
    ["alice", [`${HUB_SCOPE} ${GHCR_SCOPE}`], HUB_AUTH],
    ["alice", ["repository:alice/app:pull,push", "repository:hostile.example/alice/base:pull"], HUB_AUTH],
    ["ghcr.io/alice", ["repository:ghcr.io/a/b:pull,push", "repository:quay.io/a/b:pull"], GHCR],
    ["ghcr.io/alice", [GHCR_SCOPE, "repository:other/thing:pull"], GHCR],
  ])(
    "of %j for %j: a mount's scope of another registry is left out, and %s is asked",
    async (user, scopes, at) => {
      const internet = publicRegistries();
      const answer = await send(new Ferry(TABLE), internet, user, scopes);
      expect(answer.status).toBe(200);
      internet.expectCanaryOnlyAt(SECRET, [at]);
      const [asked] = internet.to(at).filter(({ url }) => url.pathname === "/token");
      const sent = new URLSearchParams(`${asked?.url.search ?? ""}&${asked?.body ?? ""}`)
        .getAll("scope")
        .join(" ");
      expect(sent.split(" ")).toHaveLength(1);
    },
  );
});

describe("S3: two presentations in one request", () => {
  it.each([
    [
      "Basic of one registry, a form's user of another",
      "alice",
      { username: "ghcr.io/alice", password: "x" },
    ],
    ["Basic of one, a refresh token of another", "alice", { refresh_token: wrapToken("ghcr.io", "r") }],
    ["Basic of another, a form's user of the Hub", "ghcr.io/alice", { username: "bob", password: "x" }],
  ])("%s: 400, and nothing leaves", async (_, user, parameters) => {
    const internet = publicRegistries();
    const init = form(scopesOf([], parameters), { Authorization: basic(user, SECRET) });
    expect((await internet.ask(new Ferry(TABLE), AUTH, init)).status).toBe(400);
    expect(internet.requests).toEqual([]);
  });

  it("a second user name beside the first one does not travel", async () => {
    const internet = publicRegistries();
    const body = `grant_type=password&username=ghcr.io/alice&username=quay0bob&password=${SECRET}`;
    await internet.ask(new Ferry(TABLE), AUTH, form(body));
    internet.expectCanaryOnlyAt("quay0bob", []);
  });

  it("an account of another registry is not told to the one whose credentials these are", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: basic("alice", SECRET) };
    await internet.ask(new Ferry(TABLE), `${AUTH}?account=ghcr.io/bob0account`, { headers });
    internet.expectCanaryOnlyAt("bob0account", []);
  });

  it("a password without a user goes nowhere", async () => {
    const internet = publicRegistries();
    const body = `grant_type=password&password=${SECRET}&scope=${GHCR_SCOPE}`;
    await internet.ask(new Ferry(TABLE), AUTH, form(body));
    internet.expectCanaryOnlyAt(SECRET, []);
  });

  it("nobody's scopes of two registries: our own bearer, which is no registry's, and nothing leaves", async () => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), `${AUTH}?${scopesOf([HUB_SCOPE, GHCR_SCOPE], {})}`);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      token: "ferry.anonymous",
      access_token: "ferry.anonymous",
    });
    expect(internet.requests).toEqual([]);
  });
});

describe("S3: tokens handed out on a universal host", () => {
  it("come wrapped, and each goes back to its registry only", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const headers = { Authorization: basic("ghcr.io/alice", SECRET) };
    const answer = await internet.ask(ferry, `${AUTH}?scope=${GHCR_SCOPE}&offline_token=true`, { headers });
    const token = JSON.parse(answer.body) as { token: string; refresh_token: string };
    expect(token.token).toMatch(/^ferry\./);
    expect(token.refresh_token).toMatch(/^ferry\./);

    const bearer = { Authorization: `Bearer ${token.token}` };
    await internet.ask(ferry, "https://mirror.example.com/v2/ghcr.io/a/b/manifests/x", { headers: bearer });
    for (const path of [
      "library/nginx/manifests/x",
      "a/b/manifests/x?ns=quay.io",
      "quay.io/a/b/manifests/x",
      "hostile.example/a/b/manifests/x",
      "_catalog?ns=hostile.example",
    ]) {
      const refused = await internet.ask(ferry, `https://mirror.example.com/v2/${path}`, { headers: bearer });
      expect(refused.status, path).toBe(401);
      expect(refused.headers.get("WWW-Authenticate"), path).toContain('error="invalid_token"');
    }
    await internet.ask(
      ferry,
      AUTH,
      form(scopesOf([GHCR_SCOPE], { grant_type: "refresh_token", refresh_token: token.refresh_token })),
    );
    internet.expectCanaryOnlyAt(CANARY.ghcrToken, [GHCR, CLIENT]);
    internet.expectCanaryOnlyAt(CANARY.ghcrRefresh, [GHCR, CLIENT]);
    internet.expectCanaryOnlyAt(SECRET, [GHCR]);
    for (const { url, headers, body } of internet.requests) {
      expect(`${url.href} ${headers.get("Authorization") ?? ""} ${body}`).not.toContain("ferry.");
    }
  });

  it.each([
    ["a push to the Hub", ["repository:a/b:pull,push"], wrapToken("ghcr.io", CANARY.ghcrRefresh), 400],
    ["two scopes", [GHCR_SCOPE, "repository:c/d:pull,push"], wrapToken("ghcr.io", CANARY.ghcrRefresh), 400],
    ["no wrapping", [HUB_SCOPE], CANARY.ghcrRefresh, 401],
    ["a registry that is not served", [], wrapToken("evil.example", CANARY.ghcrRefresh), 401],
    ["an upstream for a name", [], wrapToken("https://ghcr.io", CANARY.ghcrRefresh), 401],
  ])("a refresh token with %s is refused, and nothing leaves", async (_, scopes, token, status) => {
    const internet = publicRegistries();
    const init = form(scopesOf(scopes, { grant_type: "refresh_token", refresh_token: token }));
    expect((await internet.ask(new Ferry(TABLE), AUTH, init)).status).toBe(status);
    expect(internet.requests).toEqual([]);
  });

  it("a registry cannot make a token of ours: its own are always wrapped with its own name", async () => {
    const forged = wrapToken("ghcr.io", "made0by0quay");
    const internet = publicRegistries();
    const challenge = 'Bearer realm="https://quay.io/token"';
    internet.host(QUAY, ({ url }) =>
      url.pathname === "/token"
        ? Response.json({ token: forged })
        : new Response(null, { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    const ferry = new Ferry(TABLE);
    const answer = await internet.ask(ferry, `${AUTH}?scope=repository:quay.io/a/b:pull`, {
      headers: { Authorization: basic("quay.io/alice", SECRET) },
    });
    const token = (JSON.parse(answer.body) as { token?: string }).token;
    expect(token).not.toBe(forged);
    const headers = { Authorization: `Bearer ${token ?? ""}` };
    await internet.ask(ferry, "https://mirror.example.com/v2/ghcr.io/a/b/manifests/x", { headers });
    expect(internet.to(GHCR)).toEqual([]);
  });
});

describe("S3: a host of one registry", () => {
  it("sends a password to its registry's token service, whatever the scope's prefix says", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: basic("alice", SECRET) };
    const scopes = scopesOf([GHCR_SCOPE, "repository:hostile.example/a:pull"], {});
    await internet.ask(new Ferry(TABLE), `https://docker.example.com/v2/auth?${scopes}`, { headers });
    internet.expectCanaryOnlyAt(SECRET, [HUB_AUTH]);
    expect(internet.requests.every(({ url }) => [HUB, HUB_AUTH].includes(url.origin))).toBe(true);
  });

  it("sends nothing where ns= names another registry", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: basic("alice", SECRET) };
    for (const ns of ["ghcr.io", "hostile.example", "evil.example", "GHCR.IO", "docker.io."]) {
      const url = `https://docker.example.com/v2/a/b/manifests/x?ns=${ns}`;
      expect((await internet.ask(new Ferry(TABLE), url, { headers })).status).toBe(404);
    }
    expect(internet.requests).toEqual([]);
  });
});

function scopesOf(scopes: readonly string[], parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters);
  for (const scope of scopes) query.append("scope", scope);
  return query.toString();
}

function form(body: string, headers: Readonly<Record<string, string>> = {}): RequestInit {
  return {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
    body,
  };
}
