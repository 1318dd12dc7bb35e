// Host, `ns=` and path to a registry and a repository, or to an error, as clients see it: every registry here answers
// with tags that say which registry and which repository it took the request for.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Ferry, row } from "../ferry.ts";
import { codeOf, type OciErrors } from "../client-ferry.ts";
import { MIRROR, startUniversal, UNIVERSAL_HOSTS, type Universal } from "./ferry.ts";

let universal: Universal;

afterAll(() => universal.close());

/** What each registry has; the tag of an image is its registry and repository. */
const REPOSITORIES = {
  hub: [
    "library/nginx",
    "library/x",
    "a/b",
    "docker/a",
    "v2/x",
    "library/auth",
    "library/ghcr.io",
    "library/tags",
    "ghcr.io/a",
    "auth/x",
    "tags/list",
    "manifests/a",
    "a/manifests/b",
    "a/blobs/uploads",
    "library/library",
  ],
  ghcr: ["a/b", "nginx", "x", "quay.io/a", "ghcr.io/a", "auth", "tags/list", "v2", "blobs/uploads"],
  quay: ["a/b", "a/b/c", "library/nginx"],
  own: ["a/b", "nginx"],
} as const;

function tagOf(registry: string, repository: string): string {
  return `${registry}__${repository.replaceAll("/", "__")}`;
}

beforeAll(async () => {
  universal = await startUniversal({ auth: "none" });
  const names = { hub: "docker.io", ghcr: "ghcr.io", quay: "quay.io", own: "own" };
  for (const [key, repositories] of Object.entries(REPOSITORIES)) {
    const registry = universal[key as keyof typeof REPOSITORIES];
    const name = names[key as keyof typeof REPOSITORIES];
    await Promise.all(
      repositories.map((repository) =>
        registry.seedImage({ repository, tag: tagOf(name, repository), index: false, layers: [16] }),
      ),
    );
  }
});

/** `registry repository` of the tag list that came, or status and code of the error. */
async function resolved(origin: string, path: string): Promise<string> {
  const response = await universal.ferry.fetch(origin + path);
  if (response.status !== 200) return `${response.status} ${await codeOf(response)}`;
  const { tags } = await response.json<{ tags: string[] }>();
  const [registry = "", ...repository] = (tags[0] ?? "").split("__");
  return `${registry} ${repository.join("/")}`;
}

