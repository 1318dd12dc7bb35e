// Redirects are followed inside the Worker, so that clients that cannot reach a CDN still get their blobs.
import { afterEach, describe, expect, it, vi } from "vitest";
import { row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, digestOf, fakeUpstream, lastSeenBy, layerOf, seenBy } from "../client-ferry.ts";

const REGISTRY = "https://registry.example.net";
const REMOTE = { harbor: { upstream: REGISTRY } };
const BLOB = `http://harbor.example.com/v2/team/app/blobs/sha256:${"a".repeat(64)}`;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Leads along these addresses, and serves "bytes" at the last. */
function chain(status: number, hops: readonly string[]) {
  let next = 0;
  return fakeUpstream(() => {
    const location = hops[next];
    next += 1;
    return location === undefined
      ? new Response("bytes")
      : new Response("<a>moved</a>", {
          status,
          headers: { Location: location, "Content-Type": "text/html" },
        });
  });
}

describe.each([301, 302, 303, 307, 308] as const)("a %i of a blob", (redirectStatus) => {
  it("to the CDN is followed without the Authorization that the CDN refuses", async () => {
    const registry = await startRegistry({ redirectStatus });
    const image = await registry.seedImage({ repository: "library/hello" });
    const ferry = new ClientFerry({ docker: row(registry, { library: true }) });
    const { digest, size } = layerOf(image);
    const pull = (init: RequestInit = {}) =>
      ferry.pull(
        `http://docker.example.com/v2/hello/blobs/${digest}`,
        "repository:hello:pull",
        undefined,
        init,
      );

    const whole = await pull();
    expect(whole.status).toBe(200);
    expect(whole.headers.get("Location")).toBeNull();
    expect(await digestOf(await whole.arrayBuffer())).toBe(digest);
    expect((await lastSeenBy(registry, "cdn")).headers["authorization"]).toBeUndefined();

    const part = await pull({ headers: { Range: "bytes=10-", Accept: "application/octet-stream" } });
    expect(part.status).toBe(206);
    expect(part.headers.get("Content-Range")).toBe(`bytes 10-${size - 1}/${size}`);
    await part.arrayBuffer();
    expect((await lastSeenBy(registry, "cdn")).headers).toMatchObject({
      range: "bytes=10-",
      accept: "application/octet-stream",
    });

    const head = await pull({ method: "HEAD" });
    expect(head.status).toBe(200);
    expect(head.headers.get("Content-Length")).toBe(String(size));
    expect((await seenBy(registry, "cdn")).map(({ method }) => method)).toEqual(["GET", "GET", "HEAD"]);
  });
});

describe("a relative redirect on the registry's host (Google)", () => {
  it("is followed, and the token stays", async () => {
    const registry = await startRegistry({ redirectBlobs: "relative" });
    const image = await registry.seedImage({ repository: "team/app" });
    const { digest } = layerOf(image);
    const response = await new ClientFerry({ harbor: row(registry) }).pull(
      `http://harbor.example.com/v2/team/app/blobs/${digest}`,
      "repository:team/app:pull",
    );
    expect(response.status).toBe(200);
    expect(await digestOf(await response.arrayBuffer())).toBe(digest);
    const [challenged, redirected, served] = (await seenBy(registry)).map(({ path, headers }) => ({
      path: path.split("/")[1],
      token: headers["authorization"]?.startsWith("Bearer registry_") ?? false,
    }));
    expect(challenged).toEqual({ path: "v2", token: false });
    expect(redirected).toEqual({ path: "v2", token: true });
    expect(served).toEqual({ path: "artifacts-downloads", token: true });
  });
});

