// Pushes through a universal host: the address of an upload leads back to the registry that began it.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import type { RegistryOptions } from "../../registry/types.ts";
import { basic } from "../ferry.ts";
import { digestOf, lastSeenBy, layerOf, seenBy } from "../client-ferry.ts";
import { MIRROR, startUniversal, type Universal } from "./ferry.ts";

const CONTENT = "content of a blob that is pushed";

let universal: Universal;

afterEach(() => universal.close());
let headers: Record<string, string>;

async function logIn(user: string, scopeName: string): Promise<void> {
  const scope = `scope=repository:${scopeName}:pull,push`;
  const { token } = await universal.ferry.token("mirror.example.com", scope, basic(user, "alice-password"));
  headers = { Authorization: `Bearer ${String(token)}` };
}

function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const own = Object.fromEntries(new Headers(init.headers));
  return universal.ferry.fetch(MIRROR + path, { ...init, method, headers: { ...headers, ...own } });
}

/** As docker does it: the query as it came, with the digest added. */
function asItCame(location: string, digest: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
}

/** As containerd does it: path decoded, query sorted and encoded again. */
function reassembled(location: string, digest: string): string {
  const { pathname, searchParams } = new URL(location, MIRROR);
  searchParams.set("digest", digest);
  searchParams.sort();
  return `${decodeURIComponent(pathname)}?${searchParams.toString()}`;
}

const NAMES: readonly [
  form: string,
  name: string,
  ns: string,
  registry: "hub" | "ghcr",
  repository: string,
][] = [
  ["by prefix", "ghcr.io/team/app", "", "ghcr", "team/app"],
  ["by an alias", "lscr.io/team/app", "", "ghcr", "team/app"],
  ["by ns=", "team/app", "ghcr.io", "ghcr", "team/app"],
  ["by both", "ghcr.io/team/app", "ghcr.io", "ghcr", "team/app"],
  ["by default", "alice/app", "", "hub", "alice/app"],
  ["by ns= at Docker Hub", "alice/app", "docker.io", "hub", "alice/app"],
  ["by prefix at Docker Hub", "docker.io/alice/app", "", "hub", "alice/app"],
  ["by prefix, a one-part name", "docker.io/app", "", "hub", "library/app"],
];

const LOCATIONS: readonly NonNullable<RegistryOptions["uploadLocation"]>[] = [
  "path",
  "absolute",
  "query",
  "google",
];

describe.each(LOCATIONS)("at a registry whose Location is of the kind %j", (uploadLocation) => {
  describe.each(NAMES)("an upload %s", (_, name, ns, key, repository) => {
    let registry: RemoteRegistry;
    let other: RemoteRegistry;

    beforeEach(async () => {
      universal = await startUniversal({ uploadLocation });
      registry = universal[key];
      other = key === "hub" ? universal.ghcr : universal.hub;
      await logIn(
        key === "hub" ? "alice" : "ghcr.io/alice",
        `${key === "hub" ? "docker.io" : "ghcr.io"}/${repository}`,
      );
      await Promise.all([registry.reset(), other.reset()]);
    });

    it.each([
      ["docker", asItCame, ""],
      ["containerd before 2025-10, which leaves ns= out", reassembled, ""],
      ["containerd since 2025-10, which adds ns=", reassembled, "ns"],
    ])("goes on and ends as %s sends it", async (_, readdress, follow) => {
      const query = ns === "" ? "" : `?ns=${ns}`;
      const withNs = (address: string): string =>
        follow === "" || ns === "" ? address : `${address}${address.includes("?") ? "&" : "?"}ns=${ns}`;
      const started = await send("POST", `/v2/${name}/blobs/uploads/${query}`);
      expect(started.status).toBe(202);
      const location = started.headers.get("Location") ?? "";
      expect(location).toMatch(/^\/v2\/[a-z./]+\/blobs\/uploads\/[^/]+$/);

      const patched = await send("PATCH", withNs(location), { body: CONTENT.slice(0, 10) });
      expect(patched.status).toBe(202);
      const digest = await digestOf(CONTENT);
      const put = await send("PUT", withNs(readdress(patched.headers.get("Location") ?? "", digest)), {
        body: CONTENT.slice(10),
      });
      expect(put.status).toBe(201);
      expect(put.headers.get("Docker-Content-Digest")).toBe(digest);

      const blob = await send("GET", withNs(put.headers.get("Location") ?? ""));
      expect(await digestOf(await blob.arrayBuffer())).toBe(digest);
      expect(await registryHas(registry, repository, digest)).toBe(true);
      expect(await seenBy(other)).toEqual([]);
      for (const request of await seenBy(registry)) expect(request.query).not.toMatch(/(^|&)ns=/);
    });

    it("a manifest's Location is under the client's name", async () => {
      const body = JSON.stringify({
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: [],
      });
      const query = ns === "" ? "" : `?ns=${ns}`;
      const put = await send("PUT", `/v2/${name}/manifests/pushed${query}`, {
        headers: { "Content-Type": "application/vnd.oci.image.index.v1+json" },
        body,
      });
      expect(put.status).toBe(201);
      const location = put.headers.get("Location") ?? "";
      expect(location.startsWith(`/v2/${name}/`) || location.startsWith(`/v2/${ns}/${name}/`)).toBe(true);
      expect(await (await send("GET", location)).text()).toBe(body);
    });
  });
});

