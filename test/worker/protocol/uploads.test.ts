// Pushes: uploads in every form that registries give their Location, mounts, and what else writes.
import { beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions } from "../../registry/types.ts";
import { basic, Ferry, row, startRegistry } from "../ferry.ts";
import { codeOf, digestOf, lastSeenBy, layerOf, namesOf, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const CONTENT = "content of a blob that is pushed";

let registry: RemoteRegistry;
let headers: Record<string, string>;
let ferry: Ferry;

async function serve(options: RegistryOptions = {}, rowOptions: Record<string, unknown> = {}): Promise<void> {
  registry = await startRegistry({ library: true, ...options });
  ferry = new Ferry({ docker: row(registry, { library: true, ...rowOptions }) });
  const scopes = "scope=repository:app:pull,push,delete&scope=repository:other:pull";
  const { token } = await ferry.token("docker.example.com", scopes, basic("alice", "alice-password"));
  headers = { Authorization: `Bearer ${String(token)}` };
  await registry.reset();
}

function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const own = Object.fromEntries(new Headers(init.headers));
  return ferry.fetch(HOST + path, { ...init, method, headers: { ...headers, ...own } });
}

/** The next address of an upload: always a path on the client's host, in the client's names. */
function locationOf(response: Response): string {
  const location = response.headers.get("Location") ?? "";
  expect(location).toMatch(/^\/v2\/app\/blobs\/uploads\/[^/]+$/);
  return location;
}

function withDigest(location: string, digest: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
}

async function fetched(digest: string): Promise<string> {
  const response = await send("GET", `/v2/app/blobs/${digest}`);
  return new TextDecoder().decode(await response.arrayBuffer());
}

const GOOGLE = { upload_paths: ["/artifacts-uploads/"] };

function otherHost(one: RemoteRegistry): Record<string, unknown> {
  return { upload_hosts: [new URL(one.cdnUrl).host], upload_paths: ["/uploads/"] };
}

const MODES: [
  mode: NonNullable<RegistryOptions["uploadLocation"]>,
  rowOptions: (r: RemoteRegistry) => object,
][] = [
  ["path", () => ({})],
  ["absolute", () => ({})],
  ["query", () => ({})],
  ["google", () => GOOGLE],
  ["other-host", (one) => otherHost(one)],
];

