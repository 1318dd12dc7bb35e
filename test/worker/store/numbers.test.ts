// The numbers of a pull: what reaches the registry, cold, warm, within a tag's lifetime, and while it is in trouble.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACCEPT } from "../../registry/accept.ts";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { SeededImage } from "../../registry/types.ts";
import { Ferry, forgetIsolate, row, startRegistry } from "../ferry.ts";

const HOST = "http://docker.example.com";
let registry: RemoteRegistry;
let image: SeededImage;
let ferry: Ferry;
const LAYERS = [2000, 3000, 4000, 5000, 6000];

beforeEach(async () => {
  registry = await startRegistry({ library: true });
  image = await registry.seedImage({ repository: "library/app", layers: LAYERS });
  ferry = new Ferry({ docker: row(registry, { library: true, registry: "docker.io" }) });
});
afterEach(async () => {
  vi.useRealTimers();
  await registry.close();
});

/** What Docker Engine (graphdriver store) asks: ping, token, HEAD tag, two manifests, config and layers. */
async function dockerPull(): Promise<{ requests: number; caches: (string | null)[] }> {
  let requests = 0;
  const caches: (string | null)[] = [];
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    requests += 1;
    return ferry.fetch(`${HOST}${path}`, init);
  };
  const ping = await ask("/v2/");
  expect(ping.status).toBe(401);
  const answer = await ask("/v2/auth?service=x&scope=repository:app:pull");
  const token = await answer.json<{ token: string }>();
  const headers = { Authorization: `Bearer ${token.token}`, Accept: ACCEPT };
  const get = async (path: string, method = "GET"): Promise<Response> => {
    const response = await ask(path, { headers, method });
    expect(response.status, `${method} ${path}`).toBe(200);
    caches.push(response.headers.get("X-Cache"));
    if (method === "GET") await response.clone().arrayBuffer();
    return response;
  };
  const head = await get("/v2/app/manifests/latest", "HEAD");
  expect(head.headers.get("Docker-Content-Digest")).toBe(image.digest);
  expect(head.headers.get("Content-Length")).toBe(String(image.size));
  await get(`/v2/app/manifests/${image.digest}`);
  const [manifest] = image.manifests;
  if (manifest === undefined) throw new Error("no manifest");
  await get(`/v2/app/manifests/${manifest.digest}`);
  for (const blob of [manifest.config, ...manifest.layers]) await get(`/v2/app/blobs/${blob.digest}`);
  return { requests, caches };
}

async function upstream(): Promise<{
  all: number;
  manifestGet: number;
  manifestHead: number;
  token: number;
  ping: number;
}> {
  const { counters } = await registry.state();
  return {
    all: counters.registry + counters.token + counters.cdn,
    manifestGet: counters.manifestGet,
    manifestHead: counters.manifestHead,
    token: counters.token,
    ping: counters.ping,
  };
}

describe("requests of a docker pull of an image with N = 5 layers", () => {
  it("cold: 2N+6, and one to learn the challenge; N+6 at the Worker and the last", async () => {
    const { requests } = await dockerPull();
    const n = LAYERS.length;
    expect(requests).toBe(n + 5 + 1);
    expect(await upstream()).toEqual({
      all: 2 * n + 6 + 1,
      manifestGet: 2,
      manifestHead: 1,
      token: 1,
      ping: 1,
    });
  });

  it("again within the tag's lifetime: none", async () => {
    await dockerPull();
    await registry.reset();
    const { caches } = await dockerPull();
    expect(await upstream()).toEqual({ all: 0, manifestGet: 0, manifestHead: 0, token: 0, ping: 0 });
    expect(new Set(caches)).toEqual(new Set(["hit"]));
  });

  it("in another isolate of the same data centre, within the tag's lifetime: the challenge only", async () => {
    await dockerPull();
    await registry.reset();
    forgetIsolate();
    await dockerPull();
    expect(await upstream()).toEqual({ all: 1, manifestGet: 0, manifestHead: 0, token: 0, ping: 1 });
  });

  it("warm: exactly one, the HEAD of the tag, which no registry counts", async () => {
    await dockerPull();
    await registry.reset();
    vi.useFakeTimers({ now: Date.now() + 61_000, toFake: ["Date"] });
    await dockerPull();
    expect(await upstream()).toEqual({ all: 1, manifestGet: 0, manifestHead: 1, token: 0, ping: 0 });
  });

  it.each([
    ["429", { fail: 429 }],
    ["503", { fail: 503 }],
    ["a closed socket", { fail: "drop" }],
  ] as const)("stale: pulls while the registry answers %s", async (_, failure) => {
    await dockerPull();
    vi.useFakeTimers({ now: Date.now() + 3600_000, toFake: ["Date"] });
    forgetIsolate();
    await registry.configure({ ...failure, failToken: failure.fail });
    const { caches } = await dockerPull();
    expect(new Set(caches)).toEqual(new Set(["stale"]));
  });
});
