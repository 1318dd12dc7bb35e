// Pulls: what clients read from manifests and blobs, whole and in ranges, and what they are owed when it breaks off.
import { beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions, SeededImage } from "../../registry/types.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";
import { ClientFerry, codeOf, digestOf, layerOf, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const SCOPE = "repository:library/hello:pull";

let registry: RemoteRegistry;
let image: SeededImage;
let ferry: ClientFerry;

async function serve(options: RegistryOptions = {}): Promise<void> {
  registry = await startRegistry({ library: true, ...options });
  image = await registry.seedImage({ repository: "library/hello", layers: [512, 100_000] });
  ferry = new ClientFerry({ docker: row(registry, { library: true }) });
}

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return ferry.pull(`${HOST}/v2/library/hello/${path}`, SCOPE, undefined, init);
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer());
}

describe("docker's pull, request by request", () => {
  beforeEach(() => serve());

  it("ping, token, HEAD by tag, manifests by digest, config and layers, each with its digest and length", async () => {
    const ping = await new Ferry(ferry.env["ROUTES"]).fetch(`${HOST}/v2/`);
    expect(ping.status).toBe(401);
    expect(ping.headers.get("WWW-Authenticate")).toBe(
      'Bearer realm="http://docker.example.com/v2/auth",service="registry.test"',
    );
    const { token } = await ferry.token("docker.example.com", `service=registry.test&scope=${SCOPE}`);
    const headers = { Authorization: `Bearer ${String(token)}` };
    expect((await ferry.fetch(`${HOST}/v2/`, { headers })).status).toBe(200);

    const head = await ferry.fetch(`${HOST}/v2/library/hello/manifests/latest`, { method: "HEAD", headers });
    expect(head.status).toBe(200);
    expect(head.headers.get("Docker-Content-Digest")).toBe(image.digest);
    expect(head.headers.get("Content-Length")).toBe(String(image.size));
    expect(head.headers.get("Content-Type")).toBe(image.mediaType);
    expect(head.body).toBeNull();

    for (const { digest, size, mediaType } of [image, ...image.manifests]) {
      const manifest = await ferry.fetch(`${HOST}/v2/library/hello/manifests/${digest}`, { headers });
      expect(manifest.headers.get("Content-Type")).toBe(mediaType);
      expect(manifest.headers.get("Docker-Content-Digest")).toBe(digest);
      expect(manifest.headers.get("Content-Length")).toBe(String(size));
      expect(await digestOf(await manifest.arrayBuffer())).toBe(digest);
    }
    for (const { digest, size } of image.manifests.flatMap(({ config, layers }) => [config, ...layers])) {
      const blob = await ferry.fetch(`${HOST}/v2/library/hello/blobs/${digest}`, { headers });
      expect(blob.status).toBe(200);
      expect(blob.headers.get("Content-Length")).toBe(String(size));
      expect(await digestOf(await blob.arrayBuffer())).toBe(digest);
    }
  });

  it("HEAD of a blob has length and type without a body", async () => {
    const { digest, size } = layerOf(image);
    const response = await get(`blobs/${digest}`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Length")).toBe(String(size));
    expect(response.headers.get("Accept-Ranges")).toBe("bytes");
    expect(response.body).toBeNull();
    expect((await registry.state()).counters).toMatchObject({ blobHead: 1, blobGet: 0 });
  });

  it("a manifest that the client has is 304 without a body", async () => {
    const response = await get("manifests/latest", { headers: { "If-None-Match": `"${image.digest}"` } });
    expect(response.status).toBe(304);
    expect(response.body).toBeNull();
    expect(response.headers.get("ETag")).toBe(`"${image.digest}"`);
  });

  it("a private repository is its users' only", async () => {
    await registry.setPrivate(["library/hello"]);
    const anonymous = await new Ferry(ferry.env["ROUTES"]).pull(
      `${HOST}/v2/library/hello/manifests/latest`,
      SCOPE,
    );
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get("WWW-Authenticate")).toContain('error="insufficient_scope"');
    const alice = await get("manifests/latest");
    expect(alice.status).toBe(200);
    expect(alice.headers.get("Docker-Content-Digest")).toBe(image.digest);
  });

  it("a revoked token is told so, and never replaced by another", async () => {
    const { token } = await ferry.token("docker.example.com", `scope=${SCOPE}`);
    await registry.revokeTokens();
    const response = await ferry.fetch(`${HOST}/v2/library/hello/manifests/latest`, {
      headers: { Authorization: `Bearer ${String(token)}` },
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe(
      'Bearer realm="http://docker.example.com/v2/auth",service="registry.test",scope="repository:library/hello:pull",' +
        'error="invalid_token"',
    );
  });
});

describe("how a registry answers HEAD of a manifest is left to the client", () => {
  it("405: docker then asks by GET", async () => {
    await serve({ headManifest: 405 });
    expect((await get("manifests/latest", { method: "HEAD" })).status).toBe(405);
    expect((await get("manifests/latest")).status).toBe(200);
  });

  it("without a digest: none is made up", async () => {
    await serve({ headManifest: "no-digest" });
    const response = await get("manifests/latest", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Docker-Content-Digest")).toBeNull();
    expect(response.headers.get("Content-Length")).toBe(String(image.size));
  });
});

describe.each([
  ["by redirect to the CDN", true],
  ["by a relative redirect", "relative"],
  ["direct", false],
] as const)("ranges of blobs that come %s", (_, redirectBlobs) => {
  beforeEach(() => serve({ redirectBlobs }));

  it.each([
    ["bytes=0-0", (size: number) => [0, 0, size]],
    ["bytes=100-199", (size: number) => [100, 199, size]],
    ["bytes=5000-", (size: number) => [5000, size - 1, size]],
    ["bytes=-7", (size: number) => [size - 7, size - 1, size]],
  ])("%s is 206 with the exact Content-Range", async (range, boundsOf) => {
    const { digest, size } = layerOf(image);
    const whole = await bytesOf(await get(`blobs/${digest}`));
    const response = await get(`blobs/${digest}`, { headers: { Range: range } });
    const [first = 0, last = 0, total = 0] = boundsOf(size);
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Range")).toBe(`bytes ${first}-${last}/${total}`);
    expect(response.headers.get("Content-Length")).toBe(String(last - first + 1));
    expect(await bytesOf(response)).toEqual(whole.slice(first, last + 1));
  });

  it("several ranges are multipart/byteranges", async () => {
    const { digest, size } = layerOf(image);
    const response = await get(`blobs/${digest}`, { headers: { Range: "bytes=0-1,10-12" } });
    expect(response.status).toBe(206);
    expect(response.headers.get("Content-Type")).toBe(
      "multipart/byteranges; boundary=registry_ferry_byteranges",
    );
    const text = new TextDecoder("latin1").decode(await response.arrayBuffer());
    const parts = [...text.matchAll(/Content-Range: (bytes \d+-\d+\/\d+)/g)].map(([, part]) => part);
    expect(parts).toEqual([`bytes 0-1/${size}`, `bytes 10-12/${size}`]);
  });

  it("a range beyond the end is 416 with the size, as an OCI error", async () => {
    const { digest, size } = layerOf(image);
    const response = await get(`blobs/${digest}`, { headers: { Range: `bytes=${size}-` } });
    expect(response.status).toBe(416);
    expect(response.headers.get("Content-Range")).toBe(`bytes */${size}`);
    expect(await codeOf(response)).toBe("RANGE_INVALID");
  });

  it.each([
    ["the blob's own", (digest: string) => `"${digest}"`, 206],
    ["another's", () => '"other"', 200],
  ])("If-Range with %s entity tag", async (_name, tagOf, status) => {
    const { digest } = layerOf(image);
    const headers = { Range: "bytes=0-9", "If-Range": tagOf(digest) };
    expect((await get(`blobs/${digest}`, { headers })).status).toBe(status);
  });
});

describe("a blob that breaks off", () => {
  it.each([
    ["at the CDN", true],
    ["at the registry", false],
  ])("%s: the stream errors, it never ends as if it were complete", async (_, redirectBlobs) => {
    await serve({ redirectBlobs, breakBlobAfter: 1000 });
    const { digest, size } = layerOf(image);
    const response = await get(`blobs/${digest}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Length")).toBe(String(size));
    await expect(response.arrayBuffer()).rejects.toThrow();
  });

  it("goes on by Range, as docker, containerd and podman do", async () => {
    await serve({ breakBlobAfter: 1000, breakBlobTimes: 1 });
    const { digest, size } = layerOf(image);
    const broken = await get(`blobs/${digest}`);
    const received: Uint8Array[] = [];
    const read = async (): Promise<void> => {
      const reader = (broken.body as ReadableStream<Uint8Array>).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        received.push(value);
      }
    };
    await expect(read()).rejects.toThrow();
    const start = received.flatMap((chunk) => [...chunk]);
    expect(start).toHaveLength(1000);
    const rest = await get(`blobs/${digest}`, { headers: { Range: `bytes=${start.length}-` } });
    expect(rest.status).toBe(206);
    expect(rest.headers.get("Content-Range")).toBe(`bytes ${start.length}-${size - 1}/${size}`);
    const all = new Uint8Array([...start, ...(await bytesOf(rest))]);
    expect(await digestOf(all)).toBe(digest);
  });
});

describe("an upstream that encodes in spite of identity", () => {
  beforeEach(() => serve({ gzipEncode: true, redirectBlobs: false }));

  it.each([
    ["manifest", (one: SeededImage) => `manifests/${one.digest}`, (one: SeededImage) => one.digest],
    ["blob", (one: SeededImage) => `blobs/${layerOf(one).digest}`, (one: SeededImage) => layerOf(one).digest],
  ])("is decoded: a %s fits its digest, and the encoding's headers are gone", async (_, pathOf, expected) => {
    const response = await get(pathOf(image));
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Encoding")).toBeNull();
    expect(response.headers.get("Content-Length")).toBeNull();
    expect(await digestOf(await response.arrayBuffer())).toBe(expected(image));
    const asked = await seenBy(registry);
    expect(new Set(asked.map(({ headers }) => headers["accept-encoding"]))).toEqual(new Set(["identity"]));
  });

  it("HEAD names neither the encoding nor the encoded length", async () => {
    const response = await get("manifests/latest", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Encoding")).toBeNull();
    expect(response.headers.get("Content-Length")).toBeNull();
  });
});
