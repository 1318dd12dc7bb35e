// S13: the owner's people log in at the proxy itself, by every way that clients have, and nobody guesses a password.
import { describe, expect, it, vi } from "vitest";
import { makeToken, type Claims } from "../../../src/access/own-tokens.ts";
import { codeOf, seenBy } from "../client-ferry.ts";
import { basic, type Ferry } from "../ferry.ts";
import { ALICE, bearerOf, BOB, ELSEWHERE, HOST, KEY, LISTED, openClosed, USERS } from "./closed.ts";

const AUTH = `http://${HOST}/v2/auth`;
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const LOGIN = { Authorization: basic(ALICE.user, ALICE.password) };

function post(
  ferry: Ferry,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams(fields).toString();
  return ferry.fetch(AUTH, { method: "POST", headers: { ...FORM, ...headers }, body });
}

async function ping(ferry: Ferry, token: unknown, host = HOST): Promise<Response> {
  return ferry.fetch(`http://${host}/v2/`, { headers: { Authorization: `Bearer ${String(token)}` } });
}

type Tokens = Readonly<Record<string, unknown>>;

describe("S13: a login of one of the owner's people", () => {
  it("gets a token for an hour by GET with Basic, as docker, podman and curl ask", async () => {
    const { ferry, registry } = await openClosed();
    const response = await ferry.fetch(`${AUTH}?account=alice&service=${HOST}`, { headers: LOGIN });
    expect(response.headers.get("Cache-Control")).toContain("no-store");
    const tokens = await response.json<Tokens>();
    expect(tokens).toMatchObject({ expires_in: 3600, access_token: tokens["token"] });
    expect(tokens).not.toHaveProperty("refresh_token");
    expect((await ping(ferry, tokens["token"])).status).toBe(200);
    expect(await seenBy(registry, "token")).toEqual([]);
  });

  it("gets one by POST with a password, as containerd and helm ask", async () => {
    const { ferry } = await openClosed();
    const response = await post(ferry, {
      grant_type: "password",
      username: ALICE.user,
      password: ALICE.password,
    });
    expect((await ping(ferry, (await response.json<Tokens>())["access_token"])).status).toBe(200);
  });

  it.each([
    [
      "GET, as docker login asks",
      (ferry: Ferry) => ferry.fetch(`${AUTH}?offline_token=true`, { headers: LOGIN }),
    ],
    [
      "POST",
      (ferry: Ferry) =>
        post(ferry, {
          grant_type: "password",
          access_type: "offline",
          username: ALICE.user,
          password: ALICE.password,
        }),
    ],
  ])("gets a refresh token where it asks for one by %s", async (_, ask) => {
    const { ferry } = await openClosed();
    const { refresh_token: refresh, token } = await (await ask(ferry)).json<Tokens>();
    expect(refresh).not.toBe(token);
    const again = await post(ferry, { grant_type: "refresh_token", refresh_token: String(refresh) });
    expect((await ping(ferry, (await again.json<Tokens>())["token"])).status).toBe(200);
    // Neither will do for the other.
    expect((await ping(ferry, refresh)).status).toBe(401);
    expect((await post(ferry, { grant_type: "refresh_token", refresh_token: String(token) })).status).toBe(
      401,
    );
  });

  it("needs no token: Basic on every request will do, as containerd's header and curl send", async () => {
    const { ferry } = await openClosed();
    const pulled = await ferry.fetch(`http://${HOST}/v2/library/app/manifests/latest`, { headers: LOGIN });
    expect(pulled.status).toBe(200);
    expect(pulled.headers.get("Cache-Control")).toBe("private, no-transform");
  });

  it("is logged by name, and nobody else is (S21)", async () => {
    const { ferry } = await openClosed();
    const log = vi.spyOn(console, "log");
    await ferry.fetch(`http://${HOST}/v2/`, { headers: LOGIN });
    await ferry.fetch(`http://${HOST}/v2/`, { headers: { Authorization: basic("mallory", "x") } });
    await ferry.fetch(`http://${HOST}/v2/`, { headers: { Authorization: basic(ALICE.user, "x") } });
    const users = log.mock.calls.map(([line]) => (JSON.parse(String(line)) as Tokens)["user"]);
    expect(users).toEqual([ALICE.user, undefined, undefined]);
    log.mockRestore();
  });
});

