// The public lane owes a client what the client lane owes it: the registry's own errors, no page for people, an answer
// in time, and its own headers only.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions, SeededImage } from "../../registry/types.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";
import {
  AnonymousFerry,
  codeOf,
  digestOf,
  fakeUpstream,
  layerOf,
  seenBy,
  type Departed,
} from "../client-ferry.ts";

const HOST = "http://harbor.example.com";
const SCOPE = 'scope="repository:team/app:pull"';
const DIGEST = `sha256:${"a".repeat(64)}`;
const HTML = { "Content-Type": "text/html; charset=utf-8" };
const PAGE = "<html><title>Just a moment...</title></html>";
const LIMITS = { "Retry-After": "9", "RateLimit-Remaining": "0;w=60", "X-RateLimit-Reset": "60" };
const KINDS = ["wants tokens", "challenges nobody"] as const;
/** What a client reads: a tag, what has a digest, and lists. */
const READS: [what: string, path: string][] = [
  ["a tag", "/v2/team/app/manifests/v1"],
  ["a manifest", `/v2/team/app/manifests/${DIGEST}`],
  ["a blob", `/v2/team/app/blobs/${DIGEST}`],
  ["tags", "/v2/team/app/tags/list"],
  ["referrers", `/v2/team/app/referrers/${DIGEST}`],
  ["the catalog", "/v2/_catalog"],
];

let origins = 0;
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Played {
  readonly ferry: AnonymousFerry;
  readonly upstream: string;
  /** What was asked beside the challenge and the token. */
  readonly asked: Departed[];
  readonly departed: Departed[];
}

type Player = (request: Departed) => Response | Promise<Response>;

/** A registry of a test's own, since what is stored outlives a test; `token` plays its token service. */
function play(kind: (typeof KINDS)[number], answer: Player, token?: Player): Played {
  const upstream = `https://public-${(origins += 1)}.example.net`;
  const asked: Departed[] = [];
  const isLearning = ({ method, url, headers }: Departed): boolean =>
    url.origin === upstream &&
    (url.pathname === "/v2/" || (method === "HEAD" && url.pathname.endsWith("/latest"))) &&
    !headers.has("Authorization");
  const departed = fakeUpstream((request) => {
    if (request.url.origin === upstream && request.url.pathname === "/token") {
      return token?.(request) ?? Response.json({ token: "anonymous0token", expires_in: 300 });
    }
    if (isLearning(request)) {
      if (kind === "challenges nobody") return new Response(null);
      const challenge = `Bearer realm="${upstream}/token",service="s"`;
      return new Response("{}", { status: 401, headers: { "WWW-Authenticate": challenge } });
    }
    asked.push(request);
    return answer(request);
  });
  return { ferry: new AnonymousFerry({ harbor: { upstream, mirrors: [] } }), upstream, asked, departed };
}

/** An answer as a server gives it: none has a body for HEAD. */
function say(
  request: Departed,
  body: string,
  status: number,
  headers: Record<string, string> = {},
): Response {
  const isHead = request.method === "HEAD";
  return new Response(isHead ? null : body, {
    status,
    headers: { "Content-Length": String(body.length), ...headers },
  });
}

const JSON_TYPE = { "Content-Type": "application/json" };
const failure = JSON.stringify({ errors: [{ code: "UNKNOWN", message: "of the registry" }] });

