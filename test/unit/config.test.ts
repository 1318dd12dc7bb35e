// The routes table: what it may say, and what comes of it.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig, type Config } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";

function configOf(routes: unknown, more: Record<string, unknown> = {}): Config {
  const result = readConfig({ ROUTES: routes, ...more });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config;
}

function registryOf(entry: unknown): Registry {
  const route = configOf({ row: entry }).routes.get("row");
  if (route?.kind !== "registry") throw new Error("no registry");
  return route.registry;
}

const EXAMPLE = "https://registry.example.com";

describe("a row", () => {
  it("is a label or a full host name, in any case", () => {
    const { routes } = configOf({
      Docker: "https://registry-1.docker.io",
      "Hub.Example.COM": "https://quay.io",
    });
    expect([...routes.keys()]).toEqual(["docker", "hub.example.com"]);
  });

  it.each<[string, unknown]>([
    ["a table", { upstream: "*" }],
    ["a string", "*"],
  ])("is universal with %s", (_, entry) => {
    expect(configOf({ all: entry, one: EXAMPLE }).routes.get("all")).toEqual({ kind: "universal" });
  });

  it("of an unknown upstream is called like its host and trusts nobody else", () => {
    expect(registryOf(EXAMPLE)).toEqual({
      name: "registry.example.com",
      aliases: [],
      upstream: EXAMPLE,
      realms: [],
      mirrors: [],
      library: false,
      uploadHosts: [],
      uploadPaths: [],
      store: true,
    });
  });

  it("of Docker Hub knows its name, token service, mirror and library", () => {
    expect(registryOf("https://registry-1.docker.io")).toMatchObject({
      name: "docker.io",
      aliases: ["index.docker.io", "registry-1.docker.io", "docker.n8n.io"],
      upstream: "https://registry-1.docker.io",
      realms: ["https://auth.docker.io"],
      mirrors: ["https://mirror.gcr.io"],
      library: true,
      uploadHosts: [],
    });
  });

  it.each([
    ["https://index.docker.io", "docker.io", "https://registry-1.docker.io"],
    ["https://docker.io", "docker.io", "https://registry-1.docker.io"],
    ["https://k8s.gcr.io", "registry.k8s.io", "https://registry.k8s.io"],
    ["https://lscr.io", "ghcr.io", "https://ghcr.io"],
    ["HTTPS://GHCR.IO:443/", "ghcr.io", "https://ghcr.io"],
    ["https://registry.example.com:5443", "registry.example.com:5443", "https://registry.example.com:5443"],
    ["http://localhost:5000", "localhost:5000", "http://localhost:5000"],
    ["http://127.0.0.1:5000", "127.0.0.1:5000", "http://127.0.0.1:5000"],
    ["http://[::1]:5000", "[::1]:5000", "http://[::1]:5000"],
  ])("with the upstream %s is %s at %s", (upstream, name, origin) => {
    expect(registryOf(upstream)).toMatchObject({ name, upstream: origin });
  });

  it("has every option of the contract", () => {
    const entry = {
      upstream: "https://harbor.example.com",
      registry: "Images.Example.COM",
      realm: "https://login.example.com/service/token?x=y",
      mirrors: ["https://mirror.example.com/"],
      library: true,
      upload_hosts: ["uploads.example.com", "Other.example.com:8443"],
      upload_paths: ["/uploads"],
      store: false,
    };
    expect(registryOf(entry)).toEqual({
      name: "images.example.com",
      aliases: [],
      upstream: "https://harbor.example.com",
      realms: ["https://login.example.com"],
      mirrors: ["https://mirror.example.com"],
      library: true,
      uploadHosts: ["https://uploads.example.com", "https://other.example.com:8443"],
      uploadPaths: ["/uploads/"],
      store: false,
    });
  });

  it.each([
    ["a, b\nc", "mirrors", "https://a.example,https://b.example \n https://c.example"],
    ["a string with spare commas", "mirrors", ",https://a.example, ,https://b.example\r\nhttps://c.example,"],
    ["an array", "mirrors", ["https://a.example", "https://b.example", "https://c.example"]],
  ])("has lists: %s", (_, option, value) => {
    expect(registryOf({ upstream: EXAMPLE, [option]: value }).mirrors).toEqual([
      "https://a.example",
      "https://b.example",
      "https://c.example",
    ]);
  });

  it.each<[unknown, boolean]>([
    [true, true],
    ["true", true],
    [false, false],
    ["false", false],
    ["", true],
  ])("has booleans: %j is %j", (library, expected) => {
    expect(registryOf({ upstream: "https://registry-1.docker.io", library }).library).toBe(expected);
  });

  it("with empty options is as if it did not have them", () => {
    const entry = { upstream: EXAMPLE, registry: "", realm: "", mirrors: "", library: "", upload_hosts: "" };
    expect(registryOf(entry)).toEqual(registryOf(EXAMPLE));
  });

  it("that gives a private upstream a public name does not trust the public one's token service or mirrors (S4)", () => {
    expect(registryOf({ upstream: EXAMPLE, registry: "docker.io" })).toMatchObject({
      name: "docker.io",
      upstream: EXAMPLE,
      realms: [],
      mirrors: [],
      uploadHosts: [],
    });
  });

  it("with http and loopback takes upload hosts on loopback by http", () => {
    const entry = { upstream: "http://localhost:5000", upload_hosts: "localhost:5001" };
    expect(registryOf(entry).uploadHosts).toEqual(["http://localhost:5001"]);
  });
});

