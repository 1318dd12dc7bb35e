// Who is served in which lane: the Authorization decides, and for a request without one, whether the registry asks.
import { afterEach, describe, expect, it, vi } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import { ANONYMOUS_BEARER, CLIENT_BEARER, codeOf, fakeUpstream, type Departed } from "../client-ferry.ts";

const HOST = "http://harbor.example.com";
const REALM = `Bearer realm="${HOST}/v2/auth"`;
const DIGEST = `sha256:${"a".repeat(64)}`;
const READS: [method: string, path: string, scope: string][] = ["GET", "HEAD"].flatMap((method) => [
  [method, "/v2/_catalog", "registry:catalog:*"],
  [method, "/v2/team/app/manifests/v1", "repository:team/app:pull"],
  [method, `/v2/team/app/manifests/${DIGEST}`, "repository:team/app:pull"],
  [method, `/v2/team/app/blobs/${DIGEST}`, "repository:team/app:pull"],
  [method, "/v2/team/app/tags/list", "repository:team/app:pull"],
  [method, `/v2/team/app/referrers/${DIGEST}`, "repository:team/app:pull"],
]);
const WRITES: [method: string, path: string, scope: string][] = [
  ["PUT", "/v2/team/app/manifests/v1", "repository:team/app:pull,push"],
  ["PUT", `/v2/team/app/manifests/${DIGEST}?tag=a`, "repository:team/app:pull,push"],
  ["DELETE", "/v2/team/app/manifests/v1", "repository:team/app:delete"],
  ["DELETE", `/v2/team/app/blobs/${DIGEST}`, "repository:team/app:delete"],
  ["POST", "/v2/team/app/blobs/uploads/", "repository:team/app:pull,push"],
  ["POST", `/v2/team/app/blobs/uploads/?mount=${DIGEST}&from=other/app`, "repository:team/app:pull,push"],
  ["GET", "/v2/team/app/blobs/uploads/session", "repository:team/app:pull,push"],
  ["HEAD", "/v2/team/app/blobs/uploads/session", "repository:team/app:pull,push"],
  ["PATCH", "/v2/team/app/blobs/uploads/session", "repository:team/app:pull,push"],
  ["PUT", `/v2/team/app/blobs/uploads/session?digest=${DIGEST}`, "repository:team/app:pull,push"],
  ["DELETE", "/v2/team/app/blobs/uploads/session", "repository:team/app:pull,push"],
];

let origins = 0;
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A registry of a test's own, since what is stored outlives a test. */
function play(
  challenge: string | undefined,
  answer: (request: Departed) => Response = () => Response.json({}),
) {
  const upstream = `https://lanes-${(origins += 1)}.example.net`;
  const departed = fakeUpstream((request) => {
    if (request.url.pathname === "/token")
      return Response.json({ token: "anonymous0token", expires_in: 300 });
    if (challenge === undefined || request.headers.has("Authorization")) return answer(request);
    return new Response("{}", {
      status: 401,
      headers: { "WWW-Authenticate": challenge.replace("UPSTREAM", upstream) },
    });
  });
  return { departed, ferry: new Ferry({ harbor: { upstream, library: true, mirrors: [] } }) };
}

const BEARER = 'Bearer realm="UPSTREAM/token",service="s"';
const lines = (departed: readonly Departed[]): string[] =>
  departed.map(({ method, url }) => `${method} ${url.pathname}`);

describe("without Authorization, where the registry wants tokens: our challenge, and nothing leaves but its learning", () => {
  it.each([...READS, ...WRITES])("%s %s", async (method, path, scope) => {
    const { departed, ferry } = play(BEARER);
    const init = { method, ...(["PUT", "PATCH", "POST"].includes(method) && { body: "body0of0a0client" }) };
    for (let times = 0; times < 3; times += 1) {
      const response = await ferry.fetch(HOST + path, init);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(`${REALM},service="s",scope="${scope}"`);
      if (method === "HEAD") expect(response.body).toBeNull();
      else expect(await codeOf(response)).toBe("UNAUTHORIZED");
    }
    expect(lines(departed)).toEqual(["GET /v2/"]);
    expect(Object.fromEntries(departed[0]?.headers ?? [])).toEqual({
      accept: "*/*",
      "accept-encoding": "identity",
      "x-real-ip": "198.51.100.1",
    });
    expect(departed[0]?.body ?? null).toBeNull();
  });

  it.each(["GET", "HEAD"])("%s /v2/, without a scope", async (method) => {
    const { departed, ferry } = play(BEARER);
    for (let times = 0; times < 3; times += 1) {
      const response = await ferry.fetch(`${HOST}/v2/`, { method });
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(`${REALM},service="s"`);
    }
    expect(lines(departed)).toEqual(["GET /v2/"]);
  });

  it("many at once, of many repositories", async () => {
    const { departed, ferry } = play(BEARER);
    expect((await ferry.fetch(`${HOST}/v2/`)).status).toBe(401);
    await Promise.all(
      Array.from({ length: 10 }, (_, index) => ferry.fetch(`${HOST}/v2/team/app${index}/manifests/v1`)),
    );
    expect(lines(departed)).toEqual(["GET /v2/"]);
  });

  it("where only resources challenge: learned from one of them by HEAD, which no limit counts", async () => {
    const { departed, ferry } = play(undefined, ({ url }) =>
      url.pathname === "/v2/"
        ? Response.json({})
        : new Response(null, {
            status: 401,
            headers: { "WWW-Authenticate": `Bearer realm="${url.origin}/token",service="s"` },
          }),
    );
    const response = await ferry.fetch(`${HOST}/v2/team/app/manifests/v1`);
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `${REALM},service="s",scope="repository:team/app:pull"`,
    );
    expect(lines(departed)).toEqual([
      "GET /v2/",
      "HEAD /v2/team/app/manifests/v1",
      "HEAD /v2/team/app/manifests/latest",
      "GET /token",
      "HEAD /v2/team/app/manifests/v1",
    ]);
  });
});