describe.each(KINDS)("errors of a registry that %s", (kind) => {
  describe.each(READS)("%s", (what, path) => {
    it.each([400, 404, 409, 413, 429, 500, 502, 503, 504])("%i passes, with its limits", async (status) => {
      const { ferry } = play(kind, (request) => say(request, failure, status, { ...JSON_TYPE, ...LIMITS }));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(status);
      for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
      const text = await response.text();
      const { errors } = JSON.parse(text) as { errors: { message: string }[] };
      // A tag is asked by HEAD, whose answer has no words: then they are ours.
      if (what !== "a tag") expect(errors[0]?.message).toBe("of the registry");
      expect(errors).toHaveLength(1);
      const length = response.headers.get("Content-Length");
      if (length !== null) expect(length).toBe(String(text.length));
    });

    it.each([401, 403])("%i is 401 insufficient_scope", async (status) => {
      const { ferry } = play(kind, (request) => say(request, failure, status, JSON_TYPE));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(401);
      const challenge = response.headers.get("WWW-Authenticate");
      expect(challenge).toContain(`Bearer realm="${HOST}/v2/auth"`);
      expect(challenge).toContain(what === "the catalog" ? 'scope="registry:catalog:*"' : SCOPE);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(await codeOf(response)).toBe("UNAUTHORIZED");
    });

    it.each([404, 429, 500, 503])("a page with %i is replaced, with GET and HEAD", async (status) => {
      for (const method of ["GET", "HEAD"]) {
        const { ferry } = play(kind, (request) => say(request, PAGE, status, { ...HTML, ...LIMITS }));
        const response = await ferry.fetch(HOST + path, { method });
        expect(response.status).toBe(status);
        expect(response.headers.get("Content-Type")).toBe("application/json");
        expect(response.headers.get("Retry-After")).toBe("9");
        expect(response.headers.get("Content-Length")).toBeNull();
        if (method === "HEAD") expect(response.body).toBeNull();
        else expect(await response.text()).not.toContain("<");
      }
    });

    it.each([520, 522, 530])("Cloudflare's own %i is 503", async (status) => {
      const { ferry } = play(kind, (request) => say(request, PAGE, status, HTML));
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(503);
      expect(await codeOf(response)).toBe("UNAVAILABLE");
    });

    it("success with a page is 502, but for a blob, which is not shown as one", async () => {
      for (const method of ["GET", "HEAD"]) {
        const { ferry } = play(kind, (request) => say(request, PAGE, 200, HTML));
        const response = await ferry.fetch(HOST + path, { method });
        expect(response.status).toBe(what === "a blob" ? 200 : 502);
        if (what === "a blob") expect(response.headers.get("Content-Type")).toBe("application/octet-stream");
        else if (method === "GET") expect(await codeOf(response)).toBe("UNKNOWN");
      }
    });

    it.each(["GET", "HEAD"])("a dropped connection is 503 (%s)", async (method) => {
      const { ferry } = play(kind, () => Promise.reject(new TypeError("lost")));
      const response = await ferry.fetch(HOST + path, { method });
      expect(response.status).toBe(503);
      if (method === "HEAD") expect(response.body).toBeNull();
      else expect(await codeOf(response)).toBe("UNAVAILABLE");
    });

    it("silence is 503 after 25 seconds", async () => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
      const { ferry } = play(kind, () => new Promise(() => undefined));
      await expectAfter(25, ferry.fetch(HOST + path));
    });

    it("a redirect that is refused is 502", async () => {
      for (const target of [
        "http://cdn.example.org/x?sig=secret",
        "https://10.0.0.1/x?sig=secret",
        undefined,
      ]) {
        const { ferry, asked } = play(
          kind,
          () =>
            new Response(null, { status: 307, headers: target === undefined ? {} : { Location: target } }),
        );
        const response = await ferry.fetch(HOST + path);
        expect(response.status).toBe(502);
        expect(await response.text()).not.toContain("secret");
        expect(new Set(asked.map(({ url }) => url.pathname))).toEqual(new Set([path]));
      }
    });
  });
});

/** Waits for a 503 that comes at that second and not before. */
async function expectAfter(seconds: number, answer: Promise<Response>): Promise<void> {
  let status: number | undefined;
  const watched = answer.then((response) => {
    status = response.status;
    return response;
  });
  // What a client waits for after HEAD of a tag is one deadline more; none waits for longer than two.
  await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
  expect(status).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(status).toBe(503);
  expect(await codeOf(await watched)).toBe("UNAVAILABLE");
}

