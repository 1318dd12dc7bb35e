// Headers pass by lists (src/upstream/headers.ts), in both directions: the whole set is asserted, not samples.
import { afterEach, describe, expect, it, vi } from "vitest";
import { Ferry, row, startRegistry } from "../ferry.ts";
import {
  CLIENT_BEARER,
  ClientFerry,
  fakeUpstream,
  lastSeenBy,
  layerOf,
  namesOf,
  seenBy,
} from "../client-ferry.ts";

const REMOTE = { harbor: { upstream: "https://registry.example.net" } };
const TAG = "http://harbor.example.com/v2/team/app/manifests/v1";

/** Set by the Worker, so that Cloudflare does not set it to the client's address (S14). */
const NO_ADDRESS = { "x-real-ip": "198.51.100.1" };

/** What workerd and the test runner put on a request by themselves; no-cache comes of `cache: "no-store"`. */
const RUNTIME = ["host", "cache-control", "pragma", "cf-worker"];

const PASSED_UP = {
  Accept: "application/vnd.oci.image.index.v1+json, */*",
  Authorization: "Bearer of-the-client",
  "Content-Type": "application/vnd.oci.image.index.v1+json",
  "Content-Length": "2",
  "Content-Range": "0-1",
  Range: "bytes=0-1",
  "If-Range": '"a"',
  "If-Match": '"b"',
  "If-None-Match": '"c"',
  "If-Modified-Since": "Tue, 01 Sep 2026 00:00:00 GMT",
  "User-Agent": "docker/29.0.0 UpstreamClient(Docker-Client/29.0.0)",
  "Docker-Distribution-Api-Version": "registry/2.0",
  "X-Docker-Token": "true",
};

const KEPT_FROM_UPSTREAM = {
  "Accept-Encoding": "zstd;q=1.0, gzip;q=0.8",
  Cookie: "session=secret",
  Referer: "http://intranet.example.com/",
  Origin: "http://intranet.example.com",
  Forwarded: "for=192.0.2.7",
  Via: "1.1 office",
  "X-Forwarded-For": "192.0.2.7",
  "X-Forwarded-Host": "harbor.example.com",
  "X-Forwarded-Proto": "https",
  "X-Real-IP": "192.0.2.7",
  "True-Client-IP": "192.0.2.7",
  "CF-Connecting-IP": "192.0.2.7",
  "CF-IPCountry": "NL",
  "CF-Visitor": '{"scheme":"https"}',
  "Proxy-Authorization": "Basic c2VjcmV0",
  "Cache-Control": "max-age=0",
  "Sec-Fetch-Mode": "cors",
  "Accept-Language": "nl",
  TE: "trailers",
  "X-Registry-Auth": "secret",
  "X-Api-Key": "secret",
};

const PASSED_DOWN = {
  "Content-Type": "application/vnd.oci.image.index.v1+json",
  "Content-Length": "2",
  "Content-Range": "bytes 0-1/9",
  "Accept-Ranges": "bytes",
  Range: "0-1",
  ETag: '"etag"',
  "Last-Modified": "Tue, 01 Sep 2026 00:00:00 GMT",
  Age: "3",
  Date: "Wed, 02 Sep 2026 00:00:00 GMT",
  "Retry-After": "7",
  Allow: "GET",
  Warning: '299 - "be warned"',
  "Docker-Content-Digest": `sha256:${"a".repeat(64)}`,
  "Docker-Distribution-Api-Version": "registry/2.0",
  "Docker-Upload-UUID": "5e5510",
  "RateLimit-Limit": "100;w=21600",
  "RateLimit-Remaining": "76;w=21600",
  "X-RateLimit-Limit": "44000",
  "X-RateLimit-Reset": "60",
  "OCI-Subject": `sha256:${"b".repeat(64)}`,
  "OCI-Filters-Applied": "artifactType",
  "OCI-Chunk-Min-Length": "5242880",
};

