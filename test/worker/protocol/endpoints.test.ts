// Every endpoint with every method: what reaches the registry, and what does not.
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { SeededImage } from "../../registry/types.ts";
import { row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, digestOf, fakeUpstream, lastSeenBy, layerOf } from "../client-ferry.ts";

const HOST = "http://harbor.example.com";
const DIGEST = `sha256:${"0".repeat(64)}`;

let registry: RemoteRegistry;
let image: SeededImage;
let ferry: ClientFerry;

beforeAll(async () => {
  registry = await startRegistry({ auth: "none", redirectBlobs: false });
});

beforeEach(async () => {
  image = await registry.seedImage({ repository: "team/app", tag: "v1" });
  ferry = new ClientFerry({ harbor: row(registry) });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an endpoint reaches the registry with its own method, path and status", () => {
  const rows: [method: string, path: (image: SeededImage) => string, status: number][] = [
    ["GET", () => "/v2/", 200],
    ["HEAD", () => "/v2/", 200],
    ["GET", () => "/v2/_catalog", 200],
    ["HEAD", () => "/v2/_catalog", 200],
    ["GET", () => "/v2/team/app/manifests/v1", 200],
    ["HEAD", () => "/v2/team/app/manifests/v1", 200],
    ["GET", ({ digest }) => `/v2/team/app/manifests/${digest}`, 200],
    ["HEAD", ({ digest }) => `/v2/team/app/manifests/${digest}`, 200],
    ["GET", () => "/v2/team/app/manifests/nosuchtag", 404],
    ["HEAD", () => "/v2/team/app/manifests/nosuchtag", 404],
    ["GET", (one) => `/v2/team/app/blobs/${layerOf(one).digest}`, 200],
    ["HEAD", (one) => `/v2/team/app/blobs/${layerOf(one).digest}`, 200],
    ["GET", () => `/v2/team/app/blobs/${DIGEST}`, 404],
    ["GET", () => "/v2/team/app/tags/list", 200],
    ["HEAD", () => "/v2/team/app/tags/list", 200],
    ["GET", ({ digest }) => `/v2/team/app/referrers/${digest}`, 200],
    ["HEAD", ({ digest }) => `/v2/team/app/referrers/${digest}`, 200],
    ["POST", () => "/v2/team/app/blobs/uploads/", 202],
    ["GET", () => "/v2/team/app/blobs/uploads/nosuchsession", 404],
    ["PATCH", () => "/v2/team/app/blobs/uploads/nosuchsession", 404],
    ["PUT", () => "/v2/team/app/blobs/uploads/nosuchsession", 404],
    ["DELETE", () => "/v2/team/app/blobs/uploads/nosuchsession", 404],
    ["DELETE", () => "/v2/team/app/manifests/v1", 202],
    ["DELETE", ({ digest }) => `/v2/team/app/manifests/${digest}`, 202],
    ["DELETE", (one) => `/v2/team/app/blobs/${layerOf(one).digest}`, 202],
    ["DELETE", () => `/v2/team/app/blobs/${DIGEST}`, 404],
  ];
  it.each(rows)("%s %s is %i", async (method, pathOf, status) => {
    const path = pathOf(image);
    const response = await ferry.fetch(HOST + path, { method });
    expect(response.status).toBe(status);
    const seen = await lastSeenBy(registry);
    expect({ method: seen.method, path: seen.path, query: seen.query }).toEqual({ method, path, query: "" });
    if (method === "HEAD") expect(response.body).toBeNull();
  });

  it("`/v2` is `/v2/`", async () => {
    const response = await ferry.fetch(`${HOST}/v2`);
    expect(response.status).toBe(200);
    expect((await lastSeenBy(registry)).path).toBe("/v2/");
  });

  it("`blobs/uploads` without its slash starts an upload", async () => {
    const response = await ferry.fetch(`${HOST}/v2/team/app/blobs/uploads`, { method: "POST" });
    expect(response.status).toBe(202);
    expect((await lastSeenBy(registry)).path).toBe("/v2/team/app/blobs/uploads/");
  });

  it("a digest whose colon is escaped is the digest", async () => {
    const response = await ferry.fetch(`${HOST}/v2/team/app/manifests/${image.digest.replace(":", "%3A")}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Docker-Content-Digest")).toBe(image.digest);
  });

  it("a name that holds the protocol's words is a name", async () => {
    await registry.seedImage({ repository: "a/manifests/b/blobs/uploads/tags" });
    const response = await ferry.fetch(`${HOST}/v2/a/manifests/b/blobs/uploads/tags/tags/list`);
    expect(await response.json()).toEqual({ name: "a/manifests/b/blobs/uploads/tags", tags: ["latest"] });
  });
});

describe("a manifest that is put arrives byte for byte", () => {
  it.each([
    ["by tag", "copy"],
    ["by digest, with tags in the query", ""],
  ])("%s", async (_, tag) => {
    const body = await (await ferry.fetch(`${HOST}/v2/team/app/manifests/v1`)).text();
    const digest = await digestOf(body);
    const target = tag === "" ? `${digest}?tag=copy&tag=second` : tag;
    const response = await ferry.fetch(`${HOST}/v2/team/app/manifests/${target}`, {
      method: "PUT",
      headers: { "Content-Type": image.mediaType },
      body,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
    expect(response.headers.get("Location")).toBe(`/v2/team/app/manifests/${digest}`);
    expect(response.headers.get("OCI-Tag")).toBe(tag === "" ? "copy, second" : null);
    const seen = await lastSeenBy(registry);
    expect(seen.headers["content-type"]).toBe(image.mediaType);
    expect(seen.headers["content-length"]).toBe(String(body.length));
    expect(seen.query).toBe(tag === "" ? "tag=copy&tag=second" : "");
    const copy = await ferry.fetch(`${HOST}/v2/team/app/manifests/copy`);
    expect(await copy.text()).toBe(body);
  });
});

describe("a query arrives byte for byte", () => {
  const QUERIES = [
    "?n=2&last=a%2Fb",
    "?artifactType=application%2Fvnd.example+json",
    "?n=1;last=2&x=%zz&y&=z",
    "?x=%E4%ff&x=%e4&last=a+b%20c=",
    "?_state=a%2Fb%3D%3D~'()*!$,:@",
  ];
  const PATHS: [method: string, path: string][] = [
    ["GET", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["GET", "/v2/team/app/tags/list"],
    ["HEAD", "/v2/team/app/manifests/v1"],
    ["DELETE", "/v2/team/app/manifests/v1"],
    ["PUT", `/v2/team/app/manifests/${DIGEST}`],
    ["GET", `/v2/team/app/blobs/${DIGEST}`],
    ["GET", `/v2/team/app/referrers/${DIGEST}`],
    ["POST", "/v2/team/app/blobs/uploads/"],
    ["PATCH", "/v2/team/app/blobs/uploads/session"],
  ];
  it.each(PATHS)("%s %s", async (method, path) => {
    const departed = fakeUpstream(() => new Response(null, { status: 404 }));
    for (const query of QUERIES) await ferry.fetch(HOST + path + query, { method });
    // The platform's URL parser has escaped the apostrophe before the Worker sees it.
    const expected = QUERIES.map((query) => registry.url + path + query.replace("'", "%27"));
    expect(departed.map(({ url }) => url.href)).toEqual(expected);
  });

  it("empty parts included", async () => {
    const departed = fakeUpstream(() => new Response(null, { status: 404 }));
    await ferry.fetch(`${HOST}/v2/team/app/tags/list?n=1&&last=x&`);
    expect(departed[0]?.url.search).toBe("?n=1&&last=x&");
  });
});

describe("a method that an endpoint does not have is 405 with Allow, and nothing leaves", () => {
  const ENDPOINTS: [path: string, allow: string][] = [
    ["/v2/", "GET, HEAD"],
    ["/v2/_catalog", "GET, HEAD"],
    ["/v2/team/app/tags/list", "GET, HEAD"],
    [`/v2/team/app/referrers/${DIGEST}`, "GET, HEAD"],
    ["/v2/team/app/manifests/v1", "GET, HEAD, PUT, DELETE"],
    [`/v2/team/app/manifests/${DIGEST}`, "GET, HEAD, PUT, DELETE"],
    [`/v2/team/app/blobs/${DIGEST}`, "GET, HEAD, DELETE"],
    ["/v2/team/app/blobs/uploads/", "POST"],
    ["/v2/team/app/blobs/uploads/session", "GET, HEAD, PATCH, PUT, DELETE"],
    ["/v2/auth", "GET, POST"],
    ["/", "GET, HEAD"],
    ["/robots.txt", "GET, HEAD"],
    ["/healthz", "GET, HEAD"],
  ];
  const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
  const rows = ENDPOINTS.flatMap(([path, allow]) =>
    METHODS.filter((method) => !allow.split(", ").includes(method)).map((method) => [method, path, allow]),
  );
  it.each(rows)("%s %s", async (method = "", path = "", allow = "") => {
    const departed = fakeUpstream(() => new Response(null, { status: 200 }));
    const response = await ferry.fetch(HOST + path, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("Allow")).toBe(allow);
    expect(departed).toEqual([]);
    if (method === "HEAD") expect(response.body).toBeNull();
    else expect(await codeOf(response)).toBe("UNSUPPORTED");
  });
});

describe("a path that is no endpoint is 404, and nothing leaves", () => {
  it.each([
    "/v2/team/app",
    "/v2/team/app/",
    "/v2/team/app/tags",
    "/v2/team/app/tags/list/",
    "/v2/team/app/tags/other",
    "/v2/_catalog/",
    "/v2/_oci/ext/discover",
    "/v2/auth/",
    "/v2/token",
    "/v3/",
    "/token",
    "/index.html",
    "/favicon.ico",
    "/.well-known/security.txt",
    "/artifacts-uploads/namespaces/x/uploads/y",
  ])("%s", async (path) => {
    const departed = fakeUpstream(() => new Response(null, { status: 200 }));
    const response = await ferry.fetch(HOST + path);
    expect(response.status).toBe(404);
    expect(await codeOf(response)).toBe("NAME_UNKNOWN");
    expect(departed).toEqual([]);
  });

  it("but a repository may be called `auth` or `token`", async () => {
    await registry.seedImage({ repository: "auth" });
    await registry.seedImage({ repository: "auth/token" });
    const statuses = await Promise.all(
      ["auth", "auth/token"].map(async (name) => (await ferry.fetch(`${HOST}/v2/${name}/tags/list`)).status),
    );
    expect(statuses).toEqual([200, 200]);
  });
});