describe("a mount", () => {
  beforeEach(async () => {
    universal = await startUniversal();
    await logIn("ghcr.io/alice", "ghcr.io/team/app");
  });

  it.each(["docker.io/library/hello", "library/hello", "quay.io/a/b"])(
    "from %s, which is of another registry, begins a plain upload",
    async (from) => {
      const image = await universal.hub.seedImage({ repository: "library/hello" });
      const { digest } = layerOf(image);
      const started = await send("POST", `/v2/ghcr.io/team/app/blobs/uploads/?mount=${digest}&from=${from}`);
      expect(started.status).toBe(202);
      expect((await lastSeenBy(universal.ghcr)).query).toBe("");
      const content = await digestOf(CONTENT);
      const location = asItCame(started.headers.get("Location") ?? "", content);
      expect((await send("PUT", location, { body: CONTENT })).status).toBe(201);
      expect(await seenBy(universal.hub)).toEqual([]);
    },
  );

  it.each([
    ["by prefix", "/v2/ghcr.io/team/app/blobs/uploads/?", "ghcr.io/team/base"],
    ["by ns=", "/v2/team/app/blobs/uploads/?ns=ghcr.io&", "team/base"],
  ])("%s from the same registry is its own", async (_, path, from) => {
    const { digest } = layerOf(await universal.ghcr.seedImage({ repository: "team/base" }));
    const { token } = await universal.ferry.token(
      "mirror.example.com",
      "scope=repository:ghcr.io/team/app:pull,push&scope=repository:ghcr.io/team/base:pull",
      basic("ghcr.io/alice", "alice-password"),
    );
    headers = { Authorization: `Bearer ${String(token)}` };
    const mounted = await send("POST", `${path}mount=${encodeURIComponent(digest)}&from=${from}`);
    expect(mounted.status).toBe(201);
    expect(mounted.headers.get("Location")).toBe(`/v2/ghcr.io/team/app/blobs/${digest}`);
    const seen = new URLSearchParams((await lastSeenBy(universal.ghcr)).query);
    expect(Object.fromEntries(seen)).toEqual({ mount: digest, from: "team/base" });
  });
});

/** Asked of the registry itself, without the Worker. */
async function registryHas(registry: RemoteRegistry, repository: string, digest: string): Promise<boolean> {
  const { requests } = await registry.state();
  return requests.some(
    ({ method, path, query, status }) =>
      method === "PUT" &&
      status === 201 &&
      (path.includes(repository) || path.includes("upload")) &&
      decodeURIComponent(query).includes(digest),
  );
}
