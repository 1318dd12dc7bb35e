// Errors: the registry's own pass, pages for people do not, and what the proxy says itself is an OCI error.
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions } from "../../registry/types.ts";
import { row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, fakeUpstream, layerOf, type Departed } from "../client-ferry.ts";

const HOST = "http://harbor.example.com";
const TAG = `${HOST}/v2/team/app/manifests/v1`;
const AUTH = `${HOST}/v2/auth?scope=repository:team/app:pull`;
const REMOTE = { harbor: { upstream: "https://registry.example.net" } };
const HTML = { "Content-Type": "text/html; charset=utf-8" };
const PAGE = "<html><title>Just a moment...</title></html>";

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function open(
  options: RegistryOptions = {},
): Promise<{ registry: RemoteRegistry; ferry: ClientFerry }> {
  const registry = await startRegistry({ auth: "none", ...options });
  return { registry, ferry: new ClientFerry({ harbor: row(registry) }) };
}

describe("the registry's own errors pass: status, body and what is said about limits", () => {
  it.each([400, 401, 403, 404, 405, 409, 413, 416, 429, 500, 502, 503, 504])("%i", async (fail) => {
    const { ferry } = await open({ fail, retryAfter: 30 });
    const response = await ferry.fetch(TAG);
    expect(response.status).toBe(fail);
    expect(response.headers.get("Retry-After")).toBe([429, 503].includes(fail) ? "30" : null);
    const { errors } = await response.json<{ errors: { message: string }[] }>();
    expect(errors[0]?.message).toBe("injected failure");
  });

  it("429 of the pull limit keeps Retry-After and RateLimit", async () => {
    const { registry, ferry } = await open({ quota: 0, retryAfter: 120 });
    await registry.seedImage({ repository: "team/app", tag: "v1" });
    const response = await ferry.fetch(TAG);
    expect(response.status).toBe(429);
    expect(response.headers.get("Retry-After")).toBe("120");
    expect(response.headers.get("RateLimit-Remaining")).toBe("0;w=21600");
    expect(await codeOf(response)).toBe("TOOMANYREQUESTS");
  });

  it("F22: prose is replaced, and its status stays (Docker Hub's abuse limit)", async () => {
    fakeUpstream(
      () => new Response("Too Many Requests\n", { status: 429, headers: { "Content-Type": "text/plain" } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(TAG);
    expect([response.status, await codeOf(response)]).toEqual([429, "TOOMANYREQUESTS"]);
  });

  it("HEAD has the status and no body", async () => {
    const { ferry } = await open({ fail: 404 });
    const response = await ferry.fetch(TAG, { method: "HEAD" });
    expect([response.status, response.body]).toEqual([404, null]);
  });
});

describe("a page for people is replaced by an OCI error of the same status", () => {
  it.each([
    [400, "UNKNOWN"],
    [401, "UNAUTHORIZED"],
    [403, "DENIED"],
    [404, "MANIFEST_UNKNOWN"],
    [405, "UNSUPPORTED"],
    [429, "TOOMANYREQUESTS"],
    [500, "UNAVAILABLE"],
    [502, "UNAVAILABLE"],
    [503, "UNAVAILABLE"],
  ])("%i is %s", async (status, code) => {
    const limits = { "Retry-After": "9", "RateLimit-Remaining": "0", "X-RateLimit-Reset": "60" };
    fakeUpstream(({ url }) =>
      url.pathname === "/v2/"
        ? new Response("{}")
        : new Response(PAGE, { status, headers: { ...HTML, ...limits } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(TAG);
    expect(response.status).toBe(status);
    expect(response.headers.get("Retry-After")).toBe("9");
    expect(response.headers.get("RateLimit-Remaining")).toBe("0");
    expect(response.headers.get("X-RateLimit-Reset")).toBe("60");
    const text = await response.clone().text();
    expect(text).not.toContain("<");
    expect(response.headers.get("Content-Length")).toBeNull();
    expect(await codeOf(response)).toBe(code);
  });

  it("a 401 as a page keeps its challenge", async () => {
    const { ferry } = await open({ auth: "token", htmlErrors: true });
    const response = await ferry.fetch(TAG);
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="registry.test",scope="repository:team/app:pull",error="invalid_token"`,
    );
    expect(await codeOf(response)).toBe("UNAUTHORIZED");
  });

  it.each([
    ["text/html", 404],
    ["TEXT/HTML;charset=x", 404],
    ["application/xhtml+xml", 503],
  ])("of the type %s", async (type, status) => {
    fakeUpstream(() => new Response(PAGE, { status, headers: { "Content-Type": type } }));
    const response = await new ClientFerry(REMOTE).fetch(TAG, { method: "PUT", body: "{}" });
    expect(response.status).toBe(status);
    expect(response.headers.get("Content-Type")).toBe("application/json");
  });

  it.each([
    ["XML of the CDN", { failCdn: 403 as const }, 403, "DENIED"],
    ["a page of the CDN", { failCdn: 503 as const, htmlErrors: true }, 503, "UNAVAILABLE"],
  ])("%s", async (_, options, status, code) => {
    const { registry, ferry } = await open(options);
    const { digest } = layerOf(await registry.seedImage({ repository: "team/app" }));
    const response = await ferry.fetch(`${HOST}/v2/team/app/blobs/${digest}`);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  it("HEAD: the status alone", async () => {
    fakeUpstream(() => new Response(null, { status: 404, headers: { ...HTML, "Content-Length": "44" } }));
    const response = await new ClientFerry(REMOTE).fetch(TAG, { method: "HEAD" });
    expect([response.status, response.body, response.headers.get("Content-Type")]).toEqual([
      404,
      null,
      "application/json",
    ]);
  });
});

describe("Cloudflare's own 520 to 530 become 503", () => {
  it.each([520, 522, 525, 526, 530])("%i", async (status) => {
    const answers = [
      new Response(PAGE, { status, headers: HTML }),
      new Response("error code: 1016", { status, headers: { "Content-Type": "text/plain" } }),
    ];
    fakeUpstream(() => answers.shift() ?? Response.json({}, { status }));
    for (const expected of ["UNAVAILABLE", "UNAVAILABLE"]) {
      const response = await new ClientFerry(REMOTE).fetch(TAG);
      expect(response.status).toBe(503);
      expect(await codeOf(response)).toBe(expected);
    }
    const json = await new ClientFerry(REMOTE).fetch(TAG);
    expect([json.status, await json.json()]).toEqual([503, {}]);
  });
});

describe("success with a page is 502", () => {
  it.each([
    ["GET", "/v2/"],
    ["GET", "/v2/team/app/manifests/v1"],
    ["HEAD", "/v2/team/app/manifests/v1"],
    ["PUT", "/v2/team/app/manifests/v1"],
    ["GET", "/v2/team/app/tags/list"],
    ["GET", "/v2/_catalog"],
    ["POST", "/v2/team/app/blobs/uploads/"],
  ])("%s %s", async (method, path) => {
    fakeUpstream(() => new Response(method === "HEAD" ? null : PAGE, { headers: HTML }));
    const response = await new ClientFerry(REMOTE).fetch(HOST + path, { method });
    expect(response.status).toBe(502);
    if (method === "HEAD") expect(response.body).toBeNull();
    else expect(await codeOf(response)).toBe("UNKNOWN");
  });

  it("but a blob may be one, and is not shown as one", async () => {
    fakeUpstream(() => new Response(PAGE, { headers: HTML }));
    const response = await new ClientFerry(REMOTE).fetch(
      `${HOST}/v2/team/app/blobs/sha256:${"a".repeat(64)}`,
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("application/octet-stream");
    expect(new TextDecoder().decode(await response.arrayBuffer())).toBe(PAGE);
  });
});

describe("a registry that is not there is 503, which containerd retries (it never does a 502)", () => {
  it.each(["GET", "HEAD", "PUT", "DELETE"])("dropped connection, %s", async (method) => {
    const { ferry } = await open({ fail: "drop" });
    const response = await ferry.fetch(TAG, { method, ...(method === "PUT" && { body: "{}" }) });
    expect(response.status).toBe(503);
    if (method === "HEAD") expect(response.body).toBeNull();
    else expect(await codeOf(response)).toBe("UNAVAILABLE");
  });

  it("nothing listens", async () => {
    const response = await new ClientFerry({ harbor: { upstream: "http://127.0.0.1:1" } }).fetch(TAG);
    expect(response.status).toBe(503);
    expect(await codeOf(response)).toBe("UNAVAILABLE");
  });

  it("the CDN drops", async () => {
    const { registry, ferry } = await open({ failCdn: "drop" });
    const { digest } = layerOf(await registry.seedImage({ repository: "team/app" }));
    expect((await ferry.fetch(`${HOST}/v2/team/app/blobs/${digest}`)).status).toBe(503);
  });
});

describe("a token service that fails", () => {
  it.each([
    [429, "TOOMANYREQUESTS"],
    [500, "UNKNOWN"],
    [502, "UNKNOWN"],
    [503, "UNAVAILABLE"],
  ])("%i passes as an OCI error, with Retry-After", async (failToken, code) => {
    const { ferry } = await open({ auth: "token", failToken, retryAfter: 11 });
    const response = await ferry.fetch(AUTH);
    expect(response.status).toBe(failToken);
    expect(response.headers.get("Retry-After")).toBe([429, 503].includes(failToken) ? "11" : null);
    expect(await codeOf(response)).toBe(code);
  });

  it("drops: 503", async () => {
    const { ferry } = await open({ auth: "token", failToken: "drop" });
    const response = await ferry.fetch(AUTH);
    expect(response.status).toBe(503);
    expect(await codeOf(response)).toBe("UNAVAILABLE");
  });

  const says = (answer: () => Response): void => {
    const realm = 'Bearer realm="https://registry.example.net/token"';
    fakeUpstream(({ url }) =>
      url.pathname === "/token"
        ? answer()
        : new Response(null, { status: 401, headers: { "WWW-Authenticate": realm } }),
    );
  };

  it.each([
    [429, 429, "TOOMANYREQUESTS"],
    [403, 403, "DENIED"],
    [522, 503, "UNAVAILABLE"],
  ])("a page with %i is an OCI error with %i", async (status, expected, code) => {
    says(() => new Response(PAGE, { status, headers: { ...HTML, "Retry-After": "9" } }));
    const response = await new ClientFerry(REMOTE).fetch(AUTH);
    expect(response.status).toBe(expected);
    expect(response.headers.get("Retry-After")).toBe("9");
    expect(await codeOf(response)).toBe(code);
  });

  it("what it says about limits passes", async () => {
    const limits = { "RateLimit-Remaining": "0", "X-RateLimit-Limit": "44000" };
    says(() =>
      Response.json(
        { errors: [{ code: "TOOMANYREQUESTS", message: "m" }] },
        { status: 429, headers: limits },
      ),
    );
    const response = await new ClientFerry(REMOTE).fetch(AUTH);
    expect(response.status).toBe(429);
    expect(response.headers.get("RateLimit-Remaining")).toBe("0");
    expect(response.headers.get("X-RateLimit-Limit")).toBe("44000");
  });

  it.each([
    ["a page", PAGE, HTML],
    ["JSON without a token", '{"token":""}', { "Content-Type": "application/json" }],
    ["more than 64 KiB", JSON.stringify({ token: "x".repeat(64 * 1024) }), {}],
  ])("a 200 with %s is 502", async (_, body, headers) => {
    says(() => new Response(body, { headers }));
    const response = await new ClientFerry(REMOTE).fetch(AUTH);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("UNKNOWN");
  });

  it("a redirect is 502, since credentials would go wherever it leads", async () => {
    says(() => new Response(null, { status: 307, headers: { Location: "https://evil.example.org/" } }));
    expect((await new ClientFerry(REMOTE).fetch(AUTH)).status).toBe(502);
  });
});

describe("a registry that does not answer is 503 in the time that clients wait", () => {
  const hangs = (): Promise<Response> => new Promise(() => undefined);
  const bearer = new Response(null, {
    status: 401,
    headers: { "WWW-Authenticate": 'Bearer realm="https://registry.example.net/token"' },
  });
  const tokenHangs = ({ url }: Departed): Response | Promise<Response> =>
    url.pathname === "/v2/" ? bearer.clone() : hangs();
  const cdnHangs = ({ url }: Departed): Response | Promise<Response> =>
    url.host === "registry.example.net"
      ? new Response(null, { status: 307, headers: { Location: "https://cdn.example.org/" } })
      : hangs();

  it.each([
    ["/v2/", `${HOST}/v2/`, 10, hangs],
    ["learning the token service", AUTH, 10, hangs],
    ["the token service", AUTH, 10, tokenHangs],
    ["a manifest", TAG, 25, hangs],
    ["a blob", `${HOST}/v2/team/app/blobs/sha256:${"a".repeat(64)}`, 25, hangs],
    ["tags", `${HOST}/v2/team/app/tags/list`, 25, hangs],
    ["the CDN", `${HOST}/v2/team/app/blobs/sha256:${"a".repeat(64)}`, 25, cdnHangs],
  ])("%s", async (_, url, seconds, upstream) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    fakeUpstream(upstream);
    let status: number | undefined;
    const answer = new ClientFerry(REMOTE).fetch(url).then((response) => {
      status = response.status;
      return response;
    });
    await vi.advanceTimersByTimeAsync(seconds * 1000 - 1);
    expect(status).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(status).toBe(503);
    expect(await codeOf(await answer)).toBe("UNAVAILABLE");
  });

  it("but an upload takes as long as it takes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { promise, resolve } = Promise.withResolvers<Response>();
    fakeUpstream(() => promise);
    const answer = new ClientFerry(REMOTE).fetch(`${HOST}/v2/team/app/blobs/uploads/x`, {
      method: "PATCH",
      body: "x",
    });
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    resolve(new Response(null, { status: 202 }));
    expect((await answer).status).toBe(202);
  });

  it("and a body too", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    const { readable, writable } = new TransformStream<Uint8Array>();
    fakeUpstream(() => new Response(readable));
    const response = await new ClientFerry(REMOTE).fetch(
      `${HOST}/v2/team/app/blobs/sha256:${"a".repeat(64)}`,
    );
    const body = response.arrayBuffer();
    await vi.advanceTimersByTimeAsync(3600 * 1000);
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode("late"));
    await writer.close();
    expect(new TextDecoder().decode(await body)).toBe("late");
  });
});
