// The embedded registry keeps the protocol's promises; everything else is tested against it.
import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { controlClient } from "../registry/client.ts";
import { startControl } from "../registry/control.ts";
import { startRegistry } from "../registry/index.ts";
import type { EmbeddedRegistry, RegistryOptions } from "../registry/index.ts";

const ALICE = `Basic ${Buffer.from("alice:alice-password").toString("base64")}`;
const running: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function registryWith(options: RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const registry = await startRegistry(options);
  running.push(registry);
  return registry;
}

const get = (url: string, headers: Record<string, string> = {}, method = "GET") =>
  fetch(url, { method, headers, redirect: "manual" });

async function bearer(registry: EmbeddedRegistry, scope: string, authorization?: string): Promise<string> {
  const url = `${registry.tokenUrl}?service=registry.test&scope=${encodeURIComponent(scope)}`;
  const response = await get(url, authorization === undefined ? {} : { Authorization: authorization });
  return `Bearer ${((await response.json()) as { token: string }).token}`;
}

async function codeOf(response: Response): Promise<string | undefined> {
  return ((await response.json()) as { errors: { code: string }[] }).errors[0]?.code;
}

const sha = (bytes: string, algorithm = "sha256") =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;

describe("challenges", () => {
  it("challenges the ping without a scope and resources with theirs", async () => {
    const registry = await registryWith();
    const ping = await get(`${registry.url}/v2/`);
    expect(ping.status).toBe(401);
    expect(ping.headers.get("www-authenticate")).toBe(
      `Bearer realm="${registry.tokenUrl}",service="registry.test"`,
    );
    const resource = await get(`${registry.url}/v2/library/hello/manifests/latest`);
    expect(resource.headers.get("www-authenticate")).toContain('scope="repository:library/hello:pull"');
  });

  it.each<[RegistryOptions["challenge"] & object, string | null]>([
    [{ unquotedService: true }, ",service=registry.test,scope="],
    [{ omitService: true, omitScope: true }, '/token"'],
    [{ extraBasic: true }, ", Bearer realm="],
    [{ realm: "http://evil.test/t", realmQuery: "a=b" }, 'realm="http://evil.test/t?a=b"'],
    [{ omitHeader: "resources" }, null],
  ])("sends the odd challenge %j", async (challenge, expected) => {
    const registry = await registryWith({ challenge });
    const response = await get(`${registry.url}/v2/a/b/manifests/latest`);
    const header = response.headers.get("www-authenticate");
    if (expected === null) expect(header).toBeNull();
    else expect(header).toContain(expected);
  });

  it("serves the token on the registry's origin when the realm is there", async () => {
    const registry = await registryWith({ challenge: { sameOriginRealm: true } });
    expect((await get(`${registry.url}/token`)).status).toBe(200);
    expect((await get(`${(await registryWith()).url}/token`)).status).toBe(404);
  });
});

