// S8: the owner's rules about names hold for every name in a request, under every alias and short form; and READ_ONLY, and
// ALLOWED_COUNTRIES.
import { describe, expect, it, vi } from "vitest";
import { basic, row } from "../ferry.ts";
import { codeOf, seenBy, type OciErrors } from "../client-ferry.ts";
import { ALICE, HOST, openClosed, USERS, type Closed } from "./closed.ts";

const ALL = "all.example.com";
const BLOCKED = { BLOCKED_REPOSITORIES: "docker.io/nginx" } as const;
const ALLOWED = { ALLOWED_REPOSITORIES: "docker.io/library/app, docker.io/acme/**" } as const;

/** A repository that both rules refuse, under every name that a client has for it. */
const NAMES: readonly (readonly [host: string, name: string, query?: string])[] = [
  [HOST, "library/nginx"],
  [HOST, "nginx"],
  [HOST, "docker.io/library/nginx"],
  [HOST, "docker.io/nginx"],
  [HOST, "library/nginx", "?ns=docker.io"],
  [HOST, "nginx", "?ns=index.docker.io"],
  [ALL, "nginx"],
  [ALL, "library/nginx"],
  [ALL, "docker.io/nginx"],
  [ALL, "docker.io/library/nginx"],
  [ALL, "index.docker.io/library/nginx"],
  [ALL, "registry-1.docker.io/nginx"],
  [ALL, "library/nginx", "?ns=docker.io"],
  [ALL, "nginx", "?ns=registry-1.docker.io"],
];

/** Of an open proxy, with a second row for the same upstream. */
async function openRuled(rules: Record<string, unknown>): Promise<Closed> {
  const opened = await openClosed(rules);
  const second = row(opened.registry, { registry: "docker.io" });
  opened.ferry.env = { ...opened.ferry.env, ROUTES: { docker: second, hub: second, all: "*" } };
  return opened;
}

async function refusal(response: Response): Promise<string> {
  expect(response.status).toBe(403);
  const { errors } = await response.json<OciErrors>();
  expect(errors[0]?.code).toBe("DENIED");
  return errors[0]?.message ?? "";
}

describe.each([
  ["BLOCKED_REPOSITORIES", BLOCKED],
  ["ALLOWED_REPOSITORIES", ALLOWED],
])("S8: %s", (variable, rules) => {
  it.each(NAMES)(
    "refuses %s/%s%s, at every endpoint, and says which rule",
    async (host, name, query = "") => {
      const { ferry, image, registry } = await openRuled(rules);
      const paths = [
        "manifests/latest",
        `manifests/${image.digest}`,
        `blobs/${image.digest}`,
        "tags/list",
        `referrers/${image.digest}`,
      ];
      for (const authorization of ["Bearer ferry.anonymous", basic("owner", "owners-password"), undefined]) {
        const headers = authorization === undefined ? {} : { Authorization: authorization };
        for (const path of paths) {
          const said = await refusal(
            await ferry.fetch(`http://${host}/v2/${name}/${path}${query}`, { headers }),
          );
          expect(said).toContain(variable);
          expect(said).toContain("docker.io/library/nginx");
        }
      }
      const upload = await ferry.fetch(`http://${host}/v2/${name}/blobs/uploads/${query}`, {
        method: "POST",
      });
      expect(await refusal(upload)).toContain(variable);
      if (query === "") {
        for (const path of [`${name}:pull`, `library/app:pull repository:${name}:pull`]) {
          const asked = ferry.fetch(
            `http://${host}/v2/auth?scope=${encodeURIComponent(`repository:${path}`)}`,
          );
          expect(await refusal(await asked)).toContain(variable);
        }
      }
      expect(await seenBy(registry)).toEqual([]);
    },
  );

  it("refuses a mount from such a repository", async () => {
    const { ferry, image, registry } = await openRuled(rules);
    const mount = `http://${HOST}/v2/library/app/blobs/uploads/?mount=${image.digest}&from=nginx`;
    const headers = { Authorization: basic("owner", "owners-password") };
    expect(await refusal(await ferry.fetch(mount, { method: "POST", headers }))).toContain(variable);
    expect(await seenBy(registry)).toEqual([]);
  });

  it("refuses lists of repositories that nobody named, and what hides its repository", async () => {
    const { ferry, registry } = await openRuled(rules);
    const headers = { Authorization: "Bearer ferry.anonymous" };
    for (const path of ["v2/_catalog", "v1/search?q=nginx"])
      expect(await refusal(await ferry.fetch(`http://${HOST}/${path}`, { headers }))).toContain(variable);
    for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
      const upload = `http://${HOST}/v2/library/app/blobs/uploads/~L3YyL3g`;
      expect(await refusal(await ferry.fetch(upload, { method }))).toContain(variable);
    }
    expect(await seenBy(registry)).toEqual([]);
  });

  it("lets pass what it is not about, on both rows of the registry", async () => {
    const { ferry } = await openRuled(rules);
    for (const host of [HOST, "hub.example.com", ALL]) {
      const pulled = await ferry.pull(
        `http://${host}/v2/library/app/manifests/latest`,
        "repository:library/app:pull",
      );
      expect(pulled.status).toBe(200);
    }
    expect((await ferry.fetch(`http://hub.example.com/v2/nginx/manifests/latest`)).status).toBe(403);
  });

  it("is in the log", async () => {
    const { ferry } = await openRuled(rules);
    const log = vi.spyOn(console, "log");
    await ferry.fetch(`http://${HOST}/v2/nginx/manifests/latest`);
    expect(JSON.parse(String(log.mock.calls.at(-1)?.[0]))).toMatchObject({ rule: variable, status: 403 });
    log.mockRestore();
  });
});