describe("the table", () => {
  const routes = { docker: "https://registry-1.docker.io", all: "*" };

  it("may be an object or a JSON string, with the same meaning", () => {
    expect(configOf(JSON.stringify(routes))).toEqual(configOf(routes));
  });

  it("makes rows of the same registry and upstream one registry", () => {
    const config = configOf({
      a: "https://registry-1.docker.io",
      b: "https://index.docker.io",
      c: "https://docker.io",
    });
    const [a, b, c] = ["a", "b", "c"].map((key) => config.routes.get(key));
    expect([a, c]).toEqual([b, b]);
    expect(new Set(config.registries.values()).size).toBe(1);
  });

  it("makes rows of one registry complete each other", () => {
    const config = configOf({
      a: { upstream: EXAMPLE, realm: "https://a.example" },
      b: { upstream: EXAMPLE, realm: "https://b.example", library: true },
      c: { upstream: EXAMPLE, library: "true", mirrors: ["https://m.example"] },
    });
    expect(config.registries.get("registry.example.com")).toMatchObject({
      realms: ["https://a.example", "https://b.example"],
      library: true,
      mirrors: ["https://m.example"],
    });
  });

  it("knows a registry by its name and its aliases, and no other", () => {
    const { registries } = configOf({ a: "https://registry-1.docker.io", b: "https://lscr.io" });
    expect([...registries.keys()].sort()).toEqual([
      "docker.io",
      "docker.n8n.io",
      "ghcr.io",
      "index.docker.io",
      "lscr.io",
      "registry-1.docker.io",
    ]);
    for (const name of ["a", "b", "__proto__", "constructor", "quay.io"])
      expect(registries.get(name)).toBeUndefined();
  });

  it("is read the same each time", () => {
    expect(readConfig({ ROUTES: routes })).toEqual(readConfig({ ROUTES: routes }));
  });

  it("is not troubled by variables that are not its own", () => {
    expect(configOf(routes, { OTHER: 1, CF_VERSION_METADATA: {} })).toEqual(configOf(routes));
  });
});

describe("the store", () => {
  const routes = { row: EXAMPLE };

  function faultsOf(more: Record<string, unknown>): string[] {
    const result = readConfig({ ROUTES: routes, ...more });
    return result.ok ? [] : result.faults.map(({ variable }) => variable);
  }

  it("believes a tag for 60 seconds, keeps blobs up to 1 MiB, and has no bucket", () => {
    const { tagTtlMs, cacheMaxBlob, bucket } = configOf(routes);
    expect({ tagTtlMs, cacheMaxBlob, bucket }).toEqual({
      tagTtlMs: 60_000,
      cacheMaxBlob: 1024 * 1024,
      bucket: undefined,
    });
  });

  it.each<[unknown, unknown]>([
    [5, 1024],
    ["5", "1024"],
  ])("takes numbers as numbers and as strings: %j, %j", (TAG_TTL, CACHE_MAX_BLOB) => {
    const { tagTtlMs, cacheMaxBlob } = configOf(routes, { TAG_TTL, CACHE_MAX_BLOB });
    expect({ tagTtlMs, cacheMaxBlob }).toEqual({ tagTtlMs: 5_000, cacheMaxBlob: 1024 });
  });

  it.each(["", null, undefined])("is as it is by default where a variable is empty: %j", (value) => {
    expect(configOf(routes, { TAG_TTL: value, CACHE_MAX_BLOB: value, BLOBS: value })).toEqual(
      configOf(routes),
    );
  });

  it("may be turned down to nothing", () => {
    expect(configOf(routes, { TAG_TTL: 0, CACHE_MAX_BLOB: "0" })).toMatchObject({
      tagTtlMs: 0,
      cacheMaxBlob: 0,
    });
  });

  it.each([
    -1,
    1.5,
    "1.5",
    "-1",
    "1e3",
    "0x10",
    "ten",
    "5s",
    "5 ",
    true,
    [],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e12,
  ])("names a number that is none: %j", (value) => {
    expect(faultsOf({ TAG_TTL: value })).toEqual(["TAG_TTL"]);
    expect(faultsOf({ CACHE_MAX_BLOB: value })).toEqual(["CACHE_MAX_BLOB"]);
  });
});
