// The log: one line of JSON for each request, with what an owner needs and nothing that anybody could use.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RemoteRegistry } from "../../registry/client.ts";
import { basic, row, startRegistry } from "../ferry.ts";
import { ClientFerry, fakeUpstream, layerOf, seenBy } from "../client-ferry.ts";

const HOST = "http://docker.example.com";

let lines: string[];
let errors: string[];

beforeEach(() => {
  lines = [];
  errors = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
  for (const other of ["warn", "info", "debug", "trace"] as const) {
    vi.spyOn(console, other).mockImplementation(() => expect.unreachable(`console.${other} is not used`));
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function open(): Promise<{ registry: RemoteRegistry; ferry: ClientFerry }> {
  const registry = await startRegistry({ library: true, private: ["library/secret"], refreshTokens: true });
  return {
    registry,
    ferry: new ClientFerry({ docker: row(registry, { library: true, registry: "registry.test" }) }),
  };
}

function parsed(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? "") as Record<string, unknown>;
}

describe("one line for each request", () => {
  it("with exactly these fields, for a blob that came from the CDN", async () => {
    const { registry, ferry } = await open();
    const image = await registry.seedImage({ repository: "library/hello" });
    await registry.configure({ auth: "none" });
    const url = `https://docker.example.com/v2/hello/blobs/${layerOf(image).digest}`;
    const headers = { "CF-Ray": "8f00b204e9800998-AMS", Host: "docker.example.com:8443" };
    await (await ferry.fetch(url, { headers })).arrayBuffer();
    expect(errors).toEqual([]);
    expect(lines).toHaveLength(1);
    const { upstream_ms, total_ms, ...line } = parsed(lines[0]);
    expect(line).toEqual({
      message: "GET blob 200",
      id: "8f00b204e9800998-AMS",
      method: "GET",
      host: "docker.example.com:8443",
      registry: "registry.test",
      endpoint: "blob",
      lane: "client",
      status: 200,
      upstream_requests: 2,
    });
    expect(Number(upstream_ms)).toBeGreaterThanOrEqual(0);
    expect(Number(total_ms)).toBeGreaterThanOrEqual(Number(upstream_ms));
  });

  it("with an id of its own where Cloudflare gave none", async () => {
    const { ferry } = await open();
    await ferry.fetch(`${HOST}/healthz`);
    await ferry.fetch(`${HOST}/healthz`);
    const ids = lines.map((line) => String(parsed(line)["id"]));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ["/v2/", "ping"],
    ["/v2/_catalog", "catalog"],
    ["/v2/hello/manifests/latest", "manifest"],
    ["/v2/hello/tags/list", "tags"],
    ["/v2/auth?scope=repository:hello:pull", "token"],
    ["/", "page"],
  ])("names the endpoint of %s", async (path, endpoint) => {
    const { ferry } = await open();
    await ferry.fetch(HOST + path);
    expect(lines).toHaveLength(1);
    expect(parsed(lines[0])).toMatchObject({ endpoint });
    expect(parsed(lines[0])["repository"]).toBeUndefined();
  });

  it("answers of 500 and more are errors, with the reason", async () => {
    const { registry, ferry } = await open();
    await registry.configure({ fail: "drop" });
    await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect(lines).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(parsed(errors[0])).toMatchObject({
      status: 503,
      problem: `${registry.host} could not be reached`,
    });
  });

  it("a fault of ours has its id in the answer, and its message in neither", async () => {
    const ferry = new ClientFerry({ docker: "https://registry-1.docker.io" });
    vi.spyOn(crypto, "randomUUID").mockReturnValue("00000000-0000-4000-8000-000000000000");
    const broken = new Response();
    Object.defineProperty(broken, "status", {
      get: () => {
        throw new TypeError("secret-message");
      },
    });
    fakeUpstream(() => broken);
    const response = await ferry.fetch(`${HOST}/v2/hello/manifests/latest`);
    expect(response.status).toBe(500);
    const body = await response.text();
    expect(body).toContain("00000000-0000-4000-8000-000000000000");
    expect(errors).toHaveLength(1);
    expect(parsed(errors[0])["problem"]).toMatch(/^unexpected TypeError at /);
    expect(body + errors.join()).not.toContain("secret-message");
  });
});

describe("nothing that anybody could use is logged", () => {
  it("no password, token, query, signature or client header of a login, a pull and a push", async () => {
    const { registry, ferry } = await open();
    const image = await registry.seedImage({ repository: "library/secret" });
    const alice = basic("alice", "alice-password");
    const scope = "repository:secret:pull,push";
    const login = await ferry.token("docker.example.com", "account=alice&offline_token=true", alice);
    const grant = { grant_type: "refresh_token", refresh_token: String(login["refresh_token"]), scope };
    const granted = await ferry.fetch(`${HOST}/v2/auth`, {
      method: "POST",
      body: new URLSearchParams(grant),
    });
    const token = await granted.json<{ access_token: string }>();
    const headers = {
      "User-Agent": "agent-of-alice",
      Cookie: "cookie-of-alice",
      "X-Forwarded-For": "192.0.2.7",
    };
    const blob = await ferry.pull(`${HOST}/v2/secret/blobs/${layerOf(image).digest}`, scope, alice, {
      headers,
    });
    await blob.arrayBuffer();
    await ferry.pull(`${HOST}/v2/secret/tags/list?last=query-of-alice`, scope, alice);
    const started = await ferry.pull(`${HOST}/v2/secret/blobs/uploads/`, scope, alice, { method: "POST" });
    const [uploadPath = "", uploadState = ""] = (started.headers.get("Location") ?? "").split("?_state=");
    const session = uploadPath.slice(uploadPath.lastIndexOf("/") + 1);
    await ferry.pull(`${HOST}${uploadPath}?_state=${uploadState}`, scope, alice, {
      method: "PATCH",
      body: "x",
    });

    const [link] = await seenBy(registry, "cdn");
    const signature = new URLSearchParams(link?.query).get("X-Signature") ?? "";
    const secrets = [
      "alice",
      alice.slice("Basic ".length),
      String(login["token"]),
      String(login["refresh_token"]),
      token.access_token,
      "registry_",
      "refresh_",
      "Bearer",
      "192.0.2.7",
      "X-Signature",
      signature,
      "_state",
      uploadState,
      session,
      "offline_token",
    ];
    expect(secrets.filter((secret) => secret.length < 5)).toEqual([]);
    expect(lines).toHaveLength(10);
    expect(errors).toEqual([]);
    const log = lines.join("\n");
    expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  });

  it("no signature and no query of a redirect that is refused or fails", async () => {
    const ferry = new ClientFerry({ docker: "https://registry-1.docker.io" });
    for (const target of [
      "http://cdn.example.org/path?sig=secret",
      "https://cdn.example.org/path?sig=secret",
    ]) {
      fakeUpstream(({ url }) => {
        if (url.host === "cdn.example.org") throw new Error(`no route to ${url.href}`);
        return new Response(null, { status: 307, headers: { Location: target } });
      });
      const response = await ferry.fetch(`${HOST}/v2/hello/blobs/sha256:${"a".repeat(64)}`);
      expect(response.status).toBeGreaterThanOrEqual(502);
      expect(await response.text()).not.toMatch(/secret|\/path/);
    }
    expect(errors).toHaveLength(2);
    expect(errors.join("\n")).not.toMatch(/secret|\/path/);
  });

  it("no realm's query and no user of a token service that is refused", async () => {
    fakeUpstream(() => {
      const realm = "https://user:password@evil.example.org/token?key=secret";
      return new Response(null, { status: 401, headers: { "WWW-Authenticate": `Bearer realm="${realm}"` } });
    });
    const response = await new ClientFerry({ docker: "https://registry-1.docker.io" }).fetch(
      `${HOST}/v2/auth`,
    );
    expect(response.status).toBe(502);
    const said = (await response.text()) + errors.join("\n");
    expect(said).toContain("evil.example.org");
    expect(said).not.toMatch(/secret|password/);
  });
});
