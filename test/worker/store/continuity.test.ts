// The store outlives isolates and configurations: what was kept by one is right for the next, or not seen by it.
import { describe, expect, it } from "vitest";
import type { SeededImage } from "../../registry/types.ts";
import { Ferry, forgetIsolate, row, startRegistry } from "../ferry.ts";
import { ANONYMOUS, Stage, passTime } from "./stage.ts";

const LAYERS = [2000, 3000];

/** What docker asks after ping and token: each is one step. */
function stepsOf(image: SeededImage): string[] {
  const [manifest] = image.manifests;
  if (manifest === undefined) throw new Error("no manifest");
  const base = image.repository;
  return [
    `${base}/manifests/${image.tag}`,
    `${base}/manifests/${image.digest}`,
    `${base}/manifests/${manifest.digest}`,
    ...[manifest.config, ...manifest.layers].map(({ digest }) => `${base}/blobs/${digest}`),
  ];
}

describe("an isolate that ends between any two steps", () => {
  it("costs no token and no counted manifest more", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: "library/app", layers: LAYERS });
    for (const step of stepsOf(image)) {
      forgetIsolate();
      expect((await stage.get(step)).status, step).toBe(200);
    }
    const { counters } = await stage.registry.state();
    expect(counters).toMatchObject({ token: 1, manifestGet: 2, manifestHead: 1, blobGet: LAYERS.length + 1 });
  });

  it("leaves the next pull warm", async () => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: "library/app", layers: LAYERS });
    for (const step of stepsOf(image)) await stage.get(step);
    await stage.registry.reset();
    for (const step of stepsOf(image)) {
      forgetIsolate();
      expect((await stage.get(step)).headers.get("X-Cache"), step).toBe("hit");
    }
    const { counters } = await stage.registry.state();
    expect([counters.manifestGet, counters.manifestHead, counters.blobGet, counters.token]).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it.each([0, 1, 2, 3, 4, 5])("does not bring back what was closed before step %i", async (closed) => {
    const stage = await Stage.open();
    const image = await stage.registry.seedImage({ repository: "library/app", layers: LAYERS });
    const steps = stepsOf(image);
    for (const step of steps) await stage.get(step);
    await stage.registry.setPrivate(["library/app"]);
    // A tag that the registry is asked for brings the denial to light, for every isolate.
    forgetIsolate();
    expect((await stage.get("library/app/manifests/other")).status).toBe(401);
    passTime(11_000);
    forgetIsolate();
    expect((await stage.get("library/app/manifests/other")).status).toBe(401);
    for (const step of steps.slice(closed)) {
      forgetIsolate();
      expect((await stage.get(step)).status, step).toBe(401);
    }
  });
});

describe("a configuration that changes over the same store", () => {
  async function ask(ferry: Ferry, path: string): Promise<{ status: number; cache: string | null }> {
    const response = await ferry.fetch(`http://docker.example.com/v2/${path}`, { headers: ANONYMOUS });
    await response.arrayBuffer();
    return { status: response.status, cache: response.headers.get("X-Cache") };
  }

  it("keeps what another row, another lifetime or a smaller bound would have kept too", async () => {
    const registry = await startRegistry();
    const image = await registry.seedImage({ repository: "team/app", layers: LAYERS });
    const first = new Ferry({ docker: row(registry) });
    for (const step of stepsOf(image)) await ask(first, step);
    const later = new Ferry(
      { docker: row(registry, { mirrors: ["https://mirror.example"] }), all: "*" },
      { TAG_TTL: 5, CACHE_MAX_BLOB: 10 },
    );
    for (const step of stepsOf(image)) expect(await ask(later, step)).toEqual({ status: 200, cache: "hit" });
    await registry.close();
  });

  it("shows nothing of one registry under another that takes its name and its host", async () => {
    const [old, next] = [await startRegistry(), await startRegistry()];
    const image = await old.seedImage({ repository: "team/app", layers: LAYERS });
    const first = new Ferry({ docker: row(old, { registry: "docker.io" }) });
    for (const step of stepsOf(image)) expect((await ask(first, step)).status).toBe(200);
    const later = new Ferry({ docker: row(next, { registry: "docker.io" }) });
    for (const step of stepsOf(image)) expect((await ask(later, step)).status, step).toBe(404);
    await Promise.all([old.close(), next.close()]);
  });

  it("shows what one host kept to every host of the same registry", async () => {
    const registry = await startRegistry();
    const image = await registry.seedImage({ repository: "team/app", layers: LAYERS });
    const ferry = new Ferry({ docker: row(registry, { registry: "docker.io" }), mirror: "*" });
    for (const step of stepsOf(image)) await ask(ferry, step);
    for (const step of stepsOf(image)) {
      const response = await ferry.fetch(`http://mirror.example.com/v2/docker.io/${step}`, {
        headers: ANONYMOUS,
      });
      await response.arrayBuffer();
      expect([response.status, response.headers.get("X-Cache")]).toEqual([200, "hit"]);
    }
    await registry.close();
  });
});