/** Name in the path, query, and what they are on every universal host. */
const ROWS: readonly [name: string, query: string, expected: string][] = [
  // Docker Hub where nothing says otherwise.
  ["nginx", "", "docker.io library/nginx"],
  ["library/nginx", "", "docker.io library/nginx"],
  ["a/b", "", "docker.io a/b"],
  ["a/b", "?n=1", "docker.io a/b"],
  ["a/b", "?ns=", "docker.io a/b"],
  // A leading registry, by its name or an alias.
  ["docker.io/nginx", "", "docker.io library/nginx"],
  ["docker.io/library/nginx", "", "docker.io library/nginx"],
  ["index.docker.io/nginx", "", "docker.io library/nginx"],
  ["registry-1.docker.io/a/b", "", "docker.io a/b"],
  ["ghcr.io/a/b", "", "ghcr.io a/b"],
  ["ghcr.io/nginx", "", "ghcr.io nginx"],
  ["lscr.io/a/b", "", "ghcr.io a/b"],
  ["quay.io/a/b/c", "", "quay.io a/b/c"],
  ["quay.io/library/nginx", "", "quay.io library/nginx"],
  // ns=, as containerd sends it.
  ["library/nginx", "?ns=docker.io", "docker.io library/nginx"],
  ["nginx", "?ns=docker.io", "docker.io library/nginx"],
  ["a/b", "?ns=index.docker.io", "docker.io a/b"],
  ["a/b", "?ns=registry-1.docker.io", "docker.io a/b"],
  ["a/b", "?ns=ghcr.io", "ghcr.io a/b"],
  ["a/b", "?ns=GHCR.IO", "ghcr.io a/b"],
  ["a/b", "?n%73=ghcr.io", "ghcr.io a/b"],
  ["a/b", "?n=1&ns=ghcr.io", "ghcr.io a/b"],
  ["nginx", "?ns=ghcr.io", "ghcr.io nginx"],
  ["library/nginx", "?ns=quay.io", "quay.io library/nginx"],
  ["ghcr.io/a/b", "?ns=ghcr.io", "ghcr.io a/b"],
  ["ghcr.io/a/b", "?ns=lscr.io", "ghcr.io a/b"],
  ["docker.io/nginx", "?ns=registry-1.docker.io", "docker.io library/nginx"],
  // ns= that names nothing, or two things.
  ["a/b", "?ns=evil.example", "404 NAME_UNKNOWN"],
  ["ghcr.io/a/b", "?ns=evil.example", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io%00", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=%00docker.io", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io.", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io:443", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io/a", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=%20docker.io", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io%0d%0aX-Evil:1", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=https://ghcr.io", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=evil.example@ghcr.io", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=mirror", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=*", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=%E2%84%AA8s.gcr.io", "404 NAME_UNKNOWN"],
  ["a/b", "?ns=docker.io&ns=ghcr.io", "400 NAME_INVALID"],
  ["a/b", "?ns=ghcr.io&ns=ghcr.io", "400 NAME_INVALID"],
  ["a/b", "?ns=ghcr.io&n%73=quay.io", "400 NAME_INVALID"],
  ["a/b", "?ns=&ns=ghcr.io", "400 NAME_INVALID"],
  // ns= and prefix that disagree.
  ["ghcr.io/a/b", "?ns=docker.io", "400 NAME_INVALID"],
  ["docker.io/a/b", "?ns=ghcr.io", "400 NAME_INVALID"],
  ["lscr.io/a/b", "?ns=quay.io", "400 NAME_INVALID"],
  // A first part that looks like a registry and is none.
  ["evil.example/a/b", "", "404 NAME_UNKNOWN"],
  ["docker.io.evil.example/a", "", "404 NAME_UNKNOWN"],
  ["ghcr.io.a/b", "", "404 NAME_UNKNOWN"],
  ["docker.com/a", "", "404 NAME_UNKNOWN"],
  ["quay.io", "", "404 NAME_UNKNOWN"],
  ["127.0.0.1/a", "", "404 NAME_UNKNOWN"],
  ["ghcr.io:443/a/b", "", "400 NAME_INVALID"],
  // Repositories that are called like a registry, or like a row of the table.
  ["docker.io/ghcr.io/a", "", "docker.io ghcr.io/a"],
  ["ghcr.io/quay.io/a", "", "ghcr.io quay.io/a"],
  ["ghcr.io/ghcr.io/a", "", "ghcr.io ghcr.io/a"],
  ["ghcr.io/ghcr.io/a", "?ns=ghcr.io", "ghcr.io ghcr.io/a"],
  ["library/ghcr.io", "", "docker.io library/ghcr.io"],
  ["ghcr.io", "?ns=docker.io", "docker.io library/ghcr.io"],
  ["docker/a", "", "docker.io docker/a"],
  ["library/library", "", "docker.io library/library"],
  // The protocol's own words as parts of names: the rightmost decides.
  ["auth", "", "docker.io library/auth"],
  ["auth/x", "", "docker.io auth/x"],
  ["ghcr.io/auth", "", "ghcr.io auth"],
  ["tags", "", "docker.io library/tags"],
  ["tags/list", "", "docker.io tags/list"],
  ["ghcr.io/tags/list", "", "ghcr.io tags/list"],
  ["manifests/a", "", "docker.io manifests/a"],
  ["a/manifests/b", "", "docker.io a/manifests/b"],
  ["a/blobs/uploads", "", "docker.io a/blobs/uploads"],
  ["blobs/uploads", "?ns=ghcr.io", "ghcr.io blobs/uploads"],
  ["docker.io/v2/x", "", "docker.io v2/x"],
  ["v2/x", "", "docker.io v2/x"],
  ["ghcr.io/v2", "", "ghcr.io v2"],
  // What the platform folds before anybody looks.
  ["ghcr.io/../x", "", "docker.io library/x"],
  ["ghcr.io/%2e%2e/x", "", "docker.io library/x"],
  ["ghcr.io/./a/b", "", "ghcr.io a/b"],
  ["ghcr.io\\a\\b", "", "ghcr.io a/b"],
  ["quay.io/../ghcr.io/x", "", "ghcr.io x"],
  // What is no name.
  ["GHCR.IO/x", "", "400 NAME_INVALID"],
  ["Ghcr.io/x", "?ns=ghcr.io", "400 NAME_INVALID"],
  ["ghcr.io//a/b", "", "400 NAME_INVALID"],
  ["/ghcr.io/a/b", "", "400 NAME_INVALID"],
  ["ghcr.io/a//b", "", "400 NAME_INVALID"],
  ["ghcr.io/", "", "400 NAME_INVALID"],
  ["ghcr.io%2fa/b", "", "400 NAME_INVALID"],
  ["ghcr.io/a%2Fb", "", "400 NAME_INVALID"],
  ["ghcr.io%2f..%2fx", "", "400 NAME_INVALID"],
  ["ghcr.io/a%00/b", "", "400 NAME_INVALID"],
  ["%67hcr.io/a/b", "", "400 NAME_INVALID"],
  ["ghcr.io./a/b", "", "400 NAME_INVALID"],
  [".ghcr.io/a", "", "400 NAME_INVALID"],
  ["user@ghcr.io/a", "", "400 NAME_INVALID"],
  ["ghcr.io;x/a", "", "400 NAME_INVALID"],
  ["ghcr.io/_/a", "", "400 NAME_INVALID"],
  [`ghcr.io/${"a/".repeat(130)}a`, "", "400 NAME_INVALID"],
  // Complete with `library/` it would be too long for any client.
  ["n".repeat(250), "", "400 NAME_INVALID"],
];