/** What every answer but our own page has (S19). */
const INERT = {
  "content-security-policy": "default-src 'none'; sandbox",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

const KEPT_FROM_CLIENT = {
  "Set-Cookie": "session=upstream",
  Server: "nginx",
  Via: "1.1 varnish",
  "Alt-Svc": 'h3=":443"',
  "Strict-Transport-Security": "max-age=1",
  NEL: "{}",
  "Report-To": "{}",
  "CF-Ray": "upstream",
  "CF-Cache-Status": "HIT",
  "X-Amz-Request-Id": "1",
  "X-Goog-Hash": "2",
  "X-Ms-Version": "3",
  "X-GitHub-Request-Id": "4",
  "Docker-RateLimit-Source": "192.0.2.1",
  "Content-Disposition": "attachment",
  "Content-Language": "en",
  "Content-Security-Policy": "default-src *",
  "Access-Control-Allow-Origin": "*",
  Refresh: "0; url=http://evil.example.com",
  "X-Powered-By": "x",
  Vary: "Cookie",
  Expires: "0",
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("from the client to the registry", () => {
  it("exactly the list passes, with its values, and identity", async () => {
    const departed = fakeUpstream(() => new Response("{}"));
    await new ClientFerry(REMOTE).fetch(TAG, { headers: { ...PASSED_UP, ...KEPT_FROM_UPSTREAM } });
    expect(departed).toHaveLength(1);
    const { headers } = departed[0] ?? { headers: new Headers() };
    const expected = new Headers({ ...PASSED_UP, ...NO_ADDRESS, "Accept-Encoding": "identity" });
    expect(Object.fromEntries(headers)).toEqual(Object.fromEntries(expected));
  });

  it("a request of a bearer alone gets nothing but identity", async () => {
    const departed = fakeUpstream(() => new Response("{}"));
    await new ClientFerry(REMOTE).fetch(TAG);
    expect(Object.fromEntries(departed[0]?.headers ?? [])).toEqual({
      ...NO_ADDRESS,
      "accept-encoding": "identity",
      authorization: CLIENT_BEARER,
    });
  });

  it("repeated Accept lines all arrive, in order", async () => {
    const departed = fakeUpstream(() => new Response("{}"));
    const headers = new Headers();
    headers.append("Accept", "application/vnd.oci.image.manifest.v1+json");
    headers.append("Accept", "application/vnd.oci.image.index.v1+json");
    await new ClientFerry(REMOTE).fetch(TAG, { headers });
    expect(departed[0]?.headers.get("Accept")).toBe(
      "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json",
    );
  });

  it("on the wire, the registry and its CDN see the same", async () => {
    const registry = await startRegistry();
    const image = await registry.seedImage({ repository: "team/app" });
    const ferry = new ClientFerry({ harbor: row(registry) });
    const ofBodies = ["Content-Length", "Content-Type", "Authorization"];
    const sendable = Object.fromEntries(
      Object.entries(PASSED_UP).filter(([name]) => !ofBodies.includes(name)),
    );
    await registry.reset();
    const response = await ferry.pull(
      `http://harbor.example.com/v2/team/app/blobs/${layerOf(image).digest}`,
      "repository:team/app:pull",
      undefined,
      { headers: { ...sendable, ...KEPT_FROM_UPSTREAM } },
    );
    await response.arrayBuffer();
    const toRegistry = await lastSeenBy(registry);
    const expected = [
      ...namesOf(sendable),
      "accept-encoding",
      "authorization",
      "x-real-ip",
      ...RUNTIME,
    ].sort();
    expect(namesOf(toRegistry.headers)).toEqual(expected);
    expect(toRegistry.headers["accept-encoding"]).toBe("identity");
    const toCdn = await lastSeenBy(registry, "cdn");
    const kept = expected.filter((name) => name !== "authorization" && name !== "x-docker-token");
    expect(namesOf(toCdn.headers)).toEqual(kept);
    expect(toCdn.headers["range"]).toBe("bytes=0-1");
  });

  it("a token service sees the credentials and nothing else of the client", async () => {
    const registry = await startRegistry();
    const ferry = new ClientFerry({ harbor: row(registry) });
    const response = await ferry.fetch("http://harbor.example.com/v2/auth?scope=repository:team/app:pull", {
      headers: {
        ...KEPT_FROM_UPSTREAM,
        "User-Agent": "docker/29",
        Authorization: `Basic ${btoa("alice:alice-password")}`,
      },
    });
    expect(response.status).toBe(200);
    const [ping] = await seenBy(registry);
    expect(namesOf(ping?.headers ?? {})).toEqual(
      ["accept", "accept-encoding", "x-real-ip", ...RUNTIME].sort(),
    );
    const { headers } = await lastSeenBy(registry, "token");
    expect(namesOf(headers)).toEqual(
      ["accept", "accept-encoding", "authorization", "x-real-ip", ...RUNTIME].sort(),
    );
    expect(headers["accept-encoding"]).toBe("identity");
  });
});

describe("from the registry to the client", () => {
  it.each(["GET", "HEAD"])("exactly the list passes (%s)", async (method) => {
    fakeUpstream(
      ({ method: asked }) =>
        new Response(asked === "HEAD" ? null : "{}", { headers: { ...PASSED_DOWN, ...KEPT_FROM_CLIENT } }),
    );
    const response = await new ClientFerry(REMOTE).fetch(TAG, { method });
    const expected = new Headers({ ...PASSED_DOWN, ...INERT, "Cache-Control": "private, no-transform" });
    expect(Object.fromEntries(response.headers)).toEqual(Object.fromEntries(expected));
  });

  it.each([
    ["", "no-transform"],
    ["public, max-age=60", "public, max-age=60, no-transform"],
    ["private,no-transform", "private,no-transform"],
    ["No-Transform", "No-Transform"],
  ])("Cache-Control %j becomes %j for nobody", async (sent, expected) => {
    fakeUpstream(() => new Response("{}", { headers: sent === "" ? {} : { "Cache-Control": sent } }));
    const response = await new Ferry(REMOTE).fetch("http://harbor.example.com/v2/team/app/tags/list");
    expect(response.headers.get("Cache-Control")).toBe(expected);
  });

  it("a manifest of the embedded registry", async () => {
    const registry = await startRegistry({ auth: "none", quota: 5 });
    const image = await registry.seedImage({ repository: "team/app", tag: "v1" });
    const response = await new ClientFerry({ harbor: row(registry) }).fetch(TAG);
    expect(namesOf(response.headers)).toEqual([
      "cache-control",
      "content-length",
      "content-security-policy",
      "content-type",
      "cross-origin-resource-policy",
      "date",
      "docker-content-digest",
      "docker-distribution-api-version",
      "etag",
      "ratelimit-limit",
      "ratelimit-remaining",
      "x-content-type-options",
    ]);
    expect(response.headers.get("Content-Length")).toBe(String(image.size));
    expect(response.headers.get("RateLimit-Remaining")).toBe("4;w=21600");
  });

  it("a blob that came from the CDN has the registry's words and the CDN's", async () => {
    const registry = await startRegistry({ auth: "none" });
    const image = await registry.seedImage({ repository: "team/app" });
    const { digest, size } = layerOf(image);
    const response = await new ClientFerry({ harbor: row(registry) }).fetch(
      `http://harbor.example.com/v2/team/app/blobs/${digest}`,
    );
    await response.arrayBuffer();
    expect(Object.fromEntries(response.headers)).toEqual({
      ...INERT,
      date: expect.stringMatching(/ GMT$/) as string,
      "accept-ranges": "bytes",
      "cache-control": "private, no-transform",
      "content-length": String(size),
      "content-type": "application/octet-stream",
      "docker-distribution-api-version": "registry/2.0",
      etag: `"${digest}"`,
    });
  });

  it("what the registry said beside its redirect is not lost, and wins over the CDN's", async () => {
    fakeUpstream(({ url }) =>
      url.host === "registry.example.net"
        ? new Response(null, {
            status: 307,
            headers: {
              Location: "https://cdn.example.org/blob",
              "Docker-Content-Digest": `sha256:${"a".repeat(64)}`,
              "RateLimit-Remaining": "75;w=21600",
              "Set-Cookie": "a=b",
              ETag: '"of-the-redirect"',
            },
          })
        : new Response("bytes", {
            headers: {
              "Content-Type": "application/octet-stream",
              "Docker-Content-Digest": "of-the-cdn",
              ETag: '"of-the-blob"',
              "X-Amz-Id-2": "x",
            },
          }),
    );
    const response = await new ClientFerry(REMOTE).fetch(
      `http://harbor.example.com/v2/team/app/blobs/sha256:${"a".repeat(64)}`,
    );
    expect(Object.fromEntries(response.headers)).toEqual({
      ...INERT,
      "content-type": "application/octet-stream",
      "cache-control": "private, no-transform",
      "docker-content-digest": `sha256:${"a".repeat(64)}`,
      etag: '"of-the-blob"',
      "ratelimit-remaining": "75;w=21600",
    });
  });
});