describe("S8: both", () => {
  it("blocked beats allowed", async () => {
    const { ferry } = await openRuled({
      ALLOWED_REPOSITORIES: "docker.io/**",
      BLOCKED_REPOSITORIES: "docker.io/library/app",
    });
    expect(await refusal(await ferry.fetch(`http://${HOST}/v2/app/manifests/latest`))).toContain(
      "BLOCKED_REPOSITORIES",
    );
  });

  it("a closed proxy says nothing of its rules to strangers", async () => {
    const { ferry } = await openRuled({ ...BLOCKED, ACCESS_USERS: USERS });
    const url = `http://${HOST}/v2/nginx/manifests/latest`;
    expect((await ferry.fetch(url)).status).toBe(401);
    expect((await ferry.fetch(`http://${HOST}/v2/auth?scope=repository:nginx:pull`)).status).toBe(401);
    const headers = { Authorization: basic(ALICE.user, ALICE.password) };
    expect((await ferry.fetch(url, { headers })).status).toBe(403);
  });
});

describe("READ_ONLY", () => {
  it.each([
    ["PUT", "library/app/manifests/latest"],
    ["DELETE", "library/app/manifests/latest"],
    ["POST", "library/app/blobs/uploads/"],
    ["PATCH", "library/app/blobs/uploads/x"],
    ["PUT", "library/app/blobs/uploads/x"],
    ["DELETE", "library/app/blobs/sha256:" + "0".repeat(64)],
  ])("%s %s is 405 and goes nowhere, with credentials and without", async (method, path) => {
    const { ferry, registry } = await openClosed({ READ_ONLY: true });
    for (const authorization of [
      basic("owner", "owners-password"),
      "Bearer of-a-client",
      "Bearer ferry.anonymous",
      undefined,
    ]) {
      const headers = authorization === undefined ? {} : { Authorization: authorization };
      const response = await ferry.fetch(`http://${HOST}/v2/${path}`, { method, headers });
      expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET, HEAD"]);
      expect(await codeOf(response)).toBe("UNSUPPORTED");
    }
    expect(await seenBy(registry)).toEqual([]);
  });

  it("leaves the token service its POST, and reads as they are", async () => {
    const { ferry } = await openClosed({ READ_ONLY: "true" });
    const body = "grant_type=password&username=owner&password=owners-password&service=x";
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    expect((await ferry.fetch(`http://${HOST}/v2/auth`, { method: "POST", headers, body })).status).toBe(200);
    const url = `http://${HOST}/v2/library/app/manifests/latest`;
    expect((await ferry.pull(url, "repository:library/app:pull")).status).toBe(200);
  });
});

describe("S14: ALLOWED_COUNTRIES", () => {
  const PATHS = ["/", "/v2/", "/v2/auth", "/v1/_ping", "/v2/library/app/manifests/latest"];

  async function ask(headers: Record<string, string>, cf?: Record<string, unknown>): Promise<number[]> {
    const { ferry } = await openClosed({ ALLOWED_COUNTRIES: "DE, T1" });
    const init = { headers, ...(cf && { cf }) };
    return Promise.all(PATHS.map(async (path) => (await ferry.fetch(`http://${HOST}${path}`, init)).status));
  }

  it.each([
    ["another", { "CF-IPCountry": "FR" }],
    ["none", {}],
    ["an unknown one", { "CF-IPCountry": "XX" }],
    ["one that another Worker says", { "CF-IPCountry": "DE", "CF-Worker": "example.com" }],
    ["two", { "CF-IPCountry": "DE, FR" }],
  ])("%s is refused everywhere", async (_, headers) => {
    expect(await ask(headers as unknown as Record<string, string>)).toEqual(PATHS.map(() => 403));
  });

  it.each(["DE", "de", "T1"])("%s is not", async (country) => {
    expect(await ask({ "CF-IPCountry": country })).not.toContain(403);
  });

  it.each([
    ["FR", "DE", true],
    [undefined, "DE", true],
    ["DE", "FR", false],
  ])("on Cloudflare the runtime says %s, and a header %s: refused %s", async (country, header, isRefused) => {
    const { ferry } = await openClosed({ ALLOWED_COUNTRIES: "DE" });
    const headers = { "CF-Ray": "1", "CF-IPCountry": header };
    const init = { headers, cf: { country } } as RequestInit;
    const response = await ferry.fetch(`https://${HOST}/v2/auth`, init);
    expect(response.status).toBe(isRefused ? 403 : 200);
  });
});