describe.each(UNIVERSAL_HOSTS)("on %s", (host) => {
  it.each(ROWS)("%s%s is %s", async (name, query, expected) => {
    expect(await resolved(`http://${host}`, `/v2/${name}/tags/list${query}`)).toBe(expected);
  });

  it("a registry without a name goes by its host and port, in ns= only", async () => {
    const ns = new URL(universal.own.url).host;
    expect(await resolved(`http://${host}`, `/v2/a/b/tags/list?ns=${ns}`)).toBe("own a/b");
    expect(await resolved(`http://${host}`, `/v2/nginx/tags/list?ns=${encodeURIComponent(ns)}`)).toBe(
      "own nginx",
    );
    expect(await resolved(`http://${host}`, `/v2/${ns}/a/b/tags/list`)).toBe("400 NAME_INVALID");
  });
});

describe("on a host of one registry", () => {
  it.each([
    ["docker", "nginx", "", "docker.io library/nginx"],
    ["docker", "docker.io/nginx", "", "docker.io library/nginx"],
    ["docker", "index.docker.io/nginx", "?ns=docker.io", "docker.io library/nginx"],
    // Another registry's name is a repository's here: the host has said which registry is meant.
    ["docker", "ghcr.io/a", "", "docker.io ghcr.io/a"],
    ["docker", "a/b", "?ns=ghcr.io", "404 NAME_UNKNOWN"],
    ["docker", "a/b", "?ns=evil.example", "404 NAME_UNKNOWN"],
    ["ghcr", "nginx", "", "ghcr.io nginx"],
    ["ghcr", "ghcr.io/a/b", "", "ghcr.io a/b"],
    ["ghcr", "lscr.io/a/b", "", "ghcr.io a/b"],
    ["ghcr", "quay.io/a", "", "ghcr.io quay.io/a"],
    ["ghcr", "a/b", "?ns=lscr.io", "ghcr.io a/b"],
    ["ghcr", "a/b", "?ns=docker.io", "404 NAME_UNKNOWN"],
    ["quay", "a/b", "", "quay.io a/b"],
  ])("%s: %s%s is %s", async (label, name, query, expected) => {
    expect(await resolved(`http://${label}.example.com`, `/v2/${name}/tags/list${query}`)).toBe(expected);
  });
});