describe("tokens", () => {
  it("opens what they grant and nothing else", async () => {
    const registry = await registryWith();
    registry.seedImage({ repository: "library/hello" });
    const Authorization = await bearer(registry, "repository:library/hello:pull");
    expect((await get(`${registry.url}/v2/library/hello/manifests/latest`, { Authorization })).status).toBe(
      200,
    );
    const other = await get(`${registry.url}/v2/library/other/manifests/latest`, { Authorization });
    expect(other.status).toBe(401);
    expect(other.headers.get("www-authenticate")).toContain('error="insufficient_scope"');
  });

  it("keep private repositories from anonymous callers and from users that may not read them", async () => {
    const users = { alice: "alice-password", bob: "bob-password" };
    const registry = await registryWith({ users, readers: { tenant: ["bob"] } });
    for (const repository of ["private/secret", "tenant/app"]) registry.seedImage({ repository });
    const status = async (repository: string, authorization?: string) => {
      const Authorization = await bearer(registry, `repository:${repository}:pull`, authorization);
      return (await get(`${registry.url}/v2/${repository}/tags/list`, { Authorization })).status;
    };
    expect(await status("private/secret")).toBe(401);
    expect(await status("private/secret", ALICE)).toBe(200);
    expect(await status("tenant/app", ALICE)).toBe(401);
  });

  it("end when the repository becomes private, when they expire and when they are revoked", async () => {
    const registry = await registryWith();
    registry.seedImage({ repository: "library/hello" });
    const url = `${registry.url}/v2/library/hello/tags/list`;
    const Authorization = await bearer(registry, "repository:library/hello:pull");
    registry.setPrivate(["library"]);
    expect((await get(url, { Authorization })).status).toBe(401);
    registry.setPrivate([]);
    expect((await get(url, { Authorization })).status).toBe(200);
    registry.revokeTokens();
    expect((await get(url, { Authorization })).headers.get("www-authenticate")).toContain("invalid_token");
    registry.configure({ maxTokenAge: -1 });
    const expired = await bearer(registry, "repository:library/hello:pull");
    expect((await get(url, { Authorization: expired })).status).toBe(401);
  });

  it("are refused to a wrong password, and given for a password or refresh token by POST", async () => {
    const registry = await registryWith({ refreshTokens: true });
    const wrong = `Basic ${Buffer.from("alice:wrong").toString("base64")}`;
    expect((await get(registry.tokenUrl, { Authorization: wrong })).status).toBe(401);

    const post = async (body: Record<string, string>) => {
      const response = await fetch(registry.tokenUrl, { method: "POST", body: new URLSearchParams(body) });
      return (await response.json()) as Record<string, string>;
    };
    const first = await post({
      grant_type: "password",
      username: "alice",
      password: "alice-password",
      access_type: "offline",
    });
    expect(first.refresh_token).toMatch(/^refresh_/);
    const second = await post({ grant_type: "refresh_token", refresh_token: first.refresh_token ?? "" });
    expect(second.access_token).toMatch(/^registry_/);
    expect(registry.requests.at(-1)?.body).toContain("grant_type=refresh_token");
  });

  it("take the shape that is asked for", async () => {
    const registry = await registryWith({ tokenJson: "token", expiresIn: null, postToken: false });
    expect(Object.keys((await (await get(registry.tokenUrl)).json()) as object)).toEqual(["token"]);
    expect((await get(registry.tokenUrl, {}, "POST")).status).toBe(405);
  });

  it("are refused for a private repository where the service says so", async () => {
    const registry = await registryWith({ anonymousPrivate: 403 });
    expect((await get(`${registry.tokenUrl}?scope=repository:private/x:pull`)).status).toBe(403);
  });
});

describe("manifests", () => {
  it("answer GET and HEAD alike, by tag and digest, with digest, type, length and ETag", async () => {
    const registry = await registryWith({ auth: "none" });
    const image = registry.seedImage({ repository: "library/hello" });
    for (const reference of ["latest", image.digest]) {
      for (const method of ["GET", "HEAD"]) {
        const response = await get(`${registry.url}/v2/library/hello/manifests/${reference}`, {}, method);
        expect(response.headers.get("docker-content-digest")).toBe(image.digest);
        expect(response.headers.get("content-type")).toBe(image.mediaType);
        expect(response.headers.get("content-length")).toBe(String(image.size));
        const again = { "If-None-Match": response.headers.get("etag") ?? "" };
        expect((await get(response.url, again, method)).status).toBe(304);
      }
    }
  });

  it("count against the quota on GET, never on HEAD", async () => {
    const registry = await registryWith({ auth: "none", quota: 1, retryAfter: 7 });
    registry.seedImage({ repository: "library/hello" });
    const url = `${registry.url}/v2/library/hello/manifests/latest`;
    expect((await get(url)).headers.get("ratelimit-remaining")).toBe("0;w=21600");
    const limited = await get(url);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect(await codeOf(limited)).toBe("TOOMANYREQUESTS");
    expect((await get(url, {}, "HEAD")).status).toBe(200);
  });

  it("are refused when their digest, media type or blobs do not fit", async () => {
    const registry = await registryWith({ auth: "none" });
    const type = "application/vnd.oci.image.manifest.v1+json";
    const put = (reference: string, body: string, contentType = type) =>
      fetch(`${registry.url}/v2/team/app/manifests/${reference}`, {
        method: "PUT",
        body,
        headers: { "Content-Type": contentType },
      });
    const body = JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      layers: [],
      subject: { digest: sha("x") },
    });
    expect(await codeOf(await put(sha("other"), body))).toBe("DIGEST_INVALID");
    expect(await codeOf(await put("v1", body, "application/json"))).toBe("MANIFEST_INVALID");
    const layers = [{ digest: sha("absent"), size: 1 }];
    expect(await codeOf(await put("v1", JSON.stringify({ mediaType: type, layers })))).toBe(
      "MANIFEST_BLOB_UNKNOWN",
    );
    const stored = await put(`${sha(body, "sha512")}?tag=v1&tag=v2`, body);
    expect(stored.status).toBe(201);
    expect(stored.headers.get("oci-subject")).toBe(sha("x"));
    expect(stored.headers.get("oci-tag")).toBe("v1, v2");
  });

  it("disappear by tag or, with their tags, by digest", async () => {
    const registry = await registryWith({ auth: "none" });
    const { digest } = registry.seedImage({ repository: "a/b" });
    const base = `${registry.url}/v2/a/b/manifests/`;
    expect((await get(`${base}latest`, {}, "DELETE")).status).toBe(202);
    expect(await codeOf(await get(`${base}latest`))).toBe("MANIFEST_UNKNOWN");
    expect((await get(`${base}${digest}`)).status).toBe(200);
    expect((await get(`${base}${digest}`, {}, "DELETE")).status).toBe(202);
    expect((await get(`${base}${digest}`)).status).toBe(404);
  });

  it("can be stored under a wrong digest by seeding, for poisoning tests", async () => {
    const registry = await registryWith({ auth: "none" });
    const manifest = {
      repository: "a/b",
      reference: sha("good"),
      mediaType: "application/json",
      body: "bad",
    };
    expect(() => registry.seedManifest(manifest)).toThrow("digest does not fit");
    registry.seedManifest({ ...manifest, unchecked: true });
    expect(await (await get(`${registry.url}/v2/a/b/manifests/${sha("good")}`)).text()).toBe("bad");
  });
});

