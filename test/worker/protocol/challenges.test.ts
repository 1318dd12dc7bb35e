// Challenges: token requests come back to this host, in the client's names, in a form that the strictest clients read.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { ChallengeOptions, RegistryOptions } from "../../registry/types.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";
import { CLIENT_BEARER, codeOf, fakeUpstream, lastSeenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const REALM = `Bearer realm="${HOST}/v2/auth"`;
const SERVICE = 'service="registry.test"';
const SCOPE = 'scope="repository:hello:pull"';

afterEach(() => {
  vi.restoreAllMocks();
});

async function open(options: RegistryOptions): Promise<{ registry: RemoteRegistry; ferry: Ferry }> {
  const registry = await startRegistry({ library: true, ...options });
  await registry.seedImage({ repository: "library/hello" });
  return { registry, ferry: new Ferry({ docker: row(registry, { library: true }) }) };
}

describe("every odd form of a challenge becomes the plain one, and leads to a pull", () => {
  const rows: [name: string, challenge: ChallengeOptions, ping: string | null, resource: string | null][] = [
    ["the usual one", {}, `${REALM},${SERVICE}`, `${REALM},${SERVICE},${SCOPE}`],
    [
      "service without quotes (gcr.io)",
      { unquotedService: true },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
    ["no service (pkg.dev)", { omitService: true }, REALM, `${REALM},${SCOPE}`],
    ["no scope (gcr.io)", { omitScope: true }, `${REALM},${SERVICE}`, `${REALM},${SERVICE},${SCOPE}`],
    [
      "somebody's repository on the ping (ghcr.io)",
      { literalPingScope: true },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
    [
      "an empty scope on the ping (nvcr.io)",
      { emptyScopeOnPing: true },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
    [
      "none on resources (gcr.io)",
      { omitHeader: "resources" },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
    ["/v2/ that challenges nobody", { pingOpen: true }, null, null],
    [
      "a realm on the registry's own host",
      { sameOriginRealm: true },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
    [
      "a realm with a query",
      { realmQuery: "client=x%2Fy&n=1" },
      `${REALM},${SERVICE}`,
      `${REALM},${SERVICE},${SCOPE}`,
    ],
  ];
  it.each(rows)("%s", async (_, challenge, pingChallenge, resourceChallenge) => {
    const { registry, ferry } = await open({ challenge });
    const ping = await ferry.fetch(`${HOST}/v2/`);
    expect(ping.status).toBe(pingChallenge === null ? 200 : 401);
    expect(ping.headers.get("WWW-Authenticate")).toBe(pingChallenge);
    const manifest = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    // Where `/v2/` challenges nobody, what is public is served to everybody.
    expect(manifest.status).toBe(resourceChallenge === null ? 200 : 401);
    expect(manifest.headers.get("WWW-Authenticate")).toBe(resourceChallenge);
    if (resourceChallenge !== null) expect(await codeOf(manifest)).toBe("UNAUTHORIZED");
    const pulled = await ferry.pull(`${HOST}/v2/hello/manifests/latest`, "repository:hello:pull");
    expect(pulled.status).toBe(200);
    if (challenge.realmQuery !== undefined) {
      const token = (await registry.state()).requests.find(({ server }) => server === "token");
      expect(token?.query).toBe(
        `${challenge.realmQuery}&scope=repository%3Alibrary%2Fhello%3Apull&service=registry.test`,
      );
    }
  });

  it.each(rows)("%s, to a bearer that the registry refuses", async (_, challenge) => {
    const { ferry } = await open({ challenge });
    const headers = { Authorization: CLIENT_BEARER };
    const manifest = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { headers });
    expect(manifest.status).toBe(401);
    const service = challenge.omitService === true ? "" : `,${SERVICE}`;
    const scope = challenge.omitScope === true ? "" : `,${SCOPE}`;
    const error = challenge.omitHeader === "resources" ? "" : ',error="invalid_token"';
    expect(manifest.headers.get("WWW-Authenticate")).toBe(`${REALM}${service}${scope}${error}`);
  });

  it("Basic beside Bearer on one line: Bearer first", async () => {
    const { registry, ferry } = await open({ challenge: { extraBasic: true } });
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, {
      headers: { Authorization: CLIENT_BEARER },
    });
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `${REALM},${SERVICE},${SCOPE},error="invalid_token", Basic realm="${registry.host}"`,
    );
  });

  it("Basic beside Bearer on one line: without credentials Bearer alone, which all clients take", async () => {
    const { ferry } = await open({ challenge: { extraBasic: true } });
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect(response.headers.get("WWW-Authenticate")).toBe(`${REALM},${SERVICE},${SCOPE}`);
  });

  it.each([
    [
      'bearer REALM="https://registry.example.net/t" , Service="a b", scope=repository:library/hello:pull',
      'service="a b"',
    ],
    [
      'Bearer service="s\\"q",realm="https://registry.example.net/t",scope="repository:library/hello:pull"',
      'service="s\\"q"',
    ],
    [
      'Bearer scope="repository:library/hello:pull", service=x, realm="https://registry.example.net/t"',
      'service="x"',
    ],
  ])("%s", async (header, service) => {
    fakeUpstream(() => new Response("{}", { status: 401, headers: { "WWW-Authenticate": header } }));
    const ferry = new Ferry({ docker: { upstream: "https://registry.example.net", library: true } });
    for (const headers of [{}, { Authorization: CLIENT_BEARER }]) {
      const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { headers });
      const value = response.headers.get("WWW-Authenticate");
      expect(value?.startsWith(`${REALM},`)).toBe(true);
      expect(value).toContain(service);
      expect(value).toContain(SCOPE);
    }
  });

  it("without any challenge at all the 401 stays one", async () => {
    const { ferry } = await open({ challenge: { omitHeader: true } });
    const headers = { Authorization: CLIENT_BEARER };
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { headers });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
  });
});

describe("scope and error", () => {
  it("insufficient_scope stays, with the client's name in the scope", async () => {
    const { registry, ferry } = await open({});
    await registry.setPrivate(["library/hello"]);
    const response = await ferry.pull(`${HOST}/v2/hello/manifests/latest`, "repository:hello:pull");
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `${REALM},${SERVICE},${SCOPE},error="insufficient_scope"`,
    );
  });

  it("a name that the client wrote whole stays whole", async () => {
    const { ferry } = await open({});
    const response = await ferry.fetch(`${HOST}/v2/library/hello/manifests/latest`);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `${REALM},${SERVICE},scope="repository:library/hello:pull"`,
    );
  });

  it("HEAD has the challenge of GET, and no body", async () => {
    const { ferry } = await open({});
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { method: "HEAD" });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(`${REALM},${SERVICE},${SCOPE}`);
    expect(response.body).toBeNull();
  });

  it.each([
    ["GET", "/v2/hello/tags/list", "repository:hello:pull"],
    ["DELETE", `/v2/hello/blobs/sha256:${"a".repeat(64)}`, "repository:hello:delete"],
    ["PUT", "/v2/hello/manifests/latest", "repository:hello:pull,push"],
    ["POST", "/v2/hello/blobs/uploads/", "repository:hello:pull,push"],
    ["GET", "/v2/_catalog", "registry:catalog:*"],
  ])("%s %s asks for %s, also where the registry forgot to", async (method, path, scope) => {
    const { registry, ferry } = await open({});
    const expected = `${REALM},${SERVICE},scope="${scope}"`;
    expect((await ferry.fetch(HOST + path, { method })).headers.get("WWW-Authenticate")).toBe(expected);
    await registry.configure({ challenge: { omitHeader: "resources" } });
    expect((await ferry.fetch(HOST + path, { method })).headers.get("WWW-Authenticate")).toBe(expected);
  });
});