describe("the challenge and the token that a read needs", () => {
  const path = `/v2/team/app/blobs/${DIGEST}`;
  const never: Player = () => expect.unreachable("no token, no request");

  it.each([429, 500, 503])(
    "a registry that answers %i when asked for its challenge: that, and 503",
    async (status) => {
      fakeUpstream((request) => say(request, failure, status, { ...JSON_TYPE, ...LIMITS }));
      const ferry = new AnonymousFerry({ harbor: { upstream: "https://registry.example.net" } });
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(status === 429 ? 429 : 503);
      for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
      expect(await codeOf(response)).toBe(status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE");
    },
  );

  it("a registry that is silent when asked for its challenge: 503 after 10 seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    fakeUpstream(() => new Promise(() => undefined));
    const ferry = new AnonymousFerry({ harbor: { upstream: "https://registry.example.net" } });
    await expectAfter(10, ferry.fetch(HOST + path));
  });

  it("a silent token service: 503 after 10 seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { ferry } = play("wants tokens", never, () => new Promise(() => undefined));
    await expectAfter(10, ferry.fetch(HOST + path));
  });

  describe.each(READS)("%s", (what, read) => {
    it.each([401, 403])("a token service that refuses with %i: 401 insufficient_scope", async (status) => {
      const { ferry } = play("wants tokens", never, (request) => say(request, failure, status, JSON_TYPE));
      const response = await ferry.fetch(HOST + read);
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(
        `Bearer realm="${HOST}/v2/auth",service="s",` +
          `${what === "the catalog" ? 'scope="registry:catalog:*"' : SCOPE},error="insufficient_scope"`,
      );
    });

    it.each([429, 500, 502, 503])(
      "a token service in trouble: its own %i, with its limits",
      async (status) => {
        for (const type of [JSON_TYPE, HTML]) {
          const { ferry } = play("wants tokens", never, (request) =>
            say(request, type === HTML ? PAGE : failure, status, { ...type, ...LIMITS }),
          );
          const response = await ferry.fetch(HOST + read);
          expect(response.status).toBe(status);
          for (const [name, value] of Object.entries(LIMITS)) expect(response.headers.get(name)).toBe(value);
          expect(response.headers.get("WWW-Authenticate")).toBeNull();
          expect(await codeOf(response)).toBe(status === 429 ? "TOOMANYREQUESTS" : "UNAVAILABLE");
        }
      },
    );

    it("a dropped connection to the token service: 503", async () => {
      const { ferry } = play("wants tokens", never, () => Promise.reject(new TypeError("lost")));
      expect((await ferry.fetch(HOST + read)).status).toBe(503);
    });
  });

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["an empty token", '{"token":""}'],
    ["a number", '{"token":1}'],
    ["a page", PAGE],
    ["nothing", ""],
    ["more than 64 KiB", JSON.stringify({ token: "x".repeat(64 * 1024) })],
  ])("S17: a token answer that is %s is 502", async (_, body) => {
    const { ferry } = play("wants tokens", never, () => new Response(body));
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("UNKNOWN");
  });

  it.each([301, 302, 303, 307, 308])("S4: a token service's %i is not followed: 502", async (status) => {
    const { ferry, departed } = play(
      "wants tokens",
      never,
      () => new Response(null, { status, headers: { Location: "https://evil.example.org/token" } }),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(502);
    expect(departed.filter(({ url }) => url.host === "evil.example.org")).toEqual([]);
  });

  it.each([
    '{"token":"t"}',
    '{"access_token":"t"}',
    '{"token":"t","expires_in":0}',
    '{"token":"","access_token":"t"}',
  ])("the token of %s is used", async (body) => {
    const { ferry, asked } = play(
      "wants tokens",
      () => new Response("x"),
      () => new Response(body),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(200);
    expect(asked.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer t"]);
  });

  it("a kept token that ended is replaced by a fresh one, once", async () => {
    let issued = 0;
    const { ferry, asked } = play(
      "wants tokens",
      (request) =>
        request.headers.get("Authorization") === `Bearer t${issued}` && issued !== 2
          ? new Response("x")
          : say(request, failure, 401, JSON_TYPE),
      () => Response.json({ token: `t${(issued += 1)}`, expires_in: 300 }),
    );
    const read = async (): Promise<number> => (await ferry.fetch(HOST + path)).status;
    expect(await read()).toBe(200);
    issued = 2;
    expect(await read()).toBe(200);
    expect(asked.map(({ headers }) => headers.get("Authorization"))).toEqual([
      "Bearer t1",
      "Bearer t1",
      "Bearer t3",
    ]);
  });

  it("a fresh token that is refused is the last word", async () => {
    const { ferry, asked, departed } = play("wants tokens", (request) =>
      say(request, failure, 401, JSON_TYPE),
    );
    expect((await ferry.fetch(HOST + path)).status).toBe(401);
    expect(asked).toHaveLength(1);
    expect(departed.filter(({ url }) => url.pathname === "/token")).toHaveLength(1);
  });
});

describe("S17: what a registry makes large or breaks", () => {
  const endless = (kind: "manifest" | "list"): Response => {
    // Not quite endless, so that a Worker that reads on fails this test and does not hang it.
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        if (pulled > 500) controller.close();
        else controller.enqueue(new Uint8Array(64 * 1024).fill(32));
      },
    });
    const type = kind === "list" ? "application/json" : "application/vnd.oci.image.manifest.v1+json";
    return new Response(body, { headers: { "Content-Type": type } });
  };

  it.each(READS.slice(0, 2))("%s of more than 4 MiB without a length is 502", async (_, path) => {
    const { ferry } = play("wants tokens", (request) =>
      request.method === "HEAD" ? new Response(null) : endless("manifest"),
    );
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("SIZE_INVALID");
  });

  it.each(READS.slice(0, 2))("%s that breaks off is 503, never 500", async (_, path) => {
    for (const headers of [{}, { "Docker-Content-Digest": DIGEST, "Content-Length": "9" }]) {
      const { ferry } = play("wants tokens", (request) => {
        if (request.method === "HEAD") return new Response(null, { headers });
        const body = new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) });
        return new Response(body, { headers: { "Content-Type": "application/vnd.oci.image.index.v1+json" } });
      });
      const response = await ferry.fetch(HOST + path);
      expect(response.status).toBe(503);
      expect(await codeOf(response)).toBe("UNAVAILABLE");
    }
  });

  it("a tag list that must be mapped: 502 beyond 4 MiB, 503 where it breaks off", async () => {
    const broken = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new Error("lost")) }));
    for (const [answer, status] of [
      [() => endless("list"), 502],
      [broken, 503],
    ] as const) {
      const { upstream } = play("wants tokens", answer);
      const ferry = new AnonymousFerry({ harbor: { upstream, mirrors: [], library: true } });
      const response = await ferry.fetch(`${HOST}/v2/hello/tags/list`);
      expect(response.status).toBe(status);
      expect(await codeOf(response)).toBe(status === 502 ? "SIZE_INVALID" : "UNAVAILABLE");
    }
  });
});

