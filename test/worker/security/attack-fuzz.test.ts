// Shapes that are made up: redirects to where none may lead, and logins of several registries in one request.
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { bearerOrToken, CANARY, GHCR, HUB_AUTH, publicRegistries, TABLE, BASIC } from "../internet.ts";
import { ANONYMOUS } from "../store/stage.ts";

const TARGETS = [
  "//127.0.0.1/",
  "https://127.0.0.1./",
  "https://①②⑦.⓪.⓪.①/",
  "https://127。0。0。1/",
  "https://[::1]/",
  "https://localhost./",
  "https://LOCALHOST/",
  "https://foo.INTERNAL./",
  "https://foo.local/",
  "https://0177.1/",
  "https://intranet/",
  "https://ghcr.io@evil.example/",
  "https://ghcr.io:443@evil.example/",
  "http://ghcr.io/",
  "https://ghcr.io:8443/",
  "https://docker.example.com/",
  "https://docker.example.com./",
  "HTTPS://DOCKER.EXAMPLE.COM/",
  "https://hub.example.net/",
  "https://mirror.example.com/",
  "ftp://ghcr.io/",
  "data:text/html,x",
  "javascript:1",
  "https://169.254.169.254/",
  "https://2852039166/",
  "https:\\\\127.0.0.1\\",
  "https://[::ffff:7f00:1]/",
  "https://0/",
  "https://evil.example:8443/",
  "https://metadata.google.internal/",
  "\\\\evil.internal/",
  "https://ghcr.io%2f@127.0.0.1/",
  "https://%6c%6f%63alhost/",
  "https://loc\u00adalhost/",
  "https://foo.localhost/",
  "https://hub.example.net../",
  "https://xn--localhost-.internal/",
];

describe("S5: targets", () => {
  it.each(TARGETS)("%s is not asked", async (target) => {
    for (const headers of [ANONYMOUS, { Authorization: `Bearer ${CANARY.ghcrToken}` }]) {
      const internet = publicRegistries().host(
        GHCR,
        bearerOrToken('Bearer realm="https://ghcr.io/token",service="ghcr.io"', { token: "t" }),
      );
      const ferry = new Ferry(TABLE);
      internet.host(GHCR, (request) => {
        if (request.url.pathname === "/token") return Response.json({ token: "t" });
        if (!request.headers.has("Authorization"))
          return Response.json(
            {},
            { status: 401, headers: { "WWW-Authenticate": 'Bearer realm="https://ghcr.io/token"' } },
          );
        return new Response(null, { status: 307, headers: { Location: encodeHeader(target) } });
      });
      const answer = await internet.ask(ferry, "https://ghcr.example.com/v2/team/app/manifests/x", {
        headers,
      });
      expect(answer.status).toBe(502);
      expect(internet.requests.filter(({ url }) => url.origin !== GHCR)).toEqual([]);
    }
  });
});

const encodeHeader = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text).replace(/%25/g, "%");

describe("S3: a user name that begins as a registry of the table, in another spelling", () => {
  it.each(["ghcr.io.", "ghcr.io%2falice", "ghcr.io\\alice"])("%s is no user of Docker Hub", async (user) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic(user, CANARY.ghcrPassword) };
    const answer = await internet.ask(new Ferry(TABLE), "https://mirror.example.com/v2/auth", { headers });
    expect([answer.status, internet.requests.length]).toEqual([400, 0]);
  });
});

