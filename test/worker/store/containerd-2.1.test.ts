// containerd 2.1.0 to 2.1.2 ask for everything with `Range: bytes=0-`, and their likes cut layers into ranges: the first is the
// whole, and is kept, the second pass (S18).
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Descriptor, SeededImage } from "../../registry/types.ts";
import { digestOf } from "../client-ferry.ts";
import { forgetIsolate } from "../ferry.ts";
import { ANONYMOUS, firstOf, isKept, passTime, Played, SECOND, Stage } from "./stage.ts";

const { BLOBS } = env as unknown as { BLOBS: R2Bucket };
const APP = "library/app";
const WHOLE = "bytes=0-";
const MIB = 1024 * 1024;
/** As containerd's resolver says it. */
const RESOLVES = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "*/*",
].join(", ");

interface Fetched {
  readonly status: number;
  readonly cache: string | null;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** Of the bytes. */
  readonly digest: string;
}

/** containerd 2.1.0, as far as a registry sees it. */
class Containerd {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async ask(path: string, headers: Record<string, string>, method = "GET"): Promise<Fetched> {
    const url = `http://docker.example.com/v2/${APP}/${path}`;
    const all = { "User-Agent": "containerd/2.1.0", ...ANONYMOUS, ...headers };
    const response = await this.#stage.ferry.fetch(url, { method, headers: all });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const digest = `sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    return {
      status: response.status,
      cache: response.headers.get("X-Cache"),
      headers: response.headers,
      bytes,
      digest,
    };
  }

  /** Its fetcher: whatever it is, it is asked from its first byte on. */
  async fetch(kind: "blobs" | "manifests", { digest, mediaType, size }: Descriptor): Promise<Fetched> {
    const fetched = await this.ask(`${kind}/${digest}`, { Accept: `${mediaType}, */*`, Range: WHOLE });
    // It takes both, if what comes has the length of what it asked for.
    expect([200, 206], digest).toContain(fetched.status);
    expect(fetched.headers.get("Content-Length")).toBe(String(size));
    expect([fetched.bytes.byteLength, fetched.digest]).toEqual([size, digest]);
    if (fetched.status === 206) {
      expect(fetched.headers.get("Content-Range")).toBe(`bytes 0-${size - 1}/${size}`);
    }
    return fetched;
  }

  /** @returns what X-Cache said, and the statuses, layers last */
  async pull(image: SeededImage): Promise<string[]> {
    const head = await this.ask(`manifests/${image.tag}`, { Accept: RESOLVES }, "HEAD");
    expect(head.headers.get("Docker-Content-Digest")).toBe(image.digest);
    const manifest = firstOf(image);
    const answers: Fetched[] = [];
    for (const document of [image, manifest]) answers.push(await this.fetch("manifests", document));
    const blobs = [manifest.config, ...manifest.layers].map((blob) => this.fetch("blobs", blob));
    answers.push(...(await Promise.all(blobs)));
    return answers.map(({ cache, status }) => `${status} ${String(cache)}`);
  }
}

/** An image of five layers. */
async function scene(
  variables: Record<string, unknown> = {},
): Promise<{ stage: Stage; image: SeededImage; containerd: Containerd; layer: Descriptor }> {
  const stage = await Stage.open({ redirectBlobs: true }, {}, variables);
  const image = await stage.registry.seedImage({ repository: APP, layers: [1000, 2000, 3000, 4000, 5000] });
  const [layer] = firstOf(image).layers;
  if (layer === undefined) throw new TypeError("no layer");
  return { stage, image, containerd: new Containerd(stage), layer };
}

async function upstream({ registry }: Stage): Promise<Record<string, number>> {
  const { blobGet, cdn, manifestGet, manifestHead, ping, token } = (await registry.state()).counters;
  return { blobGet, cdn, manifestGet, manifestHead, ping, token };
}

const NOTHING = { blobGet: 0, cdn: 0, manifestGet: 0, manifestHead: 0, ping: 0, token: 0 };
const [FIRST, SECOND_PULL] = (["miss", "hit"] as const).map((cache) => [
  `200 ${cache}`,
  `200 ${cache}`,
  ...Array.from({ length: 6 }, () => `206 ${cache}`),
]);

