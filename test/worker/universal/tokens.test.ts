// Logins on a universal host: at Docker Hub and at another registry, and what the tokens are good for.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";
import { codeOf, seenBy, type OciErrors } from "../client-ferry.ts";
import { MIRROR, startUniversal, UNIVERSAL_HOSTS, type Universal } from "./ferry.ts";

const AUTH = `${MIRROR}/v2/auth`;
const PASSWORD = { hub: "hub-password", ghcr: "ghcr-password" };
/** The same repository, private in both registries. */
const REPOSITORY = "owner/closed";

let universal: Universal;

afterEach(() => universal.close());
let digests: { hub: string; ghcr: string };

interface Token {
  readonly token: string;
  readonly refresh_token?: string;
}

beforeEach(async () => {
  universal = await startUniversal({ private: [REPOSITORY], refreshTokens: true });
  await universal.hub.configure({ users: { alice: PASSWORD.hub } });
  await universal.ghcr.configure({ users: { alice: PASSWORD.ghcr } });
  const [hub, ghcr] = await Promise.all([
    universal.hub.seedImage({ repository: REPOSITORY, seed: "of Docker Hub" }),
    universal.ghcr.seedImage({ repository: REPOSITORY, seed: "of ghcr.io" }),
  ]);
  digests = { hub: hub.digest, ghcr: ghcr.digest };
  await Promise.all([universal.hub.reset(), universal.ghcr.reset()]);
});

function get(query: string, authorization?: string, url = AUTH): Promise<Response> {
  const headers: Record<string, string> = authorization === undefined ? {} : { Authorization: authorization };
  return universal.ferry.fetch(`${url}?${query}`, { headers });
}

function post(form: Record<string, string>): Promise<Response> {
  return universal.ferry.fetch(AUTH, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(form).toString(),
  });
}

function ask(path: string, token: string, method = "GET"): Promise<Response> {
  return universal.ferry.fetch(MIRROR + path, { method, headers: { Authorization: `Bearer ${token}` } });
}

const LOGINS = [
  ["alice", "hub", "docker.io", "ghcr"],
  ["docker.io/alice", "hub", "docker.io", "ghcr"],
  ["ghcr.io/alice", "ghcr", "ghcr.io", "hub"],
  ["lscr.io/alice", "ghcr", "ghcr.io", "hub"],
] as const;