describe("S13: what is refused at the token service", () => {
  it.each([
    ["nobody", (ferry: Ferry) => ferry.fetch(AUTH)],
    [
      "a wrong password",
      (ferry: Ferry) => ferry.fetch(AUTH, { headers: { Authorization: basic("alice", "x") } }),
    ],
    ["a form with a wrong password", (ferry: Ferry) => post(ferry, { username: "alice", password: "x" })],
    [
      "a password in the address",
      (ferry: Ferry) => ferry.fetch(`${AUTH}?username=alice&password=${ALICE.password}`),
    ],
    [
      "a token for a token",
      async (ferry: Ferry) => ferry.fetch(AUTH, { headers: { Authorization: await bearerOf(ferry) } }),
    ],
    [
      "somebody's refresh token of a registry",
      (ferry: Ferry) => post(ferry, { refresh_token: "of-a-registry" }),
    ],
  ])("%s: 401 with our challenge", async (_, ask) => {
    const { ferry, registry } = await openClosed();
    const response = await ask(ferry);
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain(`realm="${AUTH}",service="${HOST}"`);
    expect(await codeOf(response)).toBe("UNAUTHORIZED");
    expect(await seenBy(registry, "token")).toEqual([]);
  });

  it.each([
    ["another user's key", { user: BOB.user }],
    ["another host", { host: "ghcr.example.com" }],
    ["another kind", { kind: "refresh" }],
    ["an hour and a second ago", { issuedAt: -3601, expiresAt: -1 }],
    ["a time to come", { issuedAt: 3600, expiresAt: 7200 }],
  ] as const)("a token that was made with %s", async (_, changed) => {
    const { ferry } = await openClosed();
    const now = Math.floor(Date.now() / 1000);
    const { expiresAt = 3600, issuedAt = 0, ...others } = { ...changed } as Partial<Claims>;
    const claims: Claims = {
      kind: "access",
      host: HOST,
      user: ALICE.user,
      ...others,
      issuedAt: now + issuedAt,
      expiresAt: now + expiresAt,
    };
    const right: Claims = {
      kind: "access",
      host: HOST,
      user: ALICE.user,
      issuedAt: now,
      expiresAt: now + 3600,
    };
    const secrets = { tokenKey: "", password: ALICE.password };
    expect((await ping(ferry, await makeToken(right, secrets))).status).toBe(200);
    expect((await ping(ferry, await makeToken(claims, secrets))).status).toBe(401);
  });

  it("a token whose payload was changed, and one of a deployment with another key", async () => {
    const { ferry } = await openClosed();
    const token = (await bearerOf(ferry)).slice("Bearer ".length);
    const parts = token.split(".");
    for (const index of parts.keys()) {
      const forged = parts.map((part, at) =>
        at === index ? part.replace(/.$/, (last) => (last === "A" ? "B" : "A")) : part,
      );
      expect((await ping(ferry, forged.join("."))).status, forged.join(".")).toBe(401);
    }
    ferry.env = { ...ferry.env, TOKEN_KEY: "0123456789abcdef0123456789abcdef" };
    expect((await ping(ferry, token)).status).toBe(401);
  });

  it("a token of somebody who was removed, or has another password, and of nobody else", async () => {
    const { ferry } = await openClosed();
    const [alices, bobs] = await Promise.all([bearerOf(ferry), bearerOf(ferry, BOB)]);
    const authorized = (authorization: string): Promise<Response> =>
      ferry.fetch(`http://${HOST}/v2/`, { headers: { Authorization: authorization } });
    ferry.env = { ...ferry.env, ACCESS_USERS: `alice:another-long-password bob:${BOB.password}` };
    expect([(await authorized(alices)).status, (await authorized(bobs)).status]).toEqual([401, 200]);
    ferry.env = { ...ferry.env, ACCESS_USERS: `alice:${ALICE.password}` };
    expect([(await authorized(alices)).status, (await authorized(bobs)).status]).toEqual([200, 401]);
  });
});

