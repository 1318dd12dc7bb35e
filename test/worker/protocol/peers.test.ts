// What other Workers of this kind get wrong; each test is named after the behaviour that users of theirs missed.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions } from "../../registry/types.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, digestOf, fakeUpstream, lastSeenBy, layerOf, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const REMOTE = { docker: { upstream: "https://registry.example.net", library: true } };
const ALICE = basic("alice", "alice-password");

afterEach(() => {
  vi.restoreAllMocks();
});

async function open(
  options: RegistryOptions = {},
): Promise<{ registry: RemoteRegistry; ferry: ClientFerry }> {
  const registry = await startRegistry({ library: true, ...options });
  return { registry, ferry: new ClientFerry({ docker: row(registry, { library: true }) }) };
}

describe("queries", () => {
  it("`n` and `last` arrive, so that a listing ends", async () => {
    const { registry, ferry } = await open({ auth: "none", pageSize: 1 });
    for (const tag of ["a", "b"])
      await registry.seedImage({ repository: "library/hello", tag, layers: [16] });
    const second = await ferry.fetch(`${HOST}/v2/hello/tags/list?n=1&last=a`);
    expect(await second.json()).toEqual({ name: "hello", tags: ["b"] });
    expect(second.headers.get("Link")).toBeNull();
  });

  it("`artifactType` arrives", async () => {
    const { registry, ferry } = await open({ auth: "none" });
    const { digest } = await registry.seedImage({ repository: "library/hello" });
    await registry.seedReferrer({ repository: "library/hello", subject: digest, artifactType: "a/b" });
    const list = await ferry.fetch(`${HOST}/v2/hello/referrers/${digest}?artifactType=c%2Fd`);
    expect(await list.json()).toMatchObject({ manifests: [] });
  });
});

describe("token requests", () => {
  it("by POST keep their body: the password grant is no anonymous GET (containerd, kubelet)", async () => {
    const { registry, ferry } = await open({ private: ["library/secret"] });
    await registry.seedImage({ repository: "library/secret" });
    const form = {
      grant_type: "password",
      username: "alice",
      password: "alice-password",
      client_id: "containerd-client",
      scope: "repository:secret:pull",
    };
    const response = await ferry.fetch(`${HOST}/v2/auth`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    const { access_token } = await response.json<{ access_token: string }>();
    const pulled = await ferry.fetch(`${HOST}/v2/secret/manifests/latest`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });
    expect(pulled.status).toBe(200);
    expect((await lastSeenBy(registry, "token")).method).toBe("POST");
  });

  it("by POST with a wrong password are refused, not answered anonymously", async () => {
    const { ferry } = await open();
    const form = { grant_type: "password", username: "alice", password: "wrong" };
    const response = await ferry.fetch(`${HOST}/v2/auth`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(response.status).toBe(401);
  });

  it("keep `account`, `client_id` and `offline_token`, so that docker login stores what it should", async () => {
    const { registry, ferry } = await open({ refreshTokens: true });
    const answer = await ferry.token(
      "docker.example.com",
      "account=alice&client_id=docker&offline_token=true",
      ALICE,
    );
    expect(answer["refresh_token"]).toMatch(/^refresh_/);
    const query = new URLSearchParams((await lastSeenBy(registry, "token")).query);
    expect([query.get("account"), query.get("client_id")]).toEqual(["alice", "docker"]);
  });

  it("keep every scope, whatever the order of the parameters", async () => {
    const { registry, ferry } = await open();
    await ferry.token(
      "docker.example.com",
      "service=registry.test&scope=repository:a:pull&scope=repository:b/c:pull,push",
    );
    const query = new URLSearchParams((await lastSeenBy(registry, "token")).query);
    expect(query.getAll("scope")).toEqual(["repository:library/a:pull", "repository:b/c:pull,push"]);
  });

  it("leave `registry:catalog:*` what it is, and not `registry:library/catalog:*`", async () => {
    const { registry, ferry } = await open();
    await ferry.token("docker.example.com", "scope=registry:catalog:*");
    const query = new URLSearchParams((await lastSeenBy(registry, "token")).query);
    expect(query.get("scope")).toBe("registry:catalog:*");
  });

  it("go to nobody whom a parameter names", async () => {
    const { registry, ferry } = await open();
    const departed = await ferry.fetch(
      `${HOST}/v2/auth?get_token_url=http://127.0.0.1:1/&hubhost=evil.example.com&scope=repository:a:pull`,
      { headers: { Authorization: ALICE } },
    );
    expect(departed.status).toBe(200);
    expect((await lastSeenBy(registry, "token")).query).toBe(
      "scope=repository%3Alibrary%2Fa%3Apull&service=registry.test",
    );
  });

  it("do not ping the registry each time", async () => {
    const { registry, ferry } = await open();
    for (const name of ["a", "b", "c"])
      await ferry.token("docker.example.com", `scope=repository:${name}:pull`);
    expect((await registry.state()).counters).toMatchObject({ registry: 1, token: 3 });
  });

  it("of a registry that does not challenge are not answered with its `/v2/` body", async () => {
    const { ferry } = await open({ auth: "none" });
    const answer = await new Ferry(ferry.env["ROUTES"]).token(
      "docker.example.com",
      "scope=repository:a:pull",
    );
    expect(Object.keys(answer).sort()).toEqual(["access_token", "expires_in", "issued_at", "token"]);
  });
});

describe("challenges", () => {
  it("keep scope, error, body and type", async () => {
    const { registry, ferry } = await open({
      private: ["library/secret"],
      readers: { "library/secret": [] },
    });
    await registry.seedImage({ repository: "library/secret" });
    const response = await ferry.pull(`${HOST}/v2/secret/manifests/latest`, "repository:secret:pull,push");
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="registry.test",scope="repository:secret:pull",error="insufficient_scope"`,
    );
    expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
    expect(await codeOf(response)).toBe("UNAUTHORIZED");
  });

  it.each([
    'Bearer service="Case Kept",realm="https://registry.example.net/token"',
    'Bearer   realm="https://registry.example.net/token" ,  service="Case Kept"',
  ])("are read by name and not by position, case and spaces kept: %s", async (header) => {
    fakeUpstream(() => new Response(null, { status: 401, headers: { "WWW-Authenticate": header } }));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/`);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="Case Kept"`,
    );
  });

  it("of Basic stay Basic", async () => {
    fakeUpstream(
      () => new Response(null, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/`);
    expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="registry.example.net"');
  });

  it("with several actions and a comma in the scope do not break", async () => {
    const header = 'Bearer realm="https://registry.example.net/token",scope="repository:library/a:pull,push"';
    fakeUpstream(() => new Response(null, { status: 401, headers: { "WWW-Authenticate": header } }));
    const response = await new ClientFerry(REMOTE).fetch(`${HOST}/v2/a/manifests/x`);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",scope="repository:a:pull,push"`,
    );
  });

  it("come at /v2/, so that classic docker logs in; HEAD of it stays HEAD", async () => {
    const { registry, ferry } = await open();
    expect((await ferry.fetch(`${HOST}/v2/`, { method: "HEAD" })).status).toBe(401);
    expect((await lastSeenBy(registry)).method).toBe("HEAD");
  });

  it("never echo what the client presented", async () => {
    const { ferry } = await open();
    const response = await ferry.fetch(`${HOST}/v2/`, { headers: { Authorization: "Bearer made-up" } });
    expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain("made-up");
  });
});