describe("S3: logins in made-up shapes", () => {
  it("each password is seen at its own token service only", { timeout: 120_000 }, async () => {
    let seed = 7;
    const pick = <T>(all: readonly T[]): T => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return all[(seed >>> 12) % all.length] as T;
    };
    const PORT = "https://harbor.corp.example:8443";
    const portPassword = "canary0port0password0Qq1";
    const homes: Record<string, readonly string[]> = {
      [CANARY.hubPassword]: [HUB_AUTH],
      [CANARY.ghcrPassword]: [GHCR],
      [CANARY.basicPassword]: [BASIC],
      [portPassword]: [PORT],
      [CANARY.ghcrRefresh]: [GHCR],
      [CANARY.hubRefresh]: [HUB_AUTH],
    };
    const logins: readonly (readonly [string, string])[] = [
      ["alice", CANARY.hubPassword],
      ["docker.io/alice", CANARY.hubPassword],
      ["index.docker.io/alice", CANARY.hubPassword],
      ["ghcr.io/alice", CANARY.ghcrPassword],
      ["GHCR.io/alice", CANARY.ghcrPassword],
      ["lscr.io/alice", CANARY.ghcrPassword],
      ["harbor.corp.example:8443/alice", portPassword],
      ["HARBOR.corp.example:8443/alice", portPassword],
      ["basic.example/alice", CANARY.basicPassword],
      ["ghcr.io:443/alice", CANARY.ghcrPassword],
      ["ghcr.io//alice", CANARY.ghcrPassword],
      ["harbor.corp.example/alice", portPassword],
      ["harbor.corp.example:8443", portPassword],
      ["ghcr.io", CANARY.ghcrPassword],
      ["ghcr.io./alice", CANARY.ghcrPassword],
      [" ghcr.io/alice", CANARY.ghcrPassword],
    ];
    const wrappedRefresh = (name: string, token: string): string =>
      `ferry.${btoa(name).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_")}.${token}`;
    const scopes = [
      "",
      "repository:library/nginx:pull",
      "repository:ghcr.io/a/b:pull",
      "repository:hostile.example/a/b:pull",
      "repository:harbor.corp.example:8443/a:pull",
      "repository:ghcr.io/a/b:pull,push",
      "registry:catalog:*",
      "repository:nowhere.example/a:pull",
    ];
    const accounts = [
      undefined,
      "alice",
      "ghcr.io/alice",
      "harbor.corp.example:8443/alice",
      "hostile.example/alice",
      "harbor.corp.example",
    ];
    const internet = publicRegistries().host(
      PORT,
      bearerOrToken(`Bearer realm="${PORT}/token",service="h"`, { token: "h" }),
    );
    const ferry = new Ferry({ ...TABLE, harbor: PORT });
    const wrong = new Map<string, string>();
    for (let run = 0; run < 4000; run += 1) {
      const parameters = new URLSearchParams();
      const headers: Record<string, string> = {};
      const said: string[] = [];
      if (pick([true, false])) {
        const [user, password] = pick(logins);
        headers["Authorization"] = basic(user, password);
        said.push(`Basic ${user}`);
      }
      if (pick([true, false, false])) {
        const [user, password] = pick(logins);
        if (pick([true, true, false])) parameters.append("username", user);
        parameters.append("password", password);
        said.push(`form ${user}`);
      }
      if (pick([true, false, false, false])) {
        parameters.append(
          "refresh_token",
          pick([
            wrappedRefresh("ghcr.io", CANARY.ghcrRefresh),
            wrappedRefresh("docker.io", CANARY.hubRefresh),
            CANARY.hubRefresh,
          ]),
        );
        said.push("refresh");
      }
      const account = pick(accounts);
      if (account !== undefined) parameters.append("account", account);
      for (let count = 0; count < pick([0, 1, 2]); count += 1) parameters.append("scope", pick(scopes));
      if (pick([true, false]))
        parameters.append("service", pick(["ghcr.io", "mirror.example.com", "registry.docker.io"]));
      const isPost = pick([true, false]);
      const url = "https://mirror.example.com/v2/auth";
      internet.requests.length = 0;
      if (isPost) {
        await internet.ask(ferry, url, {
          method: "POST",
          headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
          body: parameters.toString(),
        });
      } else await internet.ask(ferry, `${url}?${parameters.toString()}`, { headers });
      for (const [secret, places] of Object.entries(homes)) {
        for (const request of internet.requests) {
          const text = [
            decodeURIComponent(request.url.href),
            request.body,
            ...[...request.headers].map(([, value]) => value + tryDecode(value)),
          ].join("\n");
          if (text.includes(secret) && !places.includes(request.url.origin))
            wrong.set(
              `${secret} at ${request.url.origin}`,
              `${said.join(" + ")} account=${account ?? ""} ${isPost ? "POST" : "GET"} ${parameters.toString()}`,
            );
        }
      }
    }
    expect([...wrong]).toEqual([]);
  });
});

function tryDecode(value: string): string {
  try {
    return atob(value.replace(/^\w+ /, ""));
  } catch {
    return "";
  }
}