describe("S2: the token service for who is let in otherwise", () => {
  const WAYS = [
    ["by address", { ACCESS_USERS: USERS, ALLOWED_IPS: "192.0.2.0/24" }, HOST, LISTED],
    ["by key", { ACCESS_USERS: USERS }, `${KEY}.example.com`, ELSEWHERE],
  ] as const;

  it.each(WAYS)(
    "%s: a bearer that lets nobody in, whatever login comes along",
    async (_, variables, host, headers) => {
      const { ferry, registry } = await openClosed(variables, { [KEY]: { upstream: "*", key: true } });
      const auth = `http://${host}/v2/auth`;
      const hub = basic("somebody", "their-docker-hub-password");
      const answers = await Promise.all([
        ferry.fetch(auth, { headers }),
        ferry.fetch(auth, { headers: { ...headers, Authorization: hub } }),
        ferry.fetch(auth, {
          method: "POST",
          headers: { ...headers, ...FORM },
          body: "username=somebody&password=x",
        }),
        ferry.fetch(auth, {
          method: "POST",
          headers: { ...headers, ...FORM },
          body: "refresh_token=of-docker-hub",
        }),
      ]);
      for (const answer of answers) {
        expect(answer.status).toBe(200);
        const { token } = await answer.json<Tokens>();
        expect(token).toBe("ferry.anonymous");
        expect((await ping(ferry, token)).status).toBe(401);
      }
      expect(await seenBy(registry, "token")).toEqual([]);
    },
  );

  it.each(WAYS)("%s: a name of ours with a wrong password is 401", async (_, variables, host, headers) => {
    const { ferry } = await openClosed(variables, { [KEY]: { upstream: "*", key: true } });
    const wrong = { headers: { ...headers, Authorization: basic(ALICE.user, "wrong") } };
    for (const path of ["auth", ""]) {
      const response = await ferry.fetch(`http://${host}/v2/${path}`, wrong);
      expect(response.status).toBe(401);
      expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain(KEY);
    }
  });
});

describe("S13: guessing", () => {
  const wrong = { headers: { ...ELSEWHERE, Authorization: basic("somebody", "x") } };

  it.each(["/v2/", "/v2/auth", "/v2/library/app/manifests/latest"])(
    "after ten at %s the network waits for a minute, whoever it tries to be, and no other does",
    async (path) => {
      const { ferry } = await openClosed();
      for (let count = 0; count < 10; count += 1) {
        expect((await ferry.fetch(`http://${HOST}${path}`, wrong)).status).toBe(401);
      }
      const right = { headers: { ...ELSEWHERE, ...LOGIN } };
      const late = await ferry.fetch(`http://${HOST}${path}`, right);
      expect(late.status).toBe(429);
      expect(Number(late.headers.get("Retry-After"))).toBeLessThanOrEqual(60);
      expect((await ferry.fetch(`http://${HOST}/v2/auth`, { headers: { ...LISTED, ...LOGIN } })).status).toBe(
        200,
      );
      vi.setSystemTime(Date.now() + 61_000);
      expect((await ferry.fetch(`http://${HOST}/v2/auth`, right)).status).toBe(200);
      vi.useRealTimers();
    },
  );

  it("a token that was had before goes on", async () => {
    const { ferry } = await openClosed();
    const token = await bearerOf(ferry);
    for (let count = 0; count < 11; count += 1) await ferry.fetch(`http://${HOST}/v2/`, wrong);
    const response = await ferry.fetch(`http://${HOST}/v2/`, {
      headers: { ...ELSEWHERE, Authorization: token },
    });
    expect(response.status).toBe(200);
  });

  it("counts in an open proxy too, at the token service and by Basic in the client lane", async () => {
    const { ferry } = await openClosed({});
    for (let count = 0; count < 10; count += 1) {
      expect((await ferry.fetch(`http://${HOST}/v2/auth`, wrong)).status).toBe(401);
    }
    for (const path of ["auth", ""])
      expect((await ferry.fetch(`http://${HOST}/v2/${path}`, wrong)).status).toBe(429);
    expect((await ferry.fetch(`http://${HOST}/v2/auth`, { headers: ELSEWHERE })).status).toBe(200);
  });
});