describe("S7: nothing of a client travels on but what it accepts, which part, and on what condition", () => {
  const SECRETS = {
    Cookie: "canary0cookie",
    "User-Agent": "canary0agent",
    "X-Docker-Token": "canary0token",
    "X-Registry-Auth": "canary0auth",
    "Proxy-Authorization": "Basic canary0proxy",
    "X-Forwarded-For": "192.0.2.7",
    "CF-Connecting-IP": "192.0.2.7",
    Referer: "https://canary0referer.example.com/",
    Origin: "https://canary0origin.example.com",
    "Docker-Distribution-Api-Version": "canary0version",
    "Content-Type": "canary/type",
    "Accept-Encoding": "gzip",
    "Accept-Language": "canary0language",
    "Cache-Control": "canary0control",
  };
  const ALLOWED = ["accept", "accept-encoding", "authorization", "if-range", "range", "user-agent"];

  it.each(KINDS)("of a registry that %s", async (kind) => {
    for (const method of ["GET", "HEAD"]) {
      for (const [, path] of READS) {
        const { ferry, departed, asked } = play(kind, (request) => say(request, "x", 200, JSON_TYPE));
        await ferry.fetch(HOST + path, {
          method,
          headers: { ...SECRETS, Accept: "a/b", Range: "bytes=0-0", "If-Range": '"x"' },
        });
        expect(asked.length).toBeGreaterThan(0);
        for (const { headers, url, body } of departed) {
          expect([...headers.keys()].filter((name) => !ALLOWED.includes(name))).toEqual([]);
          expect(headers.get("Accept-Encoding")).toBe("identity");
          expect(headers.get("User-Agent") ?? "registry-ferry").toBe("registry-ferry");
          expect(`${url.href} ${[...headers.values()].join(" ")}`).not.toMatch(/canary|192\.0\.2/);
          expect(body ?? null).toBeNull();
        }
        expect(asked[0]?.headers.get("Accept")).toBe("a/b");
      }
    }
  });

  it("Range and If-Range go along for a blob, and nowhere else", async () => {
    for (const [what, path] of READS) {
      const { ferry, asked } = play("wants tokens", (request) => say(request, "x", 200, JSON_TYPE));
      await ferry.fetch(HOST + path, { headers: { Range: "bytes=0-0", "If-Range": '"x"' } });
      for (const { headers } of asked) {
        expect([headers.get("Range"), headers.get("If-Range")]).toEqual(
          what === "a blob" ? ["bytes=0-0", '"x"'] : [null, null],
        );
      }
    }
  });

  it("the query of a list is byte-exact but for ns=, and a manifest or blob has none", async () => {
    for (const [what, path] of READS) {
      const { ferry, asked, upstream } = play("wants tokens", (request) =>
        say(request, "{}", 200, JSON_TYPE),
      );
      const ns = new URL(upstream).host;
      await ferry.fetch(`${HOST}${path}?n=2&last=a%2Fb%7e+c&x&y=&ns=${ns}`);
      const isList = ["tags", "referrers", "the catalog"].includes(what);
      expect(asked[0]?.url.search).toBe(isList ? "?n=2&last=a%2Fb%7e+c&x&y=" : "");
    }
  });
});

