// What tests steer and see of the embedded registry: its records, its seeds and the control server.
import { describe, expect, it } from "vitest";
import { controlClient } from "../../registry/client.ts";
import { startControl } from "../../registry/control.ts";
import { closeAfterTest, get, registryWith, sha } from "./stage.ts";

describe("records", () => {
  it("count and keep what the servers saw, byte-exact", async () => {
    const registry = await registryWith();
    await get(`${registry.url}/v2/a/b/manifests/latest?ns=docker.io&x=a%2Fb`, { "X-Canary": "seen" });
    expect(registry.counters).toMatchObject({ registry: 1, manifestGet: 1, token: 0 });
    expect(registry.requests).toMatchObject([
      {
        server: "registry",
        method: "GET",
        query: "ns=docker.io&x=a%2Fb",
        headers: { "x-canary": "seen" },
        status: 401,
      },
    ]);
    registry.resetCounters();
    expect([registry.counters.registry, registry.requests.length]).toEqual([0, 0]);
  });

  it("seed the same bytes for the same arguments", async () => {
    const [one, two] = [await registryWith(), await registryWith()];
    const image = { repository: "a/b", layers: [100], seed: "s" };
    expect(one.seedImage(image)).toEqual(two.seedImage(image));
    expect(one.seedImage({ ...image, seed: "t" }).digest).not.toBe(two.seedImage(image).digest);
  });
});

describe("the control server", () => {
  it("makes, steers, shows and closes registries", async () => {
    const control = await startControl();
    closeAfterTest(control);
    const registry = await controlClient(control.url).registry({ auth: "none", redirectBlobs: false });
    const image = await registry.seedImage({ repository: "a/b" });
    await registry.configure({ quota: 5 });
    const manifest = await get(`${registry.url}/v2/a/b/manifests/latest`);
    expect(manifest.headers.get("docker-content-digest")).toBe(image.digest);
    expect((await registry.state()).counters.manifestGet).toBe(1);
    expect((await registry.state()).requests[0]).toMatchObject({ server: "registry", status: 200 });

    const blob = await registry.seedBlob({ repository: "a/b", content: "bad", digest: sha("good") });
    expect(await (await get(`${registry.url}/v2/a/b/blobs/${blob.digest}`)).text()).toBe("bad");
    await registry.deleteTag("a/b", "latest");
    expect((await get(`${registry.url}/v2/a/b/manifests/latest`)).status).toBe(404);
    await registry.reset();
    expect((await registry.state()).counters.registry).toBe(0);
    await registry.close();
    await expect(registry.state()).rejects.toThrow("no such registry");
  });
});