describe("the realm", () => {
  it.each([
    ["http://docker.example.com/v2/", "docker.example.com", "http://docker.example.com/v2/auth"],
    ["https://docker.example.com/v2/", "docker.example.com", "https://docker.example.com/v2/auth"],
    ["http://docker.example.com/v2/", "docker.example.com:8787", "http://docker.example.com:8787/v2/auth"],
    ["https://docker.example.com/v2/", "Docker.Example.COM", "https://docker.example.com/v2/auth"],
    [
      "https://docker.example.com.cn/v2/",
      "docker.example.com.cn:443",
      "https://docker.example.com.cn:443/v2/auth",
    ],
  ])("of %s with Host: %s is %s", async (url, host, realm) => {
    const { ferry } = await open({});
    const response = await ferry.fetch(url, { headers: { Host: host } });
    expect(response.headers.get("WWW-Authenticate")).toBe(`Bearer realm="${realm}",${SERVICE}`);
  });

  it("is the same for every endpoint of a host", async () => {
    const { ferry } = await open({});
    const digest = `sha256:${"a".repeat(64)}`;
    const paths = ["", "_catalog", "hello/tags/list", "hello/manifests/x", `hello/blobs/${digest}`];
    const values = await Promise.all(
      paths.map(async (path) => (await ferry.fetch(`${HOST}/v2/${path}`)).headers.get("WWW-Authenticate")),
    );
    const beginnings = new Set(values.map((value) => value?.split(",scope", 1)[0]));
    expect([...beginnings]).toEqual([`${REALM},${SERVICE}`]);
  });
});

