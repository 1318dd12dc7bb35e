// Answers of a universal host: names and addresses come back as the client wrote them, and lead back here.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { basic } from "../ferry.ts";
import { digestOf, layerOf } from "../client-ferry.ts";
import { MIRROR, startUniversal, UNIVERSAL_HOSTS, type Universal } from "./ferry.ts";

let universal: Universal;

afterEach(() => universal.close());

/** How a client can say which repository it means: name in the path, query, and the name in scopes. */
const FORMS: readonly [form: string, name: string, query: string, scopeName: string][] = [
  ["a prefix", "ghcr.io/team/app", "", "ghcr.io/team/app"],
  ["an alias as prefix", "lscr.io/team/app", "", "lscr.io/team/app"],
  ["ns=", "team/app", "ns=ghcr.io", "ghcr.io/team/app"],
  ["an alias in ns=", "team/app", "ns=lscr.io", "ghcr.io/team/app"],
  ["prefix and ns=", "ghcr.io/team/app", "ns=ghcr.io", "ghcr.io/team/app"],
  ["Docker Hub by default", "hello", "", "docker.io/hello"],
  ["Docker Hub by default, whole name", "library/hello", "", "docker.io/library/hello"],
  ["Docker Hub by prefix", "docker.io/hello", "", "docker.io/hello"],
  ["Docker Hub by ns=", "library/hello", "ns=docker.io", "docker.io/library/hello"],
  ["Docker Hub by an alias in ns=", "hello", "ns=registry-1.docker.io", "docker.io/hello"],
];

function with_(path: string, query: string): string {
  if (query === "") return path;
  return `${path}${path.includes("?") ? "&" : "?"}${query}`;
}

async function seedAll(): Promise<void> {
  for (const tag of ["a", "b", "c", "d", "e"]) {
    const image = { tag, seed: "same", index: false, layers: [16] };
    await universal.hub.seedImage({ ...image, repository: "library/hello" });
    await universal.ghcr.seedImage({ ...image, repository: "team/app" });
  }
}