describe("names", () => {
  it("are completed without a redirect, that a client would keep for ever", async () => {
    const { registry, ferry } = await open({ auth: "none" });
    await registry.seedImage({ repository: "library/hello" });
    expect((await ferry.fetch(`${HOST}/v2/hello/manifests/latest`)).status).toBe(200);
  });

  it.each([
    "redis",
    "rabbitmq",
    "elasticsearch",
    "user/token-server",
    "team/search",
    "homebrew/bottles/v2/x",
    "v2",
    "source",
  ])("are never taken for something else by a part of them: %s", async (name) => {
    const { registry, ferry } = await open({ auth: "none" });
    await ferry.fetch(`${HOST}/v2/${name}/manifests/latest`);
    const full = name.includes("/") ? name : `library/${name}`;
    expect((await seenBy(registry)).map(({ path }) => path)).toEqual([`/v2/${full}/manifests/latest`]);
  });

  it("are the same for a browser's User-Agent", async () => {
    const { registry, ferry } = await open({ auth: "none" });
    await registry.seedImage({ repository: "library/hello" });
    const response = await ferry.fetch(`${HOST}/v2/hello/tags/list`, {
      headers: { "User-Agent": "Mozilla/5.0" },
    });
    expect(await response.json()).toEqual({ name: "hello", tags: ["latest"] });
  });
});

describe("requests", () => {
  it("are sent once: a pull with a token fetches no other token", async () => {
    const { registry, ferry } = await open();
    await registry.seedImage({ repository: "library/hello" });
    const { token } = await ferry.token("docker.example.com", "scope=repository:hello:pull");
    await registry.reset();
    const authorization = `Bearer ${String(token)}`;
    await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { headers: { Authorization: authorization } });
    expect((await registry.state()).counters).toMatchObject({ registry: 1, token: 0, manifestGet: 1 });
    expect((await lastSeenBy(registry)).headers["authorization"]).toBe(authorization);
  });

  it("by HEAD stay HEAD, and do not count as pulls", async () => {
    const { registry, ferry } = await open({ auth: "none", quota: 1 });
    const image = await registry.seedImage({ repository: "library/hello" });
    await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { method: "HEAD" });
    await ferry.fetch(`${HOST}/v2/hello/blobs/${layerOf(image).digest}`, { method: "HEAD" });
    const seen = (await registry.state()).requests.map(({ server, method }) => `${server} ${method}`);
    expect(seen).toEqual(["registry HEAD", "registry HEAD", "cdn HEAD"]);
  });

  it("never carry a missing header as the text `null`", async () => {
    const departed = fakeUpstream(() => Response.json({}));
    await new ClientFerry(REMOTE).fetch(`${HOST}/v2/hello/manifests/latest`);
    expect([...(departed[0]?.headers ?? [])].filter(([, value]) => /null|undefined/.test(value))).toEqual([]);
  });
});