describe("a registry that takes Basic itself (private ECR)", () => {
  it("has its challenge passed, and gets the credentials", async () => {
    const { registry, ferry } = await open({ auth: "basic" });
    const refused = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("WWW-Authenticate")).toBe(`Basic realm="${registry.host}"`);
    const authorization = basic("alice", "alice-password");
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, {
      headers: { Authorization: authorization },
    });
    expect(response.status).toBe(200);
    expect((await lastSeenBy(registry)).headers["authorization"]).toBe(authorization);
  });

  it("an empty Basic is nobody's, and does not go up", async () => {
    const { registry, ferry } = await open({ auth: "basic" });
    const headers = { Authorization: "Basic Og==" };
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { headers });
    expect(response.status).toBe(401);
    const seen = await lastSeenBy(registry);
    expect(seen.path).toBe("/v2/library/hello/manifests/latest");
    expect(seen.headers["authorization"]).toBeUndefined();
  });
});

describe("a registry without authentication", () => {
  it("answers /v2/ with 200 and no challenge", async () => {
    const { ferry } = await open({ auth: "none" });
    const response = await ferry.fetch(`${HOST}/v2/`);
    expect(response.status).toBe(200);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
    expect(await response.json()).toEqual({});
  });
});

describe("F23: after invalid_token the challenge has the service of this host's other challenges", () => {
  it.each([
    ["a bearer that is none of ours", "/v2/hello/manifests/latest", "Bearer ferry.x.y"],
    ["the same at /v2/", "/v2/", "Bearer ferry.x.y"],
    ["a bearer in quotes", "/v2/hello/manifests/latest", 'Bearer "ferry.anonymous"'],
    ["a bearer at the token service", "/v2/auth", "Bearer ferry.anonymous"],
    ["a refresh token of another host", "/v2/auth?refresh_token=ferry.Z2hjci5pbw.t", undefined],
  ])("%s", async (_, path, authorization) => {
    const { ferry } = await open({});
    expect((await ferry.fetch(`${HOST}/v2/`)).headers.get("WWW-Authenticate")).toBe(`${REALM},${SERVICE}`);
    const headers: HeadersInit = authorization === undefined ? {} : { Authorization: authorization };
    const response = await ferry.fetch(HOST + path, { headers });
    expect(response.status).toBe(401);
    const challenge = response.headers.get("WWW-Authenticate") ?? "";
    expect(challenge).toContain(`${REALM},${SERVICE}`);
    expect(challenge).toContain('error="invalid_token"');
  });
});