describe("without Authorization, where the registry cannot be asked: our challenge all the same", () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ["no connection", () => Promise.reject(new TypeError("no route"))],
    ["429", () => new Response("{}", { status: 429, headers: { "Retry-After": "9" } })],
    ["500", () => new Response("{}", { status: 500 })],
    ["503", () => new Response("{}", { status: 503 })],
    [
      "522 with a page",
      () => new Response("<html>", { status: 522, headers: { "Content-Type": "text/html" } }),
    ],
    ["403", () => new Response("{}", { status: 403 })],
    [
      "a redirect",
      () => new Response(null, { status: 307, headers: { Location: "https://x.example.org/" } }),
    ],
  ])("%s", async (_, answer) => {
    const departed = fakeUpstream(answer);
    const ferry = new Ferry({ harbor: { upstream: "https://registry.example.net" } });
    for (const [path, scope] of [
      ["/v2/", ""],
      ["/v2/team/app/manifests/v1", ',scope="repository:team/app:pull"'],
    ] as const) {
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(`${REALM}${scope}`);
    }
    expect(new Set(lines(departed))).toEqual(new Set(["GET /v2/"]));
  });

  it("silence: after 10 seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    fakeUpstream(() => new Promise<Response>(() => undefined));
    let status: number | undefined;
    const answer = new Ferry({ harbor: { upstream: "https://registry.example.net" } })
      .fetch(`${HOST}/v2/`)
      .then((response) => (status = response.status));
    await vi.advanceTimersByTimeAsync(9_999);
    expect(status).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await answer;
    expect(status).toBe(401);
  });

  it("but a token service that is refused is 502, and says so", async () => {
    const { ferry } = play('Bearer realm="https://evil.example.org/token"');
    const response = await ferry.fetch(`${HOST}/v2/team/app/manifests/v1`);
    expect(response.status).toBe(502);
    expect(await response.text()).toContain("on evil.example.org that is not known");
  });
});

describe("without Authorization, where the registry challenges nobody: the public lane", () => {
  it.each(["GET", "HEAD"])("%s /v2/ is 200, by ourselves", async (method) => {
    const { departed, ferry } = play(undefined);
    for (let times = 0; times < 3; times += 1) {
      const response = await ferry.fetch(`${HOST}/v2/`, { method });
      expect(response.status).toBe(200);
      expect(response.headers.get("WWW-Authenticate")).toBeNull();
      expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
      expect(await response.text()).toBe(method === "HEAD" ? "" : "{}");
    }
    expect(lines(departed)).toEqual(["GET /v2/"]);
  });

  it("a read is served, and says where from", async () => {
    const { departed, ferry } = play(undefined, () => Response.json({ name: "team/app", tags: [] }));
    const response = await ferry.fetch(`${HOST}/v2/team/app/tags/list`);
    expect(response.status).toBe(200);
    expect(response.headers.get("X-Cache")).toBe("bypass");
    expect(lines(departed)).toEqual(["GET /v2/", "GET /v2/team/app/tags/list"]);
  });

  it.each(WRITES.filter(([method]) => method !== "GET" && method !== "HEAD"))(
    "%s %s reaches the registry, which lets everybody write",
    async (method, path) => {
      const { departed, ferry } = play(undefined, ({ url }) =>
        url.pathname === "/v2/" ? Response.json({}) : new Response(null, { status: 404 }),
      );
      const body = ["PUT", "PATCH", "POST"].includes(method) && { body: "x" };
      const response = await ferry.fetch(HOST + path, { method, ...body });
      expect(response.status).toBe(404);
      expect(response.headers.get("X-Cache")).toBeNull();
      expect(departed.at(-1)?.method).toBe(method);
      expect(departed.every(({ headers }) => !headers.has("Authorization"))).toBe(true);
    },
  );
});

