// Which host leads where, which names are none, and what a faulty table answers.
import { afterEach, describe, expect, it, vi } from "vitest";
import { ClientFerry, codeOf, fakeUpstream, type OciErrors } from "../client-ferry.ts";

const TABLE = {
  docker: "https://registry-1.docker.io",
  GHCR: "https://ghcr.io",
  "k8s-gcr": { upstream: "https://registry.k8s.io" },
  "hub.example.com": "https://quay.io",
  "ghcr.special.example.com": "https://gcr.io",
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a host leads to the registry of its row", () => {
  it.each([
    ["docker.example.com", "registry-1.docker.io"],
    ["docker.example.com.cn", "registry-1.docker.io"],
    ["docker.localhost:8787", "registry-1.docker.io"],
    ["DOCKER.Example.COM", "registry-1.docker.io"],
    ["docker.example.com.", "registry-1.docker.io"],
    ["docker", "registry-1.docker.io"],
    ["ghcr.example.com", "ghcr.io"],
    ["ghcr.special.example.com:443", "gcr.io"],
    ["k8s-gcr.example.com", "registry.k8s.io"],
    ["hub.example.com", "quay.io"],
  ])("%s", async (host, upstream) => {
    const departed = fakeUpstream(() => Response.json({}));
    const response = await new ClientFerry(TABLE).fetch("https://placeholder.example.com/v2/a/b/tags/list", {
      headers: { Host: host },
    });
    expect(response.status).toBe(200);
    expect(departed.map(({ url }) => url.href)).toEqual([`https://${upstream}/v2/a/b/tags/list`]);
  });

  it("the table may be a JSON string", async () => {
    const departed = fakeUpstream(() => Response.json({}));
    await new ClientFerry(JSON.stringify(TABLE)).fetch("https://docker.example.com/v2/");
    expect(departed.map(({ url }) => url.href)).toEqual(["https://registry-1.docker.io/v2/"]);
  });

  it("without a Host header the URL's host counts", async () => {
    const departed = fakeUpstream(() => Response.json({}));
    await new ClientFerry(TABLE).fetch("https://ghcr.example.com/v2/");
    expect(departed.map(({ url }) => url.href)).toEqual(["https://ghcr.io/v2/"]);
  });
});

describe("a host of no row is 404, and nothing leaves", () => {
  it.each([
    "example.com",
    "other.example.com",
    "xdocker.example.com",
    "docker2.example.com",
    "hub.example.org",
  ])("%s", async (host) => {
    const departed = fakeUpstream(() => Response.json({}));
    for (const path of ["/v2/", "/v2/a/b/manifests/latest", "/v2/auth", "/"]) {
      const response = await new ClientFerry(TABLE).fetch(`https://${host}${path}`);
      expect(response.status).toBe(404);
      expect(await codeOf(response)).toBe("NAME_UNKNOWN");
    }
    expect(departed).toEqual([]);
  });

  it.each([
    "docker example.com",
    "docker.example.com/x",
    '"><script>',
    "docker.example.com:x",
    "-",
    "",
    "a@b",
  ])("a Host header that is no host is 400: %j", async (host) => {
    const departed = fakeUpstream(() => Response.json({}));
    const response = await new ClientFerry(TABLE).fetch("https://docker.example.com/v2/", {
      headers: { Host: host },
    });
    expect(response.status).toBe(400);
    expect(await codeOf(response)).toBe("NAME_INVALID");
    expect(departed).toEqual([]);
  });
});

describe("`ns=` on a host of one registry", () => {
  it.each(["docker.io", "index.docker.io", "registry-1.docker.io", "DOCKER.IO"])(
    "may name that registry: %s; it does not go up, and comes back as OCI-Namespace",
    async (ns) => {
      const departed = fakeUpstream(() => Response.json({}));
      const url = `https://docker.example.com/v2/a/b/tags/list?n=1&ns=${ns}&last=x`;
      const response = await new ClientFerry(TABLE).fetch(url);
      expect(response.status).toBe(200);
      expect(response.headers.get("OCI-Namespace")).toBe(ns);
      expect(departed.map(({ url: { search } }) => search)).toEqual(["?n=1&last=x"]);
    },
  );

  it.each(["ghcr.io", "evil.example.com", "registry-1.docker.io.evil.example.com"])(
    "any other is 404, upon which clients go on to the next host: %s",
    async (ns) => {
      const departed = fakeUpstream(() => Response.json({}));
      const response = await new ClientFerry(TABLE).fetch(
        `https://docker.example.com/v2/a/b/tags/list?ns=${ns}`,
      );
      expect(response.status).toBe(404);
      expect(await codeOf(response)).toBe("NAME_UNKNOWN");
      expect(departed).toEqual([]);
    },
  );

  it("twice is 400", async () => {
    const response = await new ClientFerry(TABLE).fetch(
      "https://docker.example.com/v2/?ns=docker.io&ns=docker.io",
    );
    expect(response.status).toBe(400);
  });
});

