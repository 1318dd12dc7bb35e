// S1: one door out, and what every request through it has. S2, its part about bearers: none of ours is forwarded.
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, GHCR, HUB, HUB_AUTH, located, publicRegistries, TABLE, type Internet } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

describe("S1: one door out", () => {
  it("sends every request uncached, without a cf option, and follows no redirect by itself", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const bearer = { Authorization: "Bearer a.registrys.token" };
    await internet.ask(ferry, "https://docker.example.com/v2/");
    await internet.ask(ferry, "https://docker.example.com/v2/auth?scope=repository:library/nginx:pull", {
      headers: { Authorization: basic("alice", CANARY.hubPassword) },
    });
    for (const path of ["manifests/latest", `manifests/${DIGEST}`, `blobs/${DIGEST}`, "tags/list"]) {
      await internet.ask(ferry, `https://docker.example.com/v2/library/nginx/${path}`, {
        headers: { Authorization: "Bearer ferry.anonymous" },
      });
    }
    await internet.ask(ferry, "https://docker.example.com/v2/library/nginx/manifests/latest", {
      headers: bearer,
    });
    await internet.ask(ferry, "https://docker.example.com/v2/me/app/blobs/uploads/", {
      method: "POST",
      headers: bearer,
    });
    await internet.ask(ferry, "https://mirror.example.com/v2/auth", {
      method: "POST",
      headers: FORM,
      body: "grant_type=password&username=alice&password=secret",
    });
    internet
      .host(HUB, () => located("https://cdn.example/blob"))
      .host("https://cdn.example", () => new Response("blob"));
    await internet.ask(ferry, `https://docker.example.com/v2/library/nginx/blobs/${DIGEST}`, {
      headers: bearer,
    });
    expect(internet.to(HUB_AUTH).length).toBeGreaterThan(0);
    expect(internet.to("https://cdn.example")).toHaveLength(1);
    for (const { options } of internet.requests) {
      expect(options).toEqual({ redirect: "manual", cache: "no-store", cf: undefined });
    }
  });

  it("takes nothing of a client's request along but what is on the list", async () => {
    const internet = publicRegistries();
    await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/library/nginx/manifests/latest", {
      headers: {
        Authorization: "Bearer a.registrys.token",
        Cookie: `session=${CANARY.cookie}`,
        "Proxy-Authorization": `Basic ${btoa(`a:${CANARY.hubPassword}`)}`,
        Referer: `https://page.example/?${CANARY.signature}`,
        Origin: "https://page.example",
        "X-Forwarded-For": "192.0.2.1",
        "X-Forwarded-Host": "evil.example",
        "CF-Connecting-IP": "192.0.2.1",
        "X-Api-Key": CANARY.ghcrToken,
        "X-HTTP-Method-Override": "DELETE",
      },
    });
    for (const canary of [CANARY.cookie, CANARY.hubPassword, CANARY.signature, CANARY.ghcrToken]) {
      internet.expectCanaryOnlyAt(canary, []);
    }
    const names = new Set(internet.requests.flatMap(({ headers }) => [...headers.keys()]));
    expect(
      [...names].filter(
        (name) => !["accept", "accept-encoding", "authorization", "x-real-ip"].includes(name),
      ),
    ).toEqual([]);
  });

  it("sets no cookie of an upstream at a client", async () => {
    const internet = publicRegistries().host(HUB, () =>
      Response.json({}, { headers: { "Set-Cookie": `a=${CANARY.cookie}`, "X-Powered-By": CANARY.cookie } }),
    );
    for (const authorization of ["Bearer a.registrys.token", "Bearer ferry.anonymous", undefined]) {
      for (const path of [
        "",
        "library/nginx/manifests/latest",
        "library/nginx/tags/list",
        `a/b/blobs/${DIGEST}`,
      ]) {
        await internet.ask(new Ferry(TABLE), `https://docker.example.com/v2/${path}`, {
          headers: authorization === undefined ? {} : { Authorization: authorization },
        });
      }
    }
    internet.expectCanaryOnlyAt(CANARY.cookie, []);
  });
});