describe("without Authorization, where the registry wants Basic: the client lane", () => {
  it.each(["/v2/", "/v2/team/app/manifests/v1"])("%s has the registry's own challenge", async (path) => {
    const { departed, ferry } = play('Basic realm="harbor"');
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(`Basic realm="lanes-${origins}.example.net"`);
    expect(response.headers.get("X-Cache")).toBeNull();
    expect(lines(departed)).toEqual(["GET /v2/", `GET ${path}`]);
  });
});

describe.each([
  ["wants tokens", BEARER],
  ["challenges nobody", undefined],
  ["wants Basic", 'Basic realm="harbor"'],
])("our anonymous bearer, where the registry %s", (_, challenge) => {
  it.each(["GET", "HEAD"])("%s /v2/ is 200, and nothing leaves", async (method) => {
    const { departed, ferry } = play(challenge);
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      const headers = { Authorization: `${scheme} ferry.anonymous` };
      const response = await ferry.fetch(`${HOST}/v2/`, { method, headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
    }
    expect(departed).toEqual([]);
  });

  it.each(WRITES)("%s %s is 401 insufficient_scope, and nothing leaves", async (method, path, scope) => {
    const { departed, ferry } = play(challenge);
    const body = ["PUT", "PATCH", "POST"].includes(method) && { body: "x" };
    const headers = { Authorization: ANONYMOUS_BEARER };
    const response = await ferry.fetch(HOST + path, { method, headers, ...body });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `${REALM},scope="${scope}",error="insufficient_scope"`,
    );
    if (method === "HEAD") expect(response.body).toBeNull();
    else expect(await codeOf(response)).toBe("UNAUTHORIZED");
    expect(departed).toEqual([]);
  });
});

describe("our anonymous bearer reads with a token of our own", () => {
  it.each(READS)("%s %s", async (method, path, scope) => {
    const { departed, ferry } = play(BEARER);
    await ferry.fetch(HOST + path, { method, headers: { Authorization: ANONYMOUS_BEARER } });
    const [learning, token, ...asked] = departed;
    expect(lines(learning === undefined ? [] : [learning])).toEqual(["GET /v2/"]);
    expect(token?.url.pathname).toBe("/token");
    expect([...(token?.url.searchParams ?? [])]).toEqual([
      ["scope", scope],
      ["service", "s"],
    ]);
    expect(token?.headers.get("Authorization")).toBeNull();
    expect(asked.length).toBeGreaterThan(0);
    for (const { headers, method: sent } of asked) {
      expect(headers.get("Authorization")).toBe("Bearer anonymous0token");
      expect(["GET", "HEAD"]).toContain(sent);
    }
  });

  it.each([401, 403])("what nobody may read (%i) is 401 insufficient_scope", async (status) => {
    for (const [method, path, scope] of READS) {
      const { ferry } = play(BEARER, () => new Response("{}", { status }));
      const response = await ferry.fetch(HOST + path, {
        method,
        headers: { Authorization: ANONYMOUS_BEARER },
      });
      expect(response.status, `${method} ${path}`).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(
        `${REALM},service="s",scope="${scope}",error="insufficient_scope"`,
      );
      expect(response.headers.get("Docker-Distribution-Api-Version")).toBe("registry/2.0");
    }
  });
});

describe("any other Authorization is the client lane: passed as it came, nothing stored", () => {
  it.each([
    CLIENT_BEARER,
    "Bearer ferryanonymous",
    "Bearer",
    basic("alice", "alice-password"),
    basic("", "password-without-user"),
    "Basic not-base64!",
    "Negotiate abc",
    "garbage",
  ])("%s", async (authorization) => {
    const { departed, ferry } = play(
      undefined,
      () => new Response("{}", { headers: { "Content-Type": "a/b" } }),
    );
    const open = vi.spyOn(caches, "open");
    for (let times = 0; times < 2; times += 1) {
      for (const [method, path] of READS) {
        const response = await ferry.fetch(HOST + path, {
          method,
          headers: { Authorization: authorization },
        });
        expect(response.status).toBe(200);
        expect(response.headers.get("X-Cache")).toBeNull();
        expect(response.headers.get("Server-Timing")).toBeNull();
      }
    }
    expect(lines(departed)).toEqual([...READS, ...READS].map(([method, path]) => `${method} ${path}`));
    expect(new Set(departed.map(({ headers }) => headers.get("Authorization")))).toEqual(
      new Set([authorization]),
    );
    expect(open).not.toHaveBeenCalled();
  });

  it.each([
    "Bearer ferry.",
    "Bearer ferry.anonymous.x",
    "Bearer ferry.x.y",
    `Bearer ${wrapToken("ghcr.io", "t")}`,
  ])(
    "but one with our prefix that is none of ours is 401 invalid_token, and nothing leaves: %s",
    async (authorization) => {
      const { departed, ferry } = play(BEARER);
      for (const path of ["/v2/", "/v2/team/app/manifests/v1"]) {
        const response = await ferry.fetch(HOST + path, { headers: { Authorization: authorization } });
        expect(response.status).toBe(401);
        expect(response.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
      }
      expect(departed).toEqual([]);
    },
  );
});