describe.each(MODES)("uploads at a Location of the kind %j", (uploadLocation, rowOptionsOf) => {
  beforeEach(async () => {
    await serve({ uploadLocation });
    ferry = new Ferry({ docker: row(registry, { library: true, ...rowOptionsOf(registry) }) });
  });

  it("docker's: a chunked PATCH of unknown length, then PUT with the digest", async () => {
    const started = await send("POST", "/v2/app/blobs/uploads/");
    expect(started.status).toBe(202);
    expect(started.headers.get("Range")).toBe("0-0");
    expect(started.headers.get("Docker-Upload-UUID")).toMatch(/^[0-9a-f-]{36}$/);
    const chunks = [CONTENT.slice(0, 10), CONTENT.slice(10)].map((text) => new TextEncoder().encode(text));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const patched = await send("PATCH", locationOf(started), { body });
    expect(patched.status).toBe(202);
    expect(patched.headers.get("Range")).toBe(`0-${CONTENT.length - 1}`);

    const digest = await digestOf(CONTENT);
    const put = await send("PUT", withDigest(locationOf(patched), digest));
    expect(put.status).toBe(201);
    expect(put.headers.get("Location")).toBe(`/v2/app/blobs/${digest}`);
    expect(put.headers.get("Docker-Content-Digest")).toBe(digest);
    expect(await fetched(digest)).toBe(CONTENT);
  });

  it("containerd's: one PUT with its length", async () => {
    const started = await send("POST", "/v2/app/blobs/uploads/");
    const digest = await digestOf(CONTENT);
    const put = await send("PUT", withDigest(locationOf(started), digest), { body: CONTENT });
    expect(put.status).toBe(201);
    const seen = await lastSeenBy(registry, uploadLocation === "other-host" ? "cdn" : "registry");
    expect(seen.headers["content-length"]).toBe(String(CONTENT.length));
    expect(seen.headers["transfer-encoding"]).toBeUndefined();
    expect(seen.headers["authorization"]).toBe(
      uploadLocation === "other-host" ? undefined : headers["Authorization"],
    );
    expect(await fetched(digest)).toBe(CONTENT);
  });

  it("the specification's: chunks with Content-Range, the status between them", async () => {
    let response = await send("POST", "/v2/app/blobs/uploads/");
    for (const [first, last] of [
      [0, 9],
      [10, 19],
    ] as const) {
      response = await send("PATCH", locationOf(response), {
        headers: { "Content-Range": `${first}-${last}`, "Content-Type": "application/octet-stream" },
        body: CONTENT.slice(first, last + 1),
      });
      expect(response.status).toBe(202);
      response = await send("GET", locationOf(response));
      expect(response.status).toBe(204);
      expect(response.headers.get("Range")).toBe(`0-${last}`);
    }
    const digest = await digestOf(CONTENT);
    const put = await send("PUT", withDigest(locationOf(response), digest), {
      headers: { "Content-Range": `20-${CONTENT.length - 1}` },
      body: CONTENT.slice(20),
    });
    expect(put.status).toBe(201);
    expect(await fetched(digest)).toBe(CONTENT);
  });

  it("a chunk out of order is 416, with where to go on", async () => {
    const started = await send("POST", "/v2/app/blobs/uploads/");
    const response = await send("PATCH", locationOf(started), {
      headers: { "Content-Range": "5-9" },
      body: "fives",
    });
    expect(response.status).toBe(416);
    expect(response.headers.get("Range")).toBe("0-0");
  });

  it("an upload that is cancelled is gone", async () => {
    const location = locationOf(await send("POST", "/v2/app/blobs/uploads/"));
    expect((await send("DELETE", location)).status).toBe(204);
    const gone = await send("GET", location);
    expect(gone.status).toBe(404);
    // A CDN's error would be XML; every answer below /v2/ is an OCI error.
    expect(gone.headers.get("Content-Type")).toBe("application/json");
  });
});

describe("the registry's own state", () => {
  it("stays in the query byte for byte, escapes included", async () => {
    await serve({ uploadLocation: "path" });
    const location = locationOf(await send("POST", "/v2/app/blobs/uploads/"));
    expect(location).toMatch(/\?_state=a%2F[A-Za-z0-9_-]+%3D%3D$/);
    await send("PATCH", location, { body: "x" });
    const seen = await lastSeenBy(registry);
    expect(`${seen.path}?${seen.query}`).toBe(location.replace("/v2/app/", "/v2/library/app/"));
  });

  it.each(["query", "google"] as const)("travels hidden where the path is another (%s)", async (mode) => {
    await serve({ uploadLocation: mode }, GOOGLE);
    const location = locationOf(await send("POST", "/v2/app/blobs/uploads/"));
    expect(location).toMatch(/^\/v2\/app\/blobs\/uploads\/~[A-Za-z0-9_-]+$/);
    await send("PATCH", location, { body: "x" });
    const seen = await lastSeenBy(registry);
    expect(seen.status).toBe(202);
    expect(seen.query).toMatch(/state=a%2F[A-Za-z0-9_-]+%3D%3D$/);
  });

  it("on a host that the row does not name is 502, and nothing goes there", async () => {
    await serve({ uploadLocation: "other-host" });
    const response = await send("POST", "/v2/app/blobs/uploads/");
    expect(response.status).toBe(502);
    expect(response.headers.get("Location")).toBeNull();
    expect(await codeOf(response)).toBe("BLOB_UPLOAD_INVALID");
    expect(await seenBy(registry, "cdn")).toEqual([]);
  });

  it("on another host is asked there without anything that could be a credential", async () => {
    await serve({ uploadLocation: "other-host" });
    ferry = new Ferry({
      docker: row(registry, { library: true, ...otherHost(registry) }),
    });
    const location = locationOf(await send("POST", "/v2/app/blobs/uploads/"));
    await send("PATCH", location, { body: "x", headers: { "X-Docker-Token": "secret", Cookie: "a=b" } });
    const seen = await lastSeenBy(registry, "cdn");
    expect(seen.status).toBe(202);
    const allowed = [
      "accept-encoding",
      "cache-control",
      "cf-worker",
      "content-length",
      "content-type",
      "host",
      "pragma",
      "x-real-ip",
    ];
    expect(namesOf(seen.headers)).toEqual(allowed);
  });

  it.each(["~", "~!", "~Zm9v", "~7.L3VwbG9hZHM", `~${btoa("//evil.example.com/x").replaceAll("=", "")}`])(
    "a session that this proxy did not make is 404: %s",
    async (session) => {
      await serve();
      const response = await send("PATCH", `/v2/app/blobs/uploads/${session}`, { body: "x" });
      expect(response.status).toBe(404);
      expect(await seenBy(registry)).toEqual([]);
    },
  );
});