describe("a chain of redirects", () => {
  it("of five is followed", async () => {
    const departed = chain(
      302,
      [1, 2, 3, 4, 5].map((hop) => `https://cdn${hop}.example.org/blob?sig=a%2Fb+c`),
    );
    const response = await new ClientFerry(REMOTE).fetch(BLOB);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("bytes");
    expect(departed).toHaveLength(6);
    expect(departed.at(-1)?.url.href).toBe("https://cdn5.example.org/blob?sig=a%2Fb+c");
  });

  it("of six is 502", async () => {
    const departed = chain(
      302,
      [1, 2, 3, 4, 5, 6].map((hop) => `https://cdn${hop}.example.org/blob`),
    );
    const response = await new ClientFerry(REMOTE).fetch(BLOB);
    expect(response.status).toBe(502);
    expect(await codeOf(response)).toBe("UNKNOWN");
    expect(departed).toHaveLength(6);
  });

  it("that loops is 502", async () => {
    const departed = fakeUpstream(
      ({ url }) => new Response(null, { status: 307, headers: { Location: url.pathname } }),
    );
    expect((await new ClientFerry(REMOTE).fetch(BLOB)).status).toBe(502);
    expect(departed).toHaveLength(6);
  });

  it("loses the credentials at the first other origin, and they do not come back", async () => {
    const departed = chain(307, [
      `${REGISTRY}/v2/moved`,
      "https://cdn.example.org/blob",
      `${REGISTRY}/back`,
      "relative",
    ]);
    await new ClientFerry(REMOTE).fetch(BLOB, {
      headers: { Authorization: "Bearer secret", Accept: "*/*", Range: "bytes=1-" },
    });
    expect(departed.map(({ url, headers }) => [url.href, headers.get("Authorization")])).toEqual([
      [`${REGISTRY}/v2/team/app/blobs/sha256:${"a".repeat(64)}`, "Bearer secret"],
      [`${REGISTRY}/v2/moved`, "Bearer secret"],
      ["https://cdn.example.org/blob", null],
      [`${REGISTRY}/back`, null],
      [`${REGISTRY}/relative`, null],
    ]);
    for (const { headers } of departed) {
      expect([headers.get("Accept"), headers.get("Range")]).toEqual(["*/*", "bytes=1-"]);
    }
  });
});

describe("a redirect of a manifest (registry.k8s.io)", () => {
  it.each(["GET", "HEAD"])("is followed inside (%s)", async (method) => {
    const departed = fakeUpstream(({ url }) =>
      url.origin === REGISTRY
        ? new Response(null, { status: 307, headers: { Location: `https://pkg.example.org${url.pathname}` } })
        : new Response(method === "HEAD" ? null : "{}", {
            headers: {
              "Content-Type": "application/vnd.oci.image.index.v1+json",
              "Content-Length": "2",
              "Docker-Content-Digest": `sha256:${"c".repeat(64)}`,
            },
          }),
    );
    const response = await new ClientFerry(REMOTE).fetch(
      "http://harbor.example.com/v2/pause/manifests/3.10",
      {
        method,
      },
    );
    expect(response.status).toBe(200);
    expect(response.headers.get("Docker-Content-Digest")).toBe(`sha256:${"c".repeat(64)}`);
    expect(response.headers.get("Content-Length")).toBe("2");
    expect(departed.map((one) => one.method)).toEqual([method, method]);
  });
});

describe("a redirect that leads nowhere is 502 and says which host", () => {
  it.each([
    ["without Location", null, "registry.example.net redirects without saying where to"],
    ["to what is no address", "https://[", "registry.example.net redirects to no valid address"],
    ["to plain http", "http://cdn.example.org/blob", "cdn.example.org is not https"],
    ["back to this proxy", "https://harbor.example.com/v2/", "harbor.example.com is a host of this proxy"],
  ])("%s", async (_, location, words) => {
    const departed = fakeUpstream(
      () => new Response(null, { status: 302, headers: location === null ? {} : { Location: location } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(BLOB);
    expect(response.status).toBe(502);
    const body = await response.text();
    expect(body).toContain(words);
    expect(body).not.toContain("/blob");
    expect(departed).toHaveLength(1);
  });

  it("a CDN that asks for credentials of its own is 502, and its challenge goes no further", async () => {
    fakeUpstream(({ url }) =>
      url.origin === REGISTRY
        ? new Response(null, { status: 307, headers: { Location: "https://cdn.example.org/blob" } })
        : new Response("no", {
            status: 401,
            headers: { "WWW-Authenticate": 'Basic realm="https://cdn.example.org"' },
          }),
    );
    const response = await new ClientFerry(REMOTE).fetch(BLOB);
    expect(response.status).toBe(502);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    expect(await codeOf(response)).toBe("UNKNOWN");
  });
});

describe("a redirect of a write is not followed: clients would lose its body", () => {
  it.each([
    ["PUT", "/v2/team/app/manifests/v1"],
    ["DELETE", "/v2/team/app/manifests/v1"],
    ["POST", "/v2/team/app/blobs/uploads/"],
    ["PATCH", "/v2/team/app/blobs/uploads/session"],
  ])("%s", async (method, path) => {
    const departed = fakeUpstream(
      () => new Response(null, { status: 307, headers: { Location: `${REGISTRY}/elsewhere` } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(`http://harbor.example.com${path}`, { method });
    expect(response.status).toBe(502);
    expect(response.headers.get("Location")).toBeNull();
    expect(await codeOf(response)).toBe("UNKNOWN");
    expect(departed).toHaveLength(1);
  });
});