describe("S11: what containerd 2.1.0 pulls", () => {
  it("is all kept by the first pull, and the second asks the registry for nothing", async () => {
    const { containerd, image, stage } = await scene();
    expect(await containerd.pull(image)).toEqual(FIRST);
    expect(await upstream(stage)).toMatchObject({ blobGet: 6, cdn: 6, manifestGet: 2, manifestHead: 1 });
    const { requests } = await stage.registry.state();
    expect(requests.filter(({ headers }) => "range" in headers)).toEqual([]);
    await stage.registry.reset();
    expect(await containerd.pull(image)).toEqual(SECOND_PULL);
    expect(await upstream(stage)).toEqual(NOTHING);
  });

  it("costs one HEAD once TAG_TTL is over, and another isolate nothing", async () => {
    const { containerd, image, stage } = await scene();
    await containerd.pull(image);
    await stage.registry.reset();
    passTime(61 * SECOND);
    expect(await containerd.pull(image)).toEqual(SECOND_PULL);
    expect(await upstream(stage)).toEqual({ ...NOTHING, manifestHead: 1 });
    await stage.registry.reset();
    forgetIsolate();
    expect(await containerd.pull(image)).toEqual(SECOND_PULL);
    expect(await upstream(stage)).toEqual(NOTHING);
  });

  it("is whole for a client without ranges, whoever was first", async () => {
    const { containerd, layer } = await scene();
    await containerd.fetch("blobs", layer);
    const plain = await containerd.ask(`blobs/${layer.digest}`, {});
    expect([plain.status, plain.cache, plain.digest]).toEqual([200, "hit", layer.digest]);
    expect(plain.headers.get("Content-Range")).toBeNull();
  });
});

describe("S18: bytes=0- of a blob", () => {
  it.each(["from the registry", "from the store"])("%s is 206, with all that a part says", async (from) => {
    const { containerd, layer } = await scene();
    if (from === "from the store") await containerd.ask(`blobs/${layer.digest}`, {});
    const { cache, headers, status } = await containerd.fetch("blobs", layer);
    expect([status, cache]).toEqual([206, from === "from the store" ? "hit" : "miss"]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "accept-ranges": "bytes",
      "content-length": String(layer.size),
      "content-range": `bytes 0-${layer.size - 1}/${layer.size}`,
      etag: `"${layer.digest}"`,
    });
  });

  it.each([
    ["its own", (digest: string) => `"${digest}"`, 206],
    ["another", () => '"sha256:0"', 200],
    ["a weak one", (digest: string) => `W/"${digest}"`, 200],
    ["a date", () => "Thu, 01 Jan 2026 00:00:00 GMT", 200],
  ])("with If-Range of %s is 206 or the whole, and kept", async (_, tag, status) => {
    const { containerd, layer, stage } = await scene();
    const headers = { Range: WHOLE, "If-Range": tag(layer.digest) };
    for (const cache of ["miss", "hit"]) {
      const answer = await containerd.ask(`blobs/${layer.digest}`, headers);
      expect([answer.status, answer.cache, answer.digest]).toEqual([status, cache, layer.digest]);
    }
    expect(await upstream(stage)).toMatchObject({ blobGet: 1 });
  });

  it("is ignored by HEAD", async () => {
    const { containerd, layer } = await scene();
    for (const round of ["not here", "here"]) {
      if (round === "here") await containerd.fetch("blobs", layer);
      const { headers, status } = await containerd.ask(`blobs/${layer.digest}`, { Range: WHOLE }, "HEAD");
      expect([status, headers.get("Content-Range")]).toEqual([200, null]);
      expect(headers.get("Content-Length")).toBe(String(layer.size));
    }
  });

  it("without bytes is 200, and kept", async () => {
    const { containerd, stage } = await scene();
    const empty = await stage.registry.seedBlob({ repository: APP, content: "" });
    for (const cache of ["miss", "hit"]) {
      const answer = await containerd.ask(`blobs/${empty.digest}`, { Range: WHOLE });
      expect([answer.status, answer.cache, answer.bytes.byteLength]).toEqual([200, cache, 0]);
      expect(answer.headers.get("Content-Range")).toBeNull();
    }
  });

  it("of a length that nobody says is 200", async () => {
    const digest = await digestOf("0123456789");
    const played = new Played(
      () =>
        new Response(
          new ReadableStream({
            start: (controller) => {
              controller.enqueue(new TextEncoder().encode("0123456789"));
              controller.close();
            },
          }),
        ),
    );
    const answer = await played.get(`team/app/blobs/${digest}`, { Range: WHOLE });
    expect([answer.status, answer.body, answer.headers.get("Content-Range")]).toEqual([
      200,
      "0123456789",
      null,
    ]);
    expect(played.asked("GET", "/blobs/")[0]?.headers.get("Range")).toBeNull();
  });

  it("that another registry cannot give whole is its answer, and is not kept", async () => {
    const digest = await digestOf("0123456789");
    const played = new Played(
      () =>
        new Response("01234", {
          status: 206,
          headers: { "Content-Length": "5", "Content-Range": "bytes 0-4/10", ETag: '"of a CDN"' },
        }),
    );
    const answer = await played.get(`team/app/blobs/${digest}`, { Range: WHOLE });
    expect([answer.status, answer.headers.get("Content-Range")]).toEqual([206, "bytes 0-4/10"]);
    // A CDN's would be another one tomorrow, and refuse to go on.
    expect(answer.headers.get("ETag")).toBe(`"${digest}"`);
    expect(await isKept(await played.keyUrl("blob", digest))).toBe(false);
  });
});