describe("a push in one request", () => {
  beforeEach(() => serve());

  it("POST with the digest is 201, at the client's name", async () => {
    const digest = await digestOf(CONTENT);
    const response = await send("POST", `/v2/app/blobs/uploads/?digest=${digest}`, {
      headers: { "Content-Type": "application/octet-stream" },
      body: CONTENT,
    });
    expect(response.status).toBe(201);
    expect(response.headers.get("Location")).toBe(`/v2/app/blobs/${digest}`);
    expect((await lastSeenBy(registry)).headers["content-length"]).toBe(String(CONTENT.length));
    expect(await fetched(digest)).toBe(CONTENT);
  });

  it("with a wrong digest is the registry's own 400", async () => {
    const digest = await digestOf("something else");
    const response = await send("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: CONTENT });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("DIGEST_INVALID");
  });

  it("an absolute Location of the blob becomes a path", async () => {
    await registry.configure({ uploadLocation: "absolute" });
    const digest = await digestOf(CONTENT);
    const response = await send("POST", `/v2/app/blobs/uploads/?digest=${digest}`, { body: CONTENT });
    expect(response.headers.get("Location")).toBe(`/v2/app/blobs/${digest}`);
  });
});

describe("a mount", () => {
  beforeEach(() => serve());

  it.each(["other", "library/other"])(
    "from %j is of the repository that the registry knows",
    async (from) => {
      const { digest } = layerOf(await registry.seedImage({ repository: "library/other" }));
      const response = await send(
        "POST",
        `/v2/app/blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`,
      );
      expect(response.status).toBe(201);
      expect(response.headers.get("Location")).toBe(`/v2/app/blobs/${digest}`);
      const parameters = new URLSearchParams((await lastSeenBy(registry)).query);
      expect(Object.fromEntries(parameters)).toEqual({ mount: digest, from: "library/other" });
    },
  );

  it("of a blob that is not there begins an upload", async () => {
    const response = await send("POST", `/v2/app/blobs/uploads/?mount=${await digestOf("x")}&from=other`);
    expect(response.status).toBe(202);
    expect((await send("DELETE", locationOf(response))).status).toBe(204);
  });

  it.each(["mount=sha256:a&mount=sha256:b&from=other", "mount=sha256:a&from=other&from=third", "from=UPPER"])(
    "that can be read in two ways or names nothing is 400: %s",
    async (query) => {
      const response = await send("POST", `/v2/app/blobs/uploads/?${query}`);
      expect(response.status).toBe(400);
      expect(await codeOf(response)).toBe("NAME_INVALID");
      expect(await seenBy(registry)).toEqual([]);
    },
  );
});

describe("without the right to push", () => {
  it("the challenge asks for it under the client's name", async () => {
    await serve();
    headers = {};
    const response = await send("POST", "/v2/app/blobs/uploads/");
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      `Bearer realm="${HOST}/v2/auth",service="registry.test",scope="repository:app:pull,push"`,
    );
  });
});