describe.each(LOGINS)("%s", (user, key, name, other) => {
  it.each(UNIVERSAL_HOSTS)(
    "logs in on %s as docker does: no scope, then /v2/ with the bearer",
    async (host) => {
      const ping = await universal.ferry.fetch(`http://${host}/v2/`);
      expect(ping.status).toBe(401);
      expect(ping.headers.get("WWW-Authenticate")).toBe(
        `Bearer realm="http://${host}/v2/auth",service="${host}"`,
      );
      const query = new URLSearchParams({ account: user, client_id: "docker", offline_token: "true" });
      query.set("service", host);
      const answer = await get(query.toString(), basic(user, PASSWORD[key]), `http://${host}/v2/auth`);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Cache-Control")).toContain("no-store");
      const { token } = await answer.json<Token>();
      const pong = await universal.ferry.fetch(`http://${host}/v2/`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      expect(pong.status).toBe(200);
      expect(await seenBy(universal[other], "token")).toEqual([]);
    },
  );

  it("with a wrong password, or the other registry's, is the registry's own refusal", async () => {
    for (const password of ["wrong", PASSWORD[other]]) {
      const answer = await get("offline_token=true", basic(user, password));
      expect(answer.status).toBe(401);
      expect(await codeOf(answer)).toBe("UNAUTHORIZED");
    }
    expect(await seenBy(universal[other], "token")).toEqual([]);
  });

  it.each([
    ["by prefix", `/v2/${name}/${REPOSITORY}/manifests/latest`],
    ["by ns=", `/v2/${REPOSITORY}/manifests/latest?ns=${name}`],
  ])("pulls its private image %s, which is not the other registry's of that name", async (_, path) => {
    const query = `scope=repository:${name}/${REPOSITORY}:pull`;
    const { token } = await (await get(query, basic(user, PASSWORD[key]))).json<Token>();
    const manifest = await ask(path, token, "HEAD");
    expect(manifest.status).toBe(200);
    expect(manifest.headers.get("Docker-Content-Digest")).toBe(digests[key]);
  });

  it("its token opens nothing at the other registry, and is not sent there", async () => {
    const query = `scope=repository:${name}/${REPOSITORY}:pull`;
    const { token } = await (await get(query, basic(user, PASSWORD[key]))).json<Token>();
    const elsewhere = other === "hub" ? "docker.io" : "ghcr.io";
    for (const path of [
      `/v2/${elsewhere}/${REPOSITORY}/manifests/latest`,
      `/v2/${REPOSITORY}/manifests/latest?ns=${elsewhere}`,
      "/v2/quay.io/a/b/manifests/latest",
    ]) {
      const refused = await ask(path, token);
      expect(refused.status, path).toBe(401);
      expect(refused.headers.get("WWW-Authenticate"), path).toContain('error="invalid_token"');
    }
    for (const server of ["registry", "token"] as const) {
      const requests = await seenBy(universal[other], server);
      expect(JSON.stringify(requests)).not.toContain(token.replace(/^ferry\.[^.]*\./, ""));
    }
  });

  it("a refresh token gets new tokens at its own registry", async () => {
    const login = await get("offline_token=true", basic(user, PASSWORD[key]));
    const { refresh_token: refresh = "" } = await login.json<Token>();
    const form = {
      grant_type: "refresh_token",
      refresh_token: refresh,
      service: "mirror.example.com",
      client_id: "docker",
      scope: `repository:${name}/${REPOSITORY}:pull`,
    };
    const renewed = await post(form);
    expect(renewed.status).toBe(200);
    const { token } = await renewed.json<Token>();
    const manifest = await ask(`/v2/${name}/${REPOSITORY}/manifests/latest`, token, "HEAD");
    expect(manifest.headers.get("Docker-Content-Digest")).toBe(digests[key]);

    const elsewhere = other === "hub" ? "docker.io" : "ghcr.io";
    const refused = await post({ ...form, scope: `repository:${elsewhere}/${REPOSITORY}:pull,push` });
    expect(refused.status).toBe(400);
    expect(await seenBy(universal[other], "token")).toEqual([]);
  });

  it("to push to another registry is 400 with a message that says how to write the user name", async () => {
    const elsewhere = other === "hub" ? "docker.io" : "ghcr.io";
    const answer = await get(`scope=repository:${elsewhere}/a/b:pull,push`, basic(user, PASSWORD[key]));
    expect(answer.status).toBe(400);
    const { errors } = await answer.json<OciErrors>();
    expect(errors[0]?.message).toMatch(/a user name begins with its registry.*\/alice/);
    expect([...(await seenBy(universal[other])), ...(await seenBy(universal[other], "token"))]).toEqual([]);
  });
});

describe("a login of one registry, asked for an image of another", () => {
  it("opens nothing private there, and the password stays away from it", async () => {
    const query = `scope=repository:ghcr.io/${REPOSITORY}:pull`;
    const { token } = await (await get(query, basic("alice", PASSWORD.hub))).json<Partial<Token>>();
    const refused = await ask(`/v2/ghcr.io/${REPOSITORY}/manifests/latest`, token ?? "none");
    expect(refused.status).toBe(401);
    const { requests } = await universal.ghcr.state();
    expect(JSON.stringify(requests)).not.toContain(btoa(`alice:${PASSWORD.hub}`));
    expect(JSON.stringify(requests)).not.toContain(PASSWORD.hub);
  });
});

describe("without a login", () => {
  it.each(["ghcr.io", "docker.io"])("a private image of %s is refused", async (name) => {
    const { token } = await (await get(`scope=repository:${name}/${REPOSITORY}:pull`)).json<Token>();
    const refused = await ask(`/v2/${name}/${REPOSITORY}/manifests/latest`, token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toContain(`repository:${name}/${REPOSITORY}:pull`);
  });

  it("the bearer of a token request without a scope makes /v2/ 200", async () => {
    const { token } = await (await get("service=mirror.example.com")).json<Token>();
    expect((await ask("/v2/", token)).status).toBe(200);
    expect((await ask("/v2/", token, "HEAD")).status).toBe(200);
  });

  it("garbage in Authorization never leaves a universal host", async () => {
    for (const authorization of ["Bearer garbage", "Bearer ferry.x", "Digest x", basic("alice", "x")]) {
      const headers = { Authorization: authorization };
      const url = `${MIRROR}/v2/quay.io/a/b/manifests/latest`;
      expect((await universal.ferry.fetch(url, { headers })).status, authorization).toBeGreaterThanOrEqual(
        400,
      );
    }
    const seen = JSON.stringify([
      ...(await seenBy(universal.quay)),
      ...(await seenBy(universal.quay, "token")),
    ]);
    expect(seen).not.toMatch(/garbage|ferry\.x|Digest x/);
    expect(seen).not.toContain(btoa("alice:x"));
  });
});

describe("a registry that asks nobody for a token", () => {
  let ferry: Ferry;
  let open: RemoteRegistry;

  afterEach(() => open.close());

  beforeEach(async () => {
    open = await startRegistry({ auth: "none" });
    await open.seedImage({ repository: "a/b" });
    const hub = row(universal.hub, { registry: "docker.io", library: true });
    ferry = new Ferry({ docker: hub, open: row(open, { registry: "open.example" }), mirror: "*" });
  });

  it("/v2/ is 401 on a universal host all the same, so that clients ask for the other registries' tokens", async () => {
    for (const query of ["", "?ns=open.example"]) {
      const response = await ferry.fetch(`${MIRROR}/v2/${query}`);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toMatch(
        /^Bearer realm="http:\/\/mirror\.example\.com/,
      );
    }
  });

  it.each(["repository:open.example/a/b:pull", "repository:open.example/a/b:pull repository:a/b:pull"])(
    "our bearer for %s opens it, by prefix and by ns=",
    async (scope) => {
      const { token } = await ferry.token("mirror.example.com", new URLSearchParams({ scope }).toString());
      const headers = { Authorization: `Bearer ${String(token)}` };
      for (const path of ["/v2/open.example/a/b/manifests/latest", "/v2/a/b/tags/list?ns=open.example"]) {
        expect((await ferry.fetch(MIRROR + path, { headers })).status, path).toBe(200);
      }
    },
  );

  it("needs no token", async () => {
    expect((await ferry.fetch(`${MIRROR}/v2/open.example/a/b/manifests/latest`)).status).toBe(200);
  });

  it("a login there is 400 and says that it knows none", async () => {
    const response = await ferry.fetch(AUTH, {
      headers: { Authorization: basic("open.example/alice", "password") },
    });
    expect(response.status).toBe(400);
    const { errors } = await response.json<OciErrors>();
    expect(errors[0]?.message).toMatch(/open\.example knows no logins/);
  });
});