describe("blobs", () => {
  it.each([301, 302, 303, 307, 308] as const)(
    "follow a %i, with the Range, without the token",
    async (redirectStatus) => {
      const { registry, ferry } = await open({ redirectStatus });
      const { digest, size } = layerOf(await registry.seedImage({ repository: "library/hello" }));
      const response = await ferry.pull(
        `${HOST}/v2/hello/blobs/${digest}`,
        "repository:hello:pull",
        undefined,
        {
          headers: { Range: "bytes=5-" },
        },
      );
      expect([response.status, response.headers.get("Content-Range")]).toEqual([
        206,
        `bytes 5-${size - 1}/${size}`,
      ]);
      await response.arrayBuffer();
      expect((await lastSeenBy(registry, "cdn")).headers["authorization"]).toBeUndefined();
    },
  );

  it("have no Cache-Control that lets others keep private ones", async () => {
    const { registry, ferry } = await open({ private: ["library/secret"], redirectBlobs: false });
    const { digest } = layerOf(await registry.seedImage({ repository: "library/secret" }));
    const response = await ferry.pull(`${HOST}/v2/secret/blobs/${digest}`, "repository:secret:pull", ALICE);
    expect([response.status, response.headers.get("Cache-Control")]).toEqual([200, "private, no-transform"]);
    await response.arrayBuffer();
  });
});

describe("pushes", () => {
  it("arrive: bodies, methods and the way back", async () => {
    const { registry, ferry } = await open();
    const scope = "repository:hello:pull,push";
    const started = await ferry.pull(`${HOST}/v2/hello/blobs/uploads/`, scope, ALICE, { method: "POST" });
    expect(started.status).toBe(202);
    const digest = await digestOf("pushed");
    const url = `${HOST}${started.headers.get("Location") ?? ""}&digest=${digest}`;
    const put = await ferry.pull(url, scope, ALICE, { method: "PUT", body: "pushed" });
    expect([put.status, put.headers.get("Location")]).toEqual([201, `/v2/hello/blobs/${digest}`]);
    expect((await lastSeenBy(registry)).method).toBe("PUT");
  });

  it("that are deleted are DELETEd", async () => {
    const { registry, ferry } = await open({ auth: "none" });
    await registry.seedImage({ repository: "library/hello" });
    expect((await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, { method: "DELETE" })).status).toBe(202);
    expect((await ferry.fetch(`${HOST}/v2/hello/manifests/latest`)).status).toBe(404);
  });
});

describe("errors", () => {
  it("429 keeps Retry-After, RateLimit and body, and is neither 502 nor 404", async () => {
    const { registry, ferry } = await open({ auth: "none", quota: 0, retryAfter: 60 });
    await registry.seedImage({ repository: "library/hello" });
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect([response.status, response.headers.get("Retry-After")]).toEqual([429, "60"]);
    expect(response.headers.get("RateLimit-Limit")).toBe("0;w=21600");
    expect(await codeOf(response)).toBe("TOOMANYREQUESTS");
  });

  it("of one client's repository do not close the registry for others", async () => {
    const { registry, ferry } = await open({
      private: ["library/secret"],
      readers: { "library/secret": [] },
    });
    await registry.seedImage({ repository: "library/hello" });
    await registry.seedImage({ repository: "library/secret" });
    const clients = [ferry, new Ferry(ferry.env["ROUTES"])];
    for (const client of clients) {
      for (let times = 0; times < 5; times += 1) {
        const refused = await client.pull(`${HOST}/v2/secret/manifests/latest`, "repository:secret:pull");
        expect(refused.status).toBe(401);
      }
    }
    for (const client of clients) {
      const pulled = await client.pull(`${HOST}/v2/hello/manifests/latest`, "repository:hello:pull");
      expect(pulled.status).toBe(200);
    }
  });

  it("304 is an answer", async () => {
    const { registry, ferry } = await open({ auth: "none" });
    const { digest } = await registry.seedImage({ repository: "library/hello" });
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`, {
      headers: { "If-None-Match": `"${digest}"` },
    });
    expect(response.status).toBe(304);
    expect((await registry.state()).counters.registry).toBe(1);
  });

  it("a root in a browser is a page, not a 401", async () => {
    const { ferry } = await open();
    const response = await ferry.fetch(`${HOST}/`);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
  });
});

describe("two requests at once", () => {
  it("for two registries do not mix", async () => {
    const [one, two] = [await startRegistry({ auth: "none" }), await startRegistry({ auth: "none" })];
    await one.seedImage({ repository: "team/app", tag: "of-one" });
    await two.seedImage({ repository: "team/app", tag: "of-two" });
    const ferry = new ClientFerry({ one: row(one), two: row(two) });
    const hosts = ["one", "two", "two", "one", "two", "one"];
    const lists = await Promise.all(
      hosts.map(async (host) =>
        (await ferry.fetch(`http://${host}.example.com/v2/team/app/tags/list`)).json(),
      ),
    );
    expect(lists).toEqual(hosts.map((host) => ({ name: "team/app", tags: [`of-${host}`] })));
  });
});