describe("what is no name, reference or digest goes nowhere", () => {
  const sha = "a".repeat(64);
  it.each([
    ["/v2/Library/hello/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/library%2fhello/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/library%2Fhello/tags/list", 400, "NAME_INVALID"],
    ["/v2/hello%00/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a//b/manifests/latest", 400, "NAME_INVALID"],
    ["/v2//manifests/latest", 400, "NAME_INVALID"],
    ["/v2/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a..b/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a/-b/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a___b/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/ümlaut/manifests/latest", 400, "NAME_INVALID"],
    ["/v2/a;b/manifests/latest", 400, "NAME_INVALID"],
    [`/v2/${"a/".repeat(150)}a/manifests/latest`, 400, "NAME_INVALID"],
    ["/v2/a/%2e%2e/%2e%2e/b/manifests/x", 404, "NAME_UNKNOWN"],
    ["/v2/a/b/manifests/", 404, "MANIFEST_UNKNOWN"],
    ["/v2/a/b/manifests/.dot", 404, "MANIFEST_UNKNOWN"],
    [`/v2/a/b/manifests/${"t".repeat(129)}`, 404, "MANIFEST_UNKNOWN"],
    ["/v2/a/b/manifests/a%2fb", 404, "MANIFEST_UNKNOWN"],
    [`/v2/a/b/manifests/sha256:${sha.slice(1)}`, 400, "DIGEST_INVALID"],
    [`/v2/a/b/manifests/sha256:${sha.toUpperCase()}`, 400, "DIGEST_INVALID"],
    ["/v2/a/b/blobs/sha256:", 400, "DIGEST_INVALID"],
    ["/v2/a/b/blobs/sha256:%2e%2e", 400, "DIGEST_INVALID"],
    ["/v2/a/b/blobs/latest", 400, "DIGEST_INVALID"],
    [`/v2/a/b/blobs/SHA256:${sha}`, 400, "DIGEST_INVALID"],
    [`/v2/a/b/referrers/sha512:${sha}`, 400, "DIGEST_INVALID"],
    ["/v2/a/b/referrers/latest", 400, "DIGEST_INVALID"],
    ["/v2/a/b/blobs/uploads/a%2fb", 404, "NAME_UNKNOWN"],
    ["/v2/a/b/blobs/uploads/..%2f..%2fx", 404, "NAME_UNKNOWN"],
  ])("%s", async (path, status, code) => {
    const departed = fakeUpstream(() => Response.json({}));
    const response = await new ClientFerry(TABLE).fetch(`https://docker.example.com${path}`);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
    expect(departed).toEqual([]);
  });

  it("an unknown algorithm may be one of tomorrow's", async () => {
    const departed = fakeUpstream(() => new Response("x"));
    await new ClientFerry(TABLE).fetch("https://docker.example.com/v2/a/b/blobs/blake3+x:AbC_-=");
    expect(departed.map(({ url }) => url.pathname)).toEqual(["/v2/a/b/blobs/blake3+x:AbC_-="]);
  });

  it("dot segments are folded by the platform before anybody looks", async () => {
    const departed = fakeUpstream(() => Response.json({}));
    await new ClientFerry(TABLE).fetch("https://docker.example.com/v2/ghcr.io/../x/y/tags/list");
    expect(departed.map(({ url }) => url.pathname)).toEqual(["/v2/x/y/tags/list"]);
  });
});

describe("a faulty configuration is 500, and strangers learn the variable but not the row", () => {
  it.each([
    ["no table", undefined, {}],
    ["an empty table", {}, {}],
    ["no JSON", "{", {}],
    ["a row without https", { ...TABLE, "secret-label": "http://registry.example.com" }, {}],
    ["a row with an unknown option", { "secret-label": { upstream: "https://quay.io", secret: 1 } }, {}],
    ["an access variable that is not understood", TABLE, { ACCESS_USERS: "secret" }],
  ])("%s", async (_, routes, variables) => {
    const departed = fakeUpstream(() => Response.json({}));
    const ferry = new ClientFerry(routes, variables);
    for (const path of ["/v2/", "/v2/auth", "/v2/a/b/tags/list", "/", "/healthz"]) {
      const response = await ferry.fetch(`https://docker.example.com${path}`);
      expect(response.status).toBe(500);
      const { errors } = await response.json<OciErrors>();
      expect(errors[0]?.code).toBe("UNKNOWN");
      expect(errors[0]?.message).toContain("ACCESS_USERS" in variables ? "ACCESS_USERS" : "ROUTES");
      expect(JSON.stringify(errors)).not.toContain("secret");
    }
    expect(departed).toEqual([]);
  });

  it("HEAD is 500 without a body", async () => {
    const response = await new ClientFerry({}).fetch("https://docker.example.com/v2/", { method: "HEAD" });
    expect([response.status, response.body]).toEqual([500, null]);
  });
});
