// `library/`: one-part names of Docker Hub are completed on the way up and shortened on the way back, without a redirect.
import { beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { SeededImage } from "../../registry/types.ts";
import { basic, row, startRegistry } from "../ferry.ts";
import { ClientFerry, digestOf, lastSeenBy, layerOf, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";
const ALICE = basic("alice", "alice-password");

let registry: RemoteRegistry;
let image: SeededImage;
let ferry: ClientFerry;

beforeEach(async () => {
  registry = await startRegistry({ library: true, hideUnknown: true });
  image = await registry.seedImage({ repository: "library/hello" });
  ferry = new ClientFerry({ docker: row(registry, { library: true }) });
});

describe("a one-part name", () => {
  it.each([
    ["a manifest", "GET", () => "manifests/latest"],
    ["a manifest by digest", "HEAD", (one: SeededImage) => `manifests/${one.digest}`],
    ["a blob", "GET", (one: SeededImage) => `blobs/${layerOf(one).digest}`],
    ["tags", "GET", () => "tags/list"],
    ["referrers", "GET", (one: SeededImage) => `referrers/${one.digest}`],
  ])("is completed in the path of %s, and no redirect tells the client", async (_, method, pathOf) => {
    const path = pathOf(image);
    const response = await ferry.pull(`${HOST}/v2/hello/${path}`, "repository:hello:pull", undefined, {
      method,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("Location")).toBeNull();
    await response.arrayBuffer();
    const { path: asked } = await lastSeenBy(registry);
    expect(asked).toBe(`/v2/library/hello/${path}`);
  });

  it("is completed in every scope, and the whole name means the same", async () => {
    const { token } = await ferry.token(
      "docker.example.com",
      "scope=repository:hello:pull&scope=repository:library/hello:pull&scope=repository:other/x:pull,push",
      ALICE,
    );
    const scopes = new URLSearchParams((await lastSeenBy(registry, "token")).query).getAll("scope");
    expect([...new Set(scopes)]).toEqual(["repository:library/hello:pull", "repository:other/x:pull,push"]);
    const headers = { Authorization: `Bearer ${String(token)}` };
    for (const name of ["hello", "library/hello"]) {
      expect((await ferry.fetch(`${HOST}/v2/${name}/manifests/latest`, { headers })).status).toBe(200);
    }
  });

  it("stays the client's in Location, challenge and tag list", async () => {
    const challenge = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect(challenge.headers.get("WWW-Authenticate")).toContain('scope="repository:hello:pull"');
    const scope = "repository:hello:pull,push";
    const started = await ferry.pull(`${HOST}/v2/hello/blobs/uploads/`, scope, ALICE, { method: "POST" });
    expect(started.headers.get("Location")).toMatch(/^\/v2\/hello\/blobs\/uploads\/[0-9a-f-]{36}\?_state=/);
    const digest = await digestOf("x");
    const pushed = await ferry.pull(`${HOST}/v2/hello/blobs/uploads/?digest=${digest}`, scope, ALICE, {
      method: "POST",
      body: "x",
    });
    expect(pushed.headers.get("Location")).toBe(`/v2/hello/blobs/${digest}`);
    const body = await (await ferry.pull(`${HOST}/v2/hello/manifests/${image.digest}`, scope)).text();
    const put = await ferry.pull(`${HOST}/v2/hello/manifests/second`, scope, ALICE, {
      method: "PUT",
      headers: { "Content-Type": image.mediaType },
      body,
    });
    expect(put.headers.get("Location")).toBe(`/v2/hello/manifests/${image.digest}`);
    const tags = await ferry.pull(`${HOST}/v2/hello/tags/list`, scope);
    expect(await tags.json()).toEqual({ name: "hello", tags: ["latest", "second"] });
  });

  it("of a repository that is not there is the registry's answer under the client's name", async () => {
    const response = await ferry.pull(`${HOST}/v2/nosuch/manifests/latest`, "repository:nosuch:pull");
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain(
      'scope="repository:nosuch:pull",error="insufficient_scope"',
    );
  });

  it("may itself be `library`", async () => {
    await registry.seedImage({ repository: "library/library" });
    const response = await ferry.pull(`${HOST}/v2/library/tags/list`, "repository:library:pull");
    expect(await response.json()).toEqual({ name: "library", tags: ["latest"] });
  });

  it("is not lengthened beyond what a name may have", async () => {
    const response = await ferry.fetch(`${HOST}/v2/${"a".repeat(250)}/tags/list`);
    expect(response.status).toBe(400);
  });
});

describe("a name of several parts", () => {
  it.each(["library/hello", "team/app", "team/app/sub"])("stays as it is: %s", async (repository) => {
    await registry.seedImage({ repository });
    const response = await ferry.pull(`${HOST}/v2/${repository}/tags/list`, `repository:${repository}:pull`);
    expect(await response.json()).toEqual({ name: repository, tags: ["latest"] });
    expect((await lastSeenBy(registry)).path).toBe(`/v2/${repository}/tags/list`);
  });

  it.each([
    ["docker.io/library/hello", "docker.io/library/hello"],
    ["docker.io/hello", "docker.io/hello"],
    ["index.docker.io/hello", "index.docker.io/hello"],
  ])("may begin with the registry's own name: %s", async (name, back) => {
    ferry = new ClientFerry({ docker: row(registry, { registry: "docker.io" }) });
    const challenge = await ferry.fetch(`${HOST}/v2/${name}/tags/list`);
    expect(challenge.headers.get("WWW-Authenticate")).toContain(`scope="repository:${back}:pull"`);
    const response = await ferry.pull(`${HOST}/v2/${name}/tags/list`, `repository:${name}:pull`);
    expect(await response.json()).toEqual({ name: back, tags: ["latest"] });
    expect((await lastSeenBy(registry)).path).toBe("/v2/library/hello/tags/list");
  });
});

describe("other registries", () => {
  it.each([
    ["without the option", {}],
    ["with library = false", { library: false }],
  ])("have one-part names of their own (%s): registry.k8s.io's `pause`", async (_, options) => {
    const other = await startRegistry();
    await other.seedImage({ repository: "pause" });
    ferry = new ClientFerry({ k8s: row(other, options) });
    const response = await ferry.pull("http://k8s.example.com/v2/pause/tags/list", "repository:pause:pull");
    expect(await response.json()).toEqual({ name: "pause", tags: ["latest"] });
    const paths = (await seenBy(other)).map(({ path }) => path);
    expect(paths.filter((path) => path.includes("library"))).toEqual([]);
  });

  it("docker.io completes by default, and need not", async () => {
    ferry = new ClientFerry({ docker: row(registry, { registry: "docker.io" }) });
    await ferry.fetch(`${HOST}/v2/hello/tags/list`);
    expect((await lastSeenBy(registry)).path).toBe("/v2/library/hello/tags/list");
    ferry = new ClientFerry({ docker: row(registry, { registry: "docker.io", library: false }) });
    await ferry.fetch(`${HOST}/v2/hello/tags/list`);
    expect((await lastSeenBy(registry)).path).toBe("/v2/hello/tags/list");
  });
});