describe("the answer's own headers", () => {
  const KEPT = {
    "Set-Cookie": "a=b",
    Server: "nginx",
    Via: "1.1 varnish",
    "X-Amz-Request-Id": "1",
    "Docker-RateLimit-Source": "192.0.2.1",
    "Content-Disposition": "attachment",
    Refresh: "0; url=http://evil.example.com",
    "Access-Control-Allow-Origin": "*",
    Vary: "Cookie",
    "X-Cache": "of-the-registry",
    "Server-Timing": "of-the-registry",
  };
  it.each(READS)("%s has none that is on no list", async (_, path) => {
    const { ferry } = play("wants tokens", (request) =>
      say(request, "{}", 200, { ...KEPT, ...JSON_TYPE, "Docker-Content-Digest": DIGEST, ...LIMITS }),
    );
    for (const method of ["GET", "HEAD"]) {
      const response = await ferry.fetch(HOST + path, { method });
      expect(response.status).toBe(200);
      const names = [...response.headers.keys()];
      const strange = Object.keys(KEPT).slice(0, 9);
      expect(strange.filter((name) => names.includes(name.toLowerCase()))).toEqual([]);
      expect(response.headers.get("X-Cache")).toMatch(/^(hit|miss|bypass)$/);
      expect(response.headers.get("Server-Timing")).toMatch(/^upstream;dur=\d+$/);
      expect(response.headers.get("Cache-Control")).toBe("no-transform");
      // Of a tag that was asked a moment ago there is nothing new to say.
      const limit = response.headers.get("X-Cache") === "hit" ? null : "0;w=60";
      expect(response.headers.get("RateLimit-Remaining")).toBe(limit);
      await response.text();
    }
  });
});