describe("blobs", () => {
  const content = "0123456789";
  const direct = async (options: RegistryOptions = {}) => {
    const registry = await registryWith({ auth: "none", redirectBlobs: false, ...options });
    const { digest } = registry.seedBlob({ repository: "a/b", content });
    return { registry, url: `${registry.url}/v2/a/b/blobs/${digest}` };
  };

  it.each([
    ["bytes=2-4", 206, "bytes 2-4/10", "234"],
    ["bytes=7-", 206, "bytes 7-9/10", "789"],
    ["bytes=-2", 206, "bytes 8-9/10", "89"],
    ["bytes=8-99", 206, "bytes 8-9/10", "89"],
    ["bytes=4-2", 200, null, content],
    ["lines=1-2", 200, null, content],
  ])("answer Range %s", async (Range, status, contentRange, body) => {
    const { url } = await direct();
    const response = await get(url, { Range });
    expect([response.status, response.headers.get("content-range")]).toEqual([status, contentRange]);
    expect(await response.text()).toBe(body);
  });

  it("refuse a range beyond the end and send several as multipart", async () => {
    const { url } = await direct();
    const beyond = await get(url, { Range: "bytes=10-" });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */10"]);
    const several = await get(url, { Range: "bytes=0-1,8-9" });
    expect(several.headers.get("content-type")).toMatch(/^multipart\/byteranges; boundary=/);
    const text = await several.text();
    expect(text).toContain("Content-Range: bytes 0-1/10\r\n\r\n01\r\n");
    expect(text).toContain("Content-Range: bytes 8-9/10\r\n\r\n89\r\n");
  });

  it("redirect to a signed CDN link, which refuses Authorization and forgery", async () => {
    const { url, registry } = await direct({ redirectBlobs: true });
    const redirect = await get(url);
    expect(redirect.status).toBe(307);
    const link = redirect.headers.get("location") ?? "";
    expect(link.startsWith(registry.cdnUrl)).toBe(true);
    expect(await (await get(link)).text()).toBe(content);
    expect((await get(link, { Range: "bytes=0-1" })).status).toBe(206);
    const refused = await get(link, { Authorization: "Bearer x" });
    expect([refused.status, await refused.text()]).toEqual([
      400,
      expect.stringContaining("x-amz-content-sha256"),
    ]);
    expect((await get(`${link}0`)).status).toBe(403);
    registry.configure({ linkSeconds: -1 });
    expect((await get((await get(url)).headers.get("location") ?? "")).status).toBe(403);
  });

  it("redirect relatively, as Google does", async () => {
    const { url, registry } = await direct({ redirectBlobs: "relative" });
    const redirect = await get(url, {}, "HEAD");
    expect(redirect.status).toBe(302);
    const location = redirect.headers.get("location") ?? "";
    expect(location).toMatch(/^\/artifacts-downloads\//);
    expect(await (await get(registry.url + location)).text()).toBe(content);
  });

  it("break after so many bytes, so many times", async () => {
    const { url } = await direct({ breakBlobAfter: 4, breakBlobTimes: 1 });
    await expect(get(url).then((response) => response.text())).rejects.toThrow();
    expect(await (await get(url)).text()).toBe(content);
  });

  it("belong to their repository", async () => {
    const { url } = await direct();
    expect(await codeOf(await get(url.replace("/a/b/", "/a/c/")))).toBe("NAME_UNKNOWN");
  });
});

describe("uploads", () => {
  const call = (url: string, method: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(url, { method, headers, redirect: "manual", ...(body !== undefined && { body }) });

  it.each(["path", "absolute", "query", "google", "other-host"] as const)(
    "run in chunks to a digest, with %s Locations",
    async (uploadLocation) => {
      const registry = await registryWith({ auth: "none", uploadLocation, redirectBlobs: false });
      const resolved = (response: Response) =>
        new URL(response.headers.get("location") ?? "", registry.url).href;
      const started = await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST");
      expect(started.status).toBe(202);
      const first = await call(resolved(started), "PATCH", "hello ", { "Content-Range": "0-5" });
      expect([first.status, first.headers.get("range")]).toEqual([202, "0-5"]);
      const wrong = await call(resolved(first), "PATCH", "world", { "Content-Range": "9-13" });
      expect([wrong.status, wrong.headers.get("range")]).toEqual([416, "0-5"]);
      const status = await call(resolved(wrong), "GET");
      expect([status.status, status.headers.get("range")]).toEqual([204, "0-5"]);
      const second = await call(resolved(status), "PATCH", "world");
      const digest = sha("hello world", "sha512");
      const finished = await call(`${resolved(second)}&digest=${digest}`, "PUT");
      expect(finished.status).toBe(201);
      expect(finished.headers.get("docker-content-digest")).toBe(digest);
      expect(await (await get(resolved(finished))).text()).toBe("hello world");
    },
  );

  it("refuse another digest and an old Location, and can be cancelled", async () => {
    const registry = await registryWith({ auth: "none" });
    const start = async () => {
      const response = await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST");
      return registry.url + (response.headers.get("location") ?? "");
    };
    expect(await codeOf(await call(`${await start()}&digest=${sha("y")}`, "PUT", "x"))).toBe(
      "DIGEST_INVALID",
    );
    const old = await start();
    await call(old, "PATCH", "x");
    expect(await codeOf(await call(old, "PATCH", "y"))).toBe("BLOB_UPLOAD_INVALID");
    expect((await call(old, "DELETE")).status).toBe(204);
    expect(await codeOf(await call(old, "GET"))).toBe("BLOB_UPLOAD_UNKNOWN");
  });

  it("are one request with a digest, or none by mount", async () => {
    const registry = await registryWith({ auth: "none" });
    const url = `${registry.url}/v2/a/b/blobs/uploads/`;
    expect((await call(`${url}?digest=${sha("x")}`, "POST", "x")).status).toBe(201);
    const other = `${registry.url}/v2/c/d/blobs/uploads/`;
    expect((await call(`${other}?mount=${sha("x")}&from=a/b`, "POST")).status).toBe(201);
    expect((await call(`${other}?mount=${sha("y")}&from=a/b`, "POST")).status).toBe(202);
  });

  it("do not mount from a repository that the token does not cover", async () => {
    const registry = await registryWith();
    const { digest } = registry.seedBlob({ repository: "private/secret", content: "x" });
    const Authorization = await bearer(registry, "repository:a/b:pull,push", ALICE);
    const url = `${registry.url}/v2/a/b/blobs/uploads/?mount=${digest}&from=private/secret`;
    expect((await call(url, "POST", undefined, { Authorization })).status).toBe(202);
  });

  it("are for writers", async () => {
    const registry = await registryWith({ writers: ["carol"] });
    const Authorization = await bearer(registry, "repository:a/b:pull,push", ALICE);
    expect((await call(`${registry.url}/v2/a/b/blobs/uploads/`, "POST", "", { Authorization })).status).toBe(
      401,
    );
  });
});

describe("lists", () => {
  it("come in pages with a Link to the next", async () => {
    const registry = await registryWith({ auth: "none", pageSize: 2 });
    for (const tag of ["c", "a", "b"]) registry.seedImage({ repository: "a/b", tag, layers: [1] });
    const first = await get(`${registry.url}/v2/a/b/tags/list?n=50`);
    expect(await first.json()).toEqual({ name: "a/b", tags: ["a", "b"] });
    expect(first.headers.get("link")).toBe('</v2/a/b/tags/list?n=2&last=b>; rel="next"');
    const second = await get(`${registry.url}/v2/a/b/tags/list?n=2&last=b`);
    expect(await second.json()).toEqual({ name: "a/b", tags: ["c"] });
    expect(second.headers.get("link")).toBeNull();
    expect((await get(`${registry.url}/v2/a/b/tags/list?n=x`)).status).toBe(400);
  });

  it("show anonymous callers no private repository in the catalog", async () => {
    const registry = await registryWith();
    for (const repository of ["private/secret", "library/hello"]) registry.seedImage({ repository });
    const names = async (authorization?: string) => {
      const Authorization = await bearer(registry, "registry:catalog:*", authorization);
      const response = await get(`${registry.url}/v2/_catalog`, { Authorization });
      return ((await response.json()) as { repositories: string[] }).repositories;
    };
    expect(await names()).toEqual(["library/hello"]);
    expect(await names(ALICE)).toEqual(["library/hello", "private/secret"]);
  });

  it("give a manifest's referrers, filtered and in pages", async () => {
    const registry = await registryWith({ auth: "none", pageSize: 1 });
    const { digest } = registry.seedImage({ repository: "a/b" });
    for (const artifactType of ["x/sbom", "x/signature"]) {
      registry.seedReferrer({ repository: "a/b", subject: digest, artifactType });
    }
    const url = `${registry.url}/v2/a/b/referrers/${digest}`;
    const filtered = await get(`${url}?artifactType=x/sbom`);
    expect(filtered.headers.get("oci-filters-applied")).toBe("artifactType");
    expect(await filtered.json()).toMatchObject({ manifests: [{ artifactType: "x/sbom" }] });
    expect((await get(url)).headers.get("link")).toMatch(/^<\/v2\/a\/b\/referrers\/.*>; rel="next"$/);
    registry.configure({ referrers: false });
    expect((await get(url)).status).toBe(404);
  });
});

describe("faults", () => {
  it("answer with a status, close the socket, or keep silent", async () => {
    const registry = await registryWith({ fail: 503, failPath: "/manifests/", auth: "none" });
    const url = `${registry.url}/v2/a/b/manifests/latest`;
    expect((await get(url)).status).toBe(503);
    expect((await get(`${registry.url}/v2/`)).status).toBe(200);
    registry.configure({ fail: "drop" });
    await expect(get(url)).rejects.toThrow();
    registry.configure({ fail: "hang" });
    await expect(fetch(url, { signal: AbortSignal.timeout(50) })).rejects.toThrow();
    registry.configure({ fail: null, failToken: 500, htmlErrors: true });
    expect((await get(registry.tokenUrl)).status).toBe(500);
    expect((await get(url)).headers.get("content-type")).toContain("text/html");
  });

  it("know one-part names only outside of Docker Hub's manner", async () => {
    const registry = await registryWith({ auth: "none", library: true });
    registry.seedImage({ repository: "hello" });
    expect(await codeOf(await get(`${registry.url}/v2/hello/tags/list`))).toBe("NAME_UNKNOWN");
  });

  it("encode with gzip in spite of identity, and refuse HEAD or leave its digest out", async () => {
    const registry = await registryWith({ auth: "none", gzipEncode: true, headManifest: "no-digest" });
    registry.seedImage({ repository: "a/b" });
    const url = `${registry.url}/v2/a/b/manifests/latest`;
    const encoded = await get(url, { "Accept-Encoding": "identity" });
    expect(encoded.headers.get("content-encoding")).toBe("gzip");
    expect((await get(url, {}, "HEAD")).headers.get("docker-content-digest")).toBeNull();
    registry.configure({ headManifest: 405 });
    expect((await get(url, {}, "HEAD")).status).toBe(405);
  });

  it("refuse a mistyped option", async () => {
    await expect(startRegistry({ quotas: 1 } as RegistryOptions)).rejects.toThrow("unknown registry option");
  });
});

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
    running.push(control);
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