describe.each(FORMS)("asked by %s", (_, name, query, scopeName) => {
  beforeEach(async () => {
    universal = await startUniversal({ pageSize: 2 });
    await seedAll();
  });

  it.each(UNIVERSAL_HOSTS)(
    "a challenge on %s names the registry, this host and nothing else",
    async (host) => {
      const response = await universal.ferry.fetch(
        with_(`http://${host}/v2/${name}/manifests/latest`, query),
      );
      expect(response.status).toBe(401);
      expect(response.headers.get("WWW-Authenticate")).toBe(
        `Bearer realm="http://${host}/v2/auth",service="${host}",scope="repository:${scopeName}:pull"`,
      );
    },
  );

  it("the challenge of a push asks for push", async () => {
    const response = await universal.ferry.fetch(with_(`${MIRROR}/v2/${name}/blobs/uploads/`, query), {
      method: "POST",
    });
    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toContain(`scope="repository:${scopeName}:pull,push"`);
  });

  it("Link leads to the last page of the tags, whose name is the client's", async () => {
    const { token } = await universal.ferry.token("mirror.example.com", `scope=repository:${scopeName}:pull`);
    const headers = { Authorization: `Bearer ${String(token)}` };
    const tags: string[] = [];
    let next: string | undefined = with_(`/v2/${name}/tags/list?n=2`, query);
    for (let page = 0; next !== undefined && page < 10; page++) {
      expect(next).toMatch(/^\/v2\//);
      const response = await universal.ferry.fetch(MIRROR + next, { headers });
      expect(response.status).toBe(200);
      const list = await response.json<{ name: string; tags: string[] }>();
      // Behind ns= alone the addresses carry the registry, and the names of their answers too.
      expect([name, scopeName]).toContain(list.name);
      tags.push(...list.tags);
      next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    expect(tags).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("OCI-Namespace answers ns=, and only that", async () => {
    const { token } = await universal.ferry.token("mirror.example.com", `scope=repository:${scopeName}:pull`);
    const response = await universal.ferry.fetch(with_(`${MIRROR}/v2/${name}/manifests/a`, query), {
      method: "HEAD",
      headers: { Authorization: `Bearer ${String(token)}` },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("OCI-Namespace")).toBe(query === "" ? null : query.slice("ns=".length));
    expect(response.headers.get("Docker-Content-Digest")).toMatch(/^sha256:/);
  });

  it("a pull with the token of the challenge gets the registry's own bytes", async () => {
    const registry = scopeName.startsWith("docker.io/") ? universal.hub : universal.ghcr;
    const repository = scopeName.startsWith("docker.io/") ? "library/hello" : "team/app";
    const image = await registry.seedImage({ repository, tag: "own", layers: [600] });
    const { token } = await universal.ferry.token("mirror.example.com", `scope=repository:${scopeName}:pull`);
    const headers = { Authorization: `Bearer ${String(token)}` };
    const { digest } = layerOf(image);
    for (const [path, expected] of [
      ["manifests/own", image.digest],
      [`manifests/${image.manifests[0]?.digest ?? ""}`, image.manifests[0]?.digest],
      [`blobs/${digest}`, digest],
    ] as const) {
      const response = await universal.ferry.fetch(with_(`${MIRROR}/v2/${name}/${path}`, query), { headers });
      expect(response.status, path).toBe(200);
      expect(await digestOf(await response.arrayBuffer())).toBe(expected);
    }
  });
});

describe("one token request with the scopes that containerd and buildkit send", () => {
  beforeEach(async () => {
    universal = await startUniversal();
    await seedAll();
  });

  it.each([
    ["repeated", "scope=repository:ghcr.io/team/app:pull&scope=repository:team/app:pull"],
    ["the plain one first", "scope=repository:team/app:pull&scope=repository:ghcr.io/team/app:pull"],
    ["joined", "scope=repository:ghcr.io/team/app:pull%20repository:team/app:pull"],
  ])("%s, they mean one repository of one registry", async (_, query) => {
    const { token } = await universal.ferry.token("mirror.example.com", query);
    const response = await universal.ferry.fetch(`${MIRROR}/v2/team/app/manifests/a?ns=ghcr.io`, {
      headers: { Authorization: `Bearer ${String(token)}` },
    });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    const { requests } = await universal.hub.state();
    expect(requests).toEqual([]);
  });

  it("a POST of the joined scopes, with credentials, too", async () => {
    const response = await universal.ferry.fetch(`${MIRROR}/v2/auth`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "password",
        service: "mirror.example.com",
        client_id: "containerd-client",
        username: "ghcr.io/alice",
        password: "alice-password",
        scope: "repository:ghcr.io/team/app:pull repository:team/app:pull",
      }).toString(),
    });
    expect(response.status).toBe(200);
  });
});

describe("a blob behind a redirect", () => {
  it("comes through this host, and the registry's token does not follow it", async () => {
    universal = await startUniversal({ redirectBlobs: true });
    const image = await universal.ghcr.seedImage({ repository: "team/app", layers: [900] });
    const { digest } = layerOf(image);
    const scope = "repository:ghcr.io/team/app:pull";
    const url = `${MIRROR}/v2/ghcr.io/team/app/blobs/${digest}`;
    const response = await universal.ferry.pull(url, scope, basic("ghcr.io/alice", "alice-password"));
    expect(response.status).toBe(200);
    expect(response.headers.get("Location")).toBeNull();
    expect(await digestOf(await response.arrayBuffer())).toBe(digest);
    const { requests } = await universal.ghcr.state();
    const fromCdn = requests.filter(({ server }) => server === "cdn");
    expect(fromCdn.map(({ headers }) => headers["authorization"])).toEqual([undefined]);
  });
});

describe("the catalog and referrers", () => {
  beforeEach(async () => {
    universal = await startUniversal({ auth: "none", pageSize: 1 });
  });

  it("the catalog of ns= stays that registry's over its pages", async () => {
    for (const repository of ["a/a", "b/b"]) await universal.ghcr.seedImage({ repository, layers: [16] });
    const first = await universal.ferry.fetch(`${MIRROR}/v2/_catalog?ns=ghcr.io`);
    expect(await first.json()).toEqual({ repositories: ["a/a"] });
    const next = /^<([^>]*)>; rel="next"$/.exec(first.headers.get("Link") ?? "")?.[1] ?? "";
    const second = await universal.ferry.fetch(MIRROR + next);
    expect(await second.json()).toEqual({ repositories: ["b/b"] });
  });

  it.each([
    ["ghcr.io/team/app", ""],
    ["team/app", "ns=ghcr.io"],
  ])("referrers of %s %s lead to their last page", async (name, query) => {
    const image = await universal.ghcr.seedImage({ repository: "team/app" });
    for (const content of ["one", "two", "three"]) {
      await universal.ghcr.seedReferrer({
        repository: "team/app",
        subject: image.digest,
        artifactType: "application/vnd.sbom+json",
        content,
      });
    }
    let next: string | undefined = with_(`/v2/${name}/referrers/${image.digest}`, query);
    let found = 0;
    for (let page = 0; next !== undefined && page < 10; page++) {
      const response = await universal.ferry.fetch(MIRROR + next);
      expect(response.status).toBe(200);
      found += (await response.json<{ manifests: unknown[] }>()).manifests.length;
      next = /^<([^>]*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    expect(found).toBe(3);
  });
});