describe("paths that are no endpoint of a repository", () => {
  it.each([
    ["/v2/ghcr.io", "404 NAME_UNKNOWN"],
    ["/v2/ghcr.io/", "404 NAME_UNKNOWN"],
    ["/v2/ghcr.io/v2/", "404 NAME_UNKNOWN"],
    ["/v2/ghcr.io/_catalog", "404 NAME_UNKNOWN"],
    ["/v2/ghcr.io/manifests/latest", "404 NAME_UNKNOWN"],
    ["/v2/ghcr.io/auth", "404 NAME_UNKNOWN"],
    ["/v2/auth/", "404 NAME_UNKNOWN"],
    ["/v2/auth/x", "404 NAME_UNKNOWN"],
    ["/v2/tags/list", "400 NAME_INVALID"],
    ["/v2//tags/list", "400 NAME_INVALID"],
    ["/v2/manifests/latest", "400 NAME_INVALID"],
    ["//v2/a/b/tags/list", "404 NAME_UNKNOWN"],
    ["/ghcr.io/v2/a/b/tags/list", "404 NAME_UNKNOWN"],
    ["/ghcr.io/a/b", "404 NAME_UNKNOWN"],
    ["/V2/a/b/tags/list", "404 NAME_UNKNOWN"],
  ])("%s is %s", async (path, expected) => {
    expect(await resolved(MIRROR, path)).toBe(expected);
  });
});

describe("an unknown registry is 404, and the answer says which there are", () => {
  it.each(["/v2/evil.example/a/tags/list", "/v2/a/tags/list?ns=evil.example", "/v2/?ns=evil.example"])(
    "%s",
    async (path) => {
      const response = await universal.ferry.fetch(MIRROR + path);
      expect(response.status).toBe(404);
      const { errors } = await response.json<OciErrors>();
      expect(errors[0]?.code).toBe("NAME_UNKNOWN");
      expect(errors[0]?.message).toMatch(/docker\.io, ghcr\.io, quay\.io/);
      expect(errors[0]?.detail).toMatchObject({
        registries: expect.arrayContaining(["docker.io", "ghcr.io", "quay.io"]) as unknown,
      });
    },
  );

  it("a first part with a dot is told that it looks like a registry", async () => {
    const response = await universal.ferry.fetch(`${MIRROR}/v2/ghcr.oi/a/b/manifests/latest`);
    const { errors } = await response.json<OciErrors>();
    expect(errors[0]?.message).toMatch(/"ghcr\.oi" looks like a registry/);
  });

  it("HEAD, which has no body, is 404 and no challenge", async () => {
    const response = await universal.ferry.fetch(`${MIRROR}/v2/ghcr.oi/a/b/manifests/latest`, {
      method: "HEAD",
    });
    expect(response.status).toBe(404);
    expect(response.headers.get("WWW-Authenticate")).toBeNull();
  });

  it("ns= that is another registry's tells what this host serves", async () => {
    const response = await universal.ferry.fetch("http://ghcr.example.com/v2/a/b/tags/list?ns=quay.io");
    const { errors } = await response.json<OciErrors>();
    expect(errors[0]?.message).toContain("ghcr.io");
  });

  it("without a row for Docker Hub a plain name is no registry's", async () => {
    const ferry = new Ferry({ ghcr: row(universal.ghcr, { registry: "ghcr.io" }), mirror: "*" });
    const response = await ferry.fetch(`${MIRROR}/v2/a/b/tags/list`);
    expect(response.status).toBe(404);
    const { errors } = await response.json<OciErrors>();
    expect(errors[0]?.message).toMatch(/Docker Hub is not served here.*ghcr\.io/);
  });
});