const MANIFEST = "/v2/me/app/manifests/latest";
const HOSTS = ["docker", "ghcr", "mcr", "basic", "mirror"];
const BAD_BEARERS = [
  ["the prefix alone", "ferry."],
  ["no second part", "ferry.x"],
  ["a name that is no Base64", "ferry.%.token"],
  ["an empty name", "ferry..token"],
  ["the anonymous one with something behind it", "ferry.anonymous.x"],
  ["a registry's that is not served here", wrapToken("gcr.io", CANARY.hubToken)],
  ["a name in capitals", wrapToken("DOCKER.IO", CANARY.hubToken)],
  ["a name with a trailing dot", wrapToken("docker.io.", CANARY.hubToken)],
  ["a name with a line end", wrapToken("docker.io\r\nX-Evil: 1", CANARY.hubToken)],
  ["an upstream for a name", wrapToken("https://registry-1.docker.io", CANARY.hubToken)],
] as const;

describe.each(HOSTS)("S2: bearers with our prefix at %s.example.com", (label) => {
  it.each(BAD_BEARERS)("%s: 401 invalid_token, and nothing leaves", async (_, bearer) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const headers = { Authorization: `Bearer ${bearer}` };
    for (const [path, method] of [
      [MANIFEST, "GET"],
      ["/v2/", "GET"],
      ["/v2/me/app/blobs/uploads/", "POST"],
      [MANIFEST, "PUT"],
      [MANIFEST, "DELETE"],
    ] as const) {
      const answer = await internet.ask(ferry, `https://${label}.example.com${path}`, { method, headers });
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
    }
    const token = await internet.ask(ferry, `https://${label}.example.com/v2/auth`, { headers });
    expect(token.status).toBe(401);
    expect(internet.requests).toEqual([]);
    internet.expectCanaryOnlyAt(CANARY.hubToken, []);
  });

  it("never forwards the anonymous one", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      for (const path of [MANIFEST, "/v2/"]) {
        const headers = { Authorization: `${scheme} ferry.anonymous` };
        await internet.ask(ferry, `https://${label}.example.com${path}`, { headers });
      }
    }
    expectNoBearerOfOurs(internet);
  });
});

describe("S2: bearers with our prefix in odd clothes", () => {
  const wrapped = wrapToken("ghcr.io", CANARY.ghcrToken);

  it.each([
    ["a tab for the space", `Bearer\t${wrapped}`],
    ["a lower-case scheme", `bearer ${wrapped}`],
    ["many spaces", `Bearer     ${wrapped}`],
    ["behind a foreign one (two headers)", `Bearer foreign, Bearer ${wrapped}`],
    ["behind Basic (two headers)", `${basic("alice", "x")}, Bearer ${wrapped}`],
    ["in quotes", `Bearer "${wrapped}"`],
    ["without a scheme", wrapped],
  ])("%s: not forwarded to another registry", async (_, header) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const headers = { Authorization: header };
    await internet.ask(ferry, `https://docker.example.com${MANIFEST}`, { headers });
    await internet.ask(ferry, "https://docker.example.com/v2/auth?service=registry.docker.io", { headers });
    await internet.ask(ferry, `https://mirror.example.com${MANIFEST}`, { headers });
    internet.expectCanaryOnlyAt(CANARY.ghcrToken, []);
  });

  it.each(["GET", "POST"])("a wrapped refresh token in a %s is for its own registry only", async (method) => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const parameters = new URLSearchParams({
      grant_type: "refresh_token",
      service: "registry.docker.io",
      refresh_token: wrapToken("ghcr.io", CANARY.ghcrRefresh),
    });
    const answer = await (method === "POST"
      ? internet.ask(ferry, "https://docker.example.com/v2/auth", {
          method,
          headers: FORM,
          body: parameters.toString(),
        })
      : internet.ask(ferry, `https://docker.example.com/v2/auth?${parameters.toString()}`));
    internet.expectCanaryOnlyAt(CANARY.ghcrRefresh, []);
    expect(answer.status).toBe(401);
    expect(internet.requests).toEqual([]);
  });

  it("a token wrapped for the host's own registry never leaves in its wrapping", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: `Bearer ${wrapped}` };
    await internet.ask(new Ferry(TABLE), `https://ghcr.example.com${MANIFEST}`, { headers });
    expectNoBearerOfOurs(internet);
    expect(internet.requests.every(({ url }) => url.origin === GHCR)).toBe(true);
  });
});

function expectNoBearerOfOurs(internet: Internet): void {
  for (const { headers } of internet.requests) {
    expect(headers.get("Authorization") ?? "").not.toMatch(/ferry\./i);
  }
}
