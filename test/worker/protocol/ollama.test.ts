// registry.ollama.ai as it is known to answer, and what the ollama client asks: models, whose blobs are cut into ranges.
import { beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { SeededImage } from "../../registry/types.ts";
import { Ferry, row, startRegistry } from "../ferry.ts";
import { seenBy } from "../client-ferry.ts";

const HOST = "http://ollama.example.com";
const MIRROR = "http://mirror.example.com";
const MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const MODEL = "application/vnd.ollama.image.model";

let registry: RemoteRegistry;
let model: SeededImage;
let manifest: string;
let ferry: Ferry;

/** The weights: of the seeded image's layer, which has so many bytes. */
const weights = (): { digest: string; size: number } => {
  const [layer] = model.manifests[0]?.layers ?? [];
  if (layer === undefined) throw new Error("the model has no layer");
  return layer;
};

beforeEach(async () => {
  registry = await startRegistry({ auth: "none", library: true, ollama: true });
  const repository = "library/llama3";
  model = await registry.seedImage({ repository, index: false, format: "docker", layers: [300_000] });
  const [{ config, layers } = { config: undefined, layers: [] }] = model.manifests;
  manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers: layers.map((layer) => ({ ...layer, mediaType: MODEL })),
  });
  await registry.seedManifest({ repository, reference: "8b", mediaType: MANIFEST, body: manifest });
  ferry = new Ferry({ ollama: row(registry, { registry: "registry.ollama.ai" }), mirror: "*" });
});

/** As the client asks: no token, which it is not told to get, and a type that it does not look at afterwards. */
async function ask(url: string, headers: Record<string, string> = {}, method = "GET"): Promise<Response> {
  return ferry.fetch(url, { method, headers: { "User-Agent": "ollama/0.12.0", ...headers } });
}

const HERE: readonly [string, string][] = [
  [`${HOST}/v2/library/llama3`, ""],
  [`${HOST}/v2/llama3`, ""],
  [`${MIRROR}/v2/library/llama3`, "?ns=registry.ollama.ai"],
  [`${MIRROR}/v2/llama3`, "?ns=registry.ollama.ai"],
  [`${MIRROR}/v2/registry.ollama.ai/llama3`, ""],
];

describe.each(HERE)("a model at %s…%s", (base, query) => {
  // A universal host challenges whoever shows no login, since it is asked for many registries.
  const headers = { Accept: MANIFEST, Authorization: "Bearer ferry.anonymous" };

  it("has its manifest, under the whole name, though the registry has no /v2/", async () => {
    const response = await ask(`${base}/manifests/8b${query}`, headers);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(manifest);
    const paths = (await seenBy(registry)).map(({ path }) => path);
    expect(paths.filter((path) => path !== "/v2/")).not.toEqual([]);
    for (const path of paths) expect(["/v2/", "/v2/library/llama3/manifests/8b"]).toContain(path);
  });

  it("has its blobs by HEAD with their length, whole, and in ranges at the same time", async () => {
    const { digest, size } = weights();
    const url = `${base}/blobs/${digest}${query}`;
    const head = await ask(url, headers, "HEAD");
    expect([head.status, head.headers.get("Content-Length")]).toEqual([200, String(size)]);
    // No redirect: the client would go on at the CDN, which may be out of its reach.
    const whole = await ask(url, headers);
    expect([whole.status, whole.headers.get("Location")]).toEqual([200, null]);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    expect(bytes.byteLength).toBe(size);
    const part = Math.ceil(size / 4);
    const parts = await Promise.all(
      [0, 1, 2, 3].map(async (index) => {
        const [first, last] = [index * part, Math.min(size, (index + 1) * part) - 1];
        const response = await ask(url, { ...headers, Range: `bytes=${first}-${last}` });
        expect(response.status).toBe(206);
        expect(response.headers.get("Content-Range")).toBe(`bytes ${first}-${last}/${size}`);
        return [...new Uint8Array(await response.arrayBuffer())];
      }),
    );
    expect(parts.flat()).toEqual([...bytes]);
  });
});

describe("on a host of its own", () => {
  it("a client without a token is not challenged, since the registry challenges nobody", async () => {
    const response = await ask(`${HOST}/v2/library/llama3/manifests/8b`, { Accept: MANIFEST });
    expect(response.status).toBe(200);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
    const range = await ask(`${HOST}/v2/library/llama3/blobs/${weights().digest}`, { Range: "bytes=10-19" });
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 10]);
  });

  it("HEAD of a tag is answered, and a tag that is not there is 404", async () => {
    const head = await ask(`${HOST}/v2/library/llama3/manifests/8b`, { Accept: MANIFEST }, "HEAD");
    expect(head.status).toBe(200);
    const absent = await ask(`${HOST}/v2/library/llama3/manifests/nosuch`, { Accept: MANIFEST });
    expect(absent.status).toBe(404);
  });

  it("/v2/ is answered for clients that begin with it, and tags that the registry does not list are 404", async () => {
    expect((await ask(`${HOST}/v2/`)).status).toBe(200);
    expect((await ask(`${HOST}/v2/library/llama3/tags/list`)).status).toBe(404);
  });
});

describe("the 404 of another registry's /v2/", () => {
  it("is no openness: it may be a gateway's, and the client is led to what is stored", async () => {
    ferry = new Ferry({ own: row(registry, { registry: "registry.corp.example" }) });
    const response = await ask("http://own.example.com/v2/library/llama3/manifests/8b");
    expect(response.status).toBe(401);
  });
});