describe("S18: a blob cut into ranges", () => {
  const CUTS = [`bytes=0-${8 * MIB - 1}`, `bytes=${8 * MIB}-`];
  const SIZE = 9 * MIB;
  const content = new Uint8Array(SIZE).map((_, index) => index % 251);

  async function largeScene(): Promise<{ stage: Stage; containerd: Containerd; large: Descriptor }> {
    const { containerd, image, stage } = await scene({ BLOBS, BUCKET_REPOSITORIES: "**" });
    // Which proves the repository.
    await containerd.fetch("manifests", image);
    const large = await stage.registry.seedBlob({ repository: APP, content });
    return { containerd, stage, large };
  }

  async function inParts(containerd: Containerd, digest: string): Promise<Fetched[]> {
    const parts = await Promise.all(CUTS.map((Range) => containerd.ask(`blobs/${digest}`, { Range })));
    expect(parts.map(({ status }) => status)).toEqual([206, 206]);
    expect(parts.map(({ headers }) => headers.get("Content-Range"))).toEqual([
      `bytes 0-${8 * MIB - 1}/${SIZE}`,
      `bytes ${8 * MIB}-${SIZE - 1}/${SIZE}`,
    ]);
    expect(parts.map(({ headers }) => headers.get("Content-Length"))).toEqual([String(8 * MIB), String(MIB)]);
    for (const [index, { bytes }] of parts.entries()) {
      const expected = content.subarray(index === 0 ? 0 : 8 * MIB, index === 0 ? 8 * MIB : SIZE);
      expect(await crypto.subtle.digest("SHA-256", bytes)).toEqual(
        await crypto.subtle.digest("SHA-256", expected),
      );
    }
    return parts;
  }

  it("comes from the registry part by part, as it is asked for, and fills nothing", async () => {
    const { containerd, large, stage } = await largeScene();
    for (let round = 0; round < 2; round += 1) {
      await stage.registry.reset();
      const parts = await inParts(containerd, large.digest);
      expect(parts.map(({ cache }) => cache)).toEqual(["miss", "miss"]);
      const { requests } = await stage.registry.state();
      const ranges = requests.filter(({ server }) => server === "cdn").map(({ headers }) => headers["range"]);
      expect(ranges.sort()).toEqual([...CUTS].sort());
    }
    expect((await BLOBS.list()).objects.filter(({ size }) => size === SIZE)).toEqual([]);
  });

  it("comes from the bucket where it is there whole, by bytes=0-", async () => {
    const { containerd, large, stage } = await largeScene();
    const whole = await containerd.fetch("blobs", large);
    expect([whole.status, whole.cache]).toEqual([206, "miss"]);
    await stage.registry.reset();
    const parts = await inParts(containerd, large.digest);
    expect(parts.map(({ cache }) => cache)).toEqual(["hit", "hit"]);
    expect((await containerd.fetch("blobs", large)).cache).toBe("hit");
    expect(await upstream(stage)).toEqual(NOTHING);
  });

  it("comes from the store of the data centre where it is small", async () => {
    const { containerd, layer, stage } = await scene();
    await containerd.fetch("blobs", layer);
    await stage.registry.reset();
    const ranges = ["bytes=0-99", "bytes=100-", "bytes=-10"];
    const parts = await Promise.all(
      ranges.map((Range) => containerd.ask(`blobs/${layer.digest}`, { Range })),
    );
    expect(parts.map(({ bytes, cache, status }) => [status, cache, bytes.byteLength])).toEqual([
      [206, "hit", 100],
      [206, "hit", layer.size - 100],
      [206, "hit", 10],
    ]);
    expect(await upstream(stage)).toEqual(NOTHING);
  });

  it("by podman, several at once: in our own words, as the registry answers, and nothing is kept", async () => {
    const { containerd, layer, stage } = await scene();
    const Range = "Bytes=00-009, 20-29 ,  -5";
    for (let round = 0; round < 2; round += 1) {
      await stage.registry.reset();
      const { bytes, headers, status } = await containerd.ask(`blobs/${layer.digest}`, { Range });
      expect(status).toBe(206);
      expect(headers.get("Content-Type")).toMatch(/^multipart\/byteranges; boundary=/);
      expect(headers.get("Content-Length")).toBe(String(bytes.byteLength));
      const { requests } = await stage.registry.state();
      const [asked] = requests.filter(({ server }) => server === "cdn");
      expect(asked?.headers["range"]).toBe("bytes=0-9,20-29,-5");
    }
  });
});