describe("with a whole registry", () => {
  let registry: RemoteRegistry;
  let image: SeededImage;
  let ferry: AnonymousFerry;

  async function serve(options: RegistryOptions = {}): Promise<void> {
    registry = await startRegistry({ library: true, ...options });
    image = await registry.seedImage({ repository: "library/hello", layers: [512, 100_000] });
    ferry = new AnonymousFerry({ harbor: row(registry, { library: true }) });
  }
  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    ferry.fetch(`${HOST}/v2/hello/${path}`, init);

  it("what is not there is 404 as an OCI error that clients show", async () => {
    await serve();
    for (const [path, code] of [
      ["manifests/nosuchtag", "MANIFEST_UNKNOWN"],
      [`manifests/${DIGEST}`, "MANIFEST_UNKNOWN"],
      [`blobs/${DIGEST}`, "BLOB_UNKNOWN"],
    ] as const) {
      const response = await get(path);
      expect(response.status).toBe(404);
      const text = await response.clone().text();
      const length = response.headers.get("Content-Length");
      if (length !== null) expect(length).toBe(String(text.length));
      expect(await codeOf(response)).toBe(code);
      expect((await get(path, { method: "HEAD" })).status).toBe(404);
    }
  });

  it("an upstream that encodes in spite of identity is decoded, GET and HEAD", async () => {
    await serve({ gzipEncode: true, redirectBlobs: false });
    for (const [path, digest] of [
      ["manifests/latest", image.digest],
      [`manifests/${image.digest}`, image.digest],
      [`blobs/${layerOf(image).digest}`, layerOf(image).digest],
    ] as const) {
      const head = await get(path, { method: "HEAD" });
      expect(head.headers.get("Content-Encoding")).toBeNull();
      const length = head.headers.get("Content-Length");
      if (length !== null)
        expect(length).toBe(String(path.startsWith("blobs") ? layerOf(image).size : image.size));
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Encoding")).toBeNull();
      const bytes = await response.arrayBuffer();
      expect(await digestOf(bytes)).toBe(digest);
      const said = response.headers.get("Content-Length");
      if (said !== null) expect(said).toBe(String(bytes.byteLength));
    }
    const asked = await seenBy(registry);
    expect(new Set(asked.map(({ headers }) => headers["accept-encoding"]))).toEqual(new Set(["identity"]));
  });

  it.each([
    ["at the CDN", true],
    ["at the registry", false],
  ])("a blob that breaks off %s: the stream errors", async (_, redirectBlobs) => {
    await serve({ redirectBlobs, breakBlobAfter: 1000 });
    const { digest } = layerOf(image);
    const response = await get(`blobs/${digest}`);
    expect(response.status).toBe(200);
    // Read as a connection would: by now the copy for the store has ended, and been given up.
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const read = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(read()).rejects.toThrow();
    expect((await get(`blobs/${digest}`, { method: "HEAD" })).headers.get("X-Cache")).toBe("miss");
  });

  it.each([301, 302, 303, 307, 308] as const)(
    "a blob by %i comes without the token at the CDN",
    async (status) => {
      await serve({ redirectStatus: status });
      const { digest, size } = layerOf(image);
      const part = await get(`blobs/${digest}`, { headers: { Range: "bytes=10-" } });
      expect([part.status, part.headers.get("Content-Range")]).toEqual([206, `bytes 10-${size - 1}/${size}`]);
      await part.arrayBuffer();
      const whole = await get(`blobs/${digest}`);
      expect(whole.headers.get("Location")).toBeNull();
      expect(await digestOf(await whole.arrayBuffer())).toBe(digest);
      for (const { headers } of await seenBy(registry, "cdn"))
        expect(headers["authorization"]).toBeUndefined();
    },
  );

  it.each([
    ["405", 405],
    ["without a digest", "no-digest"],
  ] as const)("HEAD that is %s: GET by tag, hashed here", async (_, headManifest) => {
    await serve({ headManifest });
    for (const method of ["HEAD", "GET"]) {
      const response = await get("manifests/latest", { method });
      expect(response.status).toBe(200);
      expect(response.headers.get("Docker-Content-Digest")).toBe(image.digest);
      expect(response.headers.get("Content-Length")).toBe(String(image.size));
      if (method === "GET") expect(await digestOf(await response.arrayBuffer())).toBe(image.digest);
    }
  });

  it.each(["token", "none"] as const)(
    "lists lead through every page, under the client's name (auth %s)",
    async (auth) => {
      await serve({ auth, pageSize: 2 });
      for (const tag of ["a", "b", "c", "d"]) {
        await registry.seedImage({ repository: "library/hello", tag, seed: "same", layers: [16] });
      }
      const { pages, addresses } = await pagesFrom("/v2/hello/tags/list");
      expect(pages).toEqual([
        { name: "hello", tags: ["a", "b"] },
        { name: "hello", tags: ["c", "d"] },
        { name: "hello", tags: ["latest"] },
      ]);
      expect(addresses).toEqual([
        "/v2/hello/tags/list",
        "/v2/hello/tags/list?n=2&last=b",
        "/v2/hello/tags/list?n=2&last=d",
      ]);
    },
  );

  it("the catalog, where everybody may have it", async () => {
    await serve({ auth: "none", pageSize: 2 });
    for (const repository of ["a/a", "b/b"]) await registry.seedImage({ repository, layers: [16] });
    const { pages, addresses } = await pagesFrom("/v2/_catalog");
    expect(pages).toEqual([{ repositories: ["a/a", "b/b"] }, { repositories: ["library/hello"] }]);
    expect(addresses).toEqual(["/v2/_catalog", "/v2/_catalog?n=2&last=b%2Fb"]);
  });

  it("the catalog, where nobody may without a login, is 401 with its scope", async () => {
    await serve();
    const response = await ferry.fetch(`${HOST}/v2/_catalog`);
    if (response.status === 200) return;
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="registry.test",scope="registry:catalog:*",error="insufficient_scope"`,
    );
  });

  it("referrers lead through every page and keep the filter", async () => {
    await serve({ pageSize: 1 });
    const digests: string[] = [];
    for (const content of ["one", "two", "three"]) {
      const artifactType = content === "three" ? "application/vnd.other" : "application/vnd.sbom+json";
      const referrer = await registry.seedReferrer({
        repository: "library/hello",
        subject: image.digest,
        artifactType,
        content,
      });
      if (content !== "three") digests.push(referrer.digest);
    }
    const start = `/v2/hello/referrers/${image.digest}?artifactType=application%2Fvnd.sbom%2Bjson`;
    const { pages, addresses } = await pagesFrom(start);
    const found = (pages as { manifests: { digest: string }[] }[]).flatMap(({ manifests }) => manifests);
    expect(found.map(({ digest }) => digest)).toEqual(digests.sort());
    expect(addresses[1]).toContain("artifactType=application%2Fvnd.sbom%2Bjson&n=1&last=");
  });

  it("referrers of a registry that has none are 404, GET and HEAD", async () => {
    await serve({ referrers: false });
    for (const method of ["GET", "HEAD"]) {
      expect((await get(`referrers/${image.digest}`, { method })).status).toBe(404);
    }
  });

  it("429 of the pull limit keeps Retry-After, RateLimit and body", async () => {
    await serve({ quota: 0, retryAfter: 120 });
    const response = await get("manifests/latest");
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("120");
    expect(response.headers.get("RateLimit-Remaining")).toBe("0;w=21600");
    expect(await codeOf(response)).toBe("TOOMANYREQUESTS");
  });

  it("names are completed on the way up, in path and scope, and shortened on the way back", async () => {
    await serve({ private: ["library/secret"] });
    expect((await get("manifests/latest")).status).toBe(200);
    const [token] = await seenBy(registry, "token");
    expect(new URLSearchParams(token?.query).get("scope")).toBe("repository:library/hello:pull");
    await registry.seedImage({ repository: "library/secret" });
    const refused = await ferry.fetch(`${HOST}/v2/secret/manifests/latest`);
    expect(refused.headers.get("WWW-Authenticate")).toContain('scope="repository:secret:pull"');
  });

  async function pagesFrom(start: string): Promise<{ pages: unknown[]; addresses: string[] }> {
    const pages: unknown[] = [];
    const addresses: string[] = [];
    let next: string | undefined = start;
    while (next !== undefined && pages.length < 20) {
      const url: URL = new URL(next, HOST);
      expect(url.origin).toBe(HOST);
      addresses.push(url.pathname + url.search);
      const response = await ferry.fetch(url.href);
      expect(response.status).toBe(200);
      pages.push(await response.json());
      next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    return { pages, addresses };
  }
});

describe("S4: a token service that is not known to be the registry's own", () => {
  it.each(READS)("%s is 502 with the line for the owner, and nothing is asked there", async (_, path) => {
    const upstream = `https://public-${(origins += 1)}.example.net`;
    const challenge = 'Bearer realm="https://evil.example.org/token?x=secret"';
    const departed = fakeUpstream(
      () => new Response("{}", { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    const response = await new AnonymousFerry({ harbor: { upstream, mirrors: [] } }).fetch(HOST + path);
    expect(response.status).toBe(502);
    const body = await response.text();
    expect(body).toContain('realm = \\"https://evil.example.org/token\\"');
    expect(body).not.toContain("secret");
    expect(departed.filter(({ url }) => url.origin !== upstream)).toEqual([]);
  });
});

describe("a registry that challenges nobody and redirects all it has (registry.k8s.io)", () => {
  it.each([
    ["with our bearer", { Authorization: "Bearer ferry.anonymous" }],
    ["without Authorization", undefined],
  ])("is read %s", async (_, headers) => {
    for (const [, path] of READS.slice(0, 4)) {
      const upstream = `https://public-${(origins += 1)}.example.net`;
      fakeUpstream((request) => {
        if (request.url.host === "pkg.example.org") return say(request, "{}", 200, JSON_TYPE);
        if (request.url.pathname === "/v2/") return Response.json({});
        const location = `https://pkg.example.org${request.url.pathname}`;
        return new Response(null, { status: 307, headers: { Location: location } });
      });
      const ferry = new Ferry({ harbor: { upstream, mirrors: [] } });
      for (const method of ["GET", "HEAD"]) {
        const response = await ferry.fetch(HOST + path, { method, ...(headers && { headers }) });
        expect(response.status).toBe(200);
        expect(response.headers.get("Location")).toBeNull();
        await response.text();
      }
    }
  });
});
