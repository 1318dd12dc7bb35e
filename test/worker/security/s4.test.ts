// S4: which token service may get credentials (CVE-2026-33540, CVE-2026-48978): the registry's own, the pinned pair's,
// the owner's, and nobody else's.
import { describe, expect, it, vi } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import {
  bearerRegistry,
  CANARY,
  GHCR,
  HUB,
  HUB_AUTH,
  located,
  publicRegistries,
  TABLE,
  tokenService,
  unauthorized,
  type Internet,
} from "../internet.ts";

const AUTH = "https://docker.example.com/v2/auth?scope=repository:library/nginx:pull";
const SECRET = CANARY.hubPassword;
const LOGIN = { headers: { Authorization: basic("alice", SECRET) } };
const GOOD = `Bearer realm="${HUB_AUTH}/token",service="registry.docker.io"`;

describe("S4: realms that get nothing", () => {
  it.each([
    "https://evil.example/token",
    "http://auth.docker.io/token",
    "https://10.0.0.1/token",
    "https://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1/token",
    "https://[::1]/token",
    "https://2130706433/token",
    "https://localhost/token",
    "//evil.example/token",
    "/token",
    "https:evil.example/token",
    "https:\\\\\\\\evil.example\\\\token",
    "https://auth.docker.io@evil.example/",
    "https://auth.docker.io:x@evil.example/",
    "https://user:password@auth.docker.io/token",
    "https://login.docker.io/token",
    "https://docker.io/token",
    "https://auth.docker.io.evil.example/token",
    "https://evil-auth.docker.io/token",
    "https://auth.docker.io:8443/token",
    "https://auth.docker.io./token",
    "https://evil.example/#@auth.docker.io/",
    "https://evil.example/?https://auth.docker.io/token",
    "https://evil.example%2f@auth.docker.io/token",
    "javascript:alert(1)",
    "data:text/plain,x",
    "file:///etc/passwd",
    "",
    "null",
  ])("%s", async (realm) => {
    const internet = publicRegistries().host(HUB, () => unauthorized(`Bearer realm="${realm}",service="x"`));
    const ferry = new Ferry(TABLE);
    const answer = await internet.ask(ferry, AUTH, LOGIN);
    expect(answer.status).toBe(502);
    const grant = new URLSearchParams({ grant_type: "password", username: "alice", password: SECRET });
    await internet.ask(ferry, "https://docker.example.com/v2/auth", { method: "POST", body: grant });
    await internet.ask(ferry, AUTH);
    internet.expectCanaryOnlyAt(SECRET, []);
    expect(internet.requests.every(({ url }) => url.origin === HUB)).toBe(true);
    expect(internet.requests.every(({ headers }) => !headers.has("Authorization"))).toBe(true);
  });

  it("the refusal names the host, and the line that the owner would have to add is in the log alone", async () => {
    const internet = publicRegistries().host(HUB, () =>
      unauthorized(`Bearer realm="https://sso.example/service/token?secret=${CANARY.signature}"`),
    );
    const answer = await internet.ask(new Ferry(TABLE), AUTH, LOGIN);
    const { errors } = JSON.parse(answer.body) as { errors: { message: string }[] };
    expect(errors[0]?.message).toContain("sso.example");
    expect(errors[0]?.message).not.toMatch(/realm =|service\/token/);
    expect(internet.log.join("\n")).toContain('realm = \\"https://sso.example/service/token\\"');
    expect(internet.log.join("\n")).toContain("only if the registry's own documentation names it");
    internet.expectCanaryOnlyAt(CANARY.signature, []);
  });

  it("of two challenges the first counts, and is refused", async () => {
    const internet = publicRegistries().host(HUB, () =>
      unauthorized(`Bearer realm="https://evil.example/token", ${GOOD}`),
    );
    expect((await internet.ask(new Ferry(TABLE), AUTH, LOGIN)).status).toBe(502);
    internet.expectCanaryOnlyAt(SECRET, []);
  });

  it("a second realm in one challenge is not heard", async () => {
    const internet = publicRegistries().host(HUB, () =>
      unauthorized(`Bearer realm="${HUB_AUTH}/token",realm="https://evil.example/token"`),
    );
    expect((await internet.ask(new Ferry(TABLE), AUTH, LOGIN)).status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [HUB_AUTH]);
  });

  it("the pinned pair of one registry is no realm of another", async () => {
    const internet = publicRegistries().host(GHCR, () => unauthorized(GOOD));
    const answer = await internet.ask(new Ferry(TABLE), "https://ghcr.example.com/v2/auth", LOGIN);
    expect(answer.status).toBe(502);
    internet.expectCanaryOnlyAt(SECRET, []);
  });
});

describe("S4: realms that get credentials", () => {
  it.each([
    ["the pinned pair", `${HUB_AUTH}/token`, HUB_AUTH],
    ["the pinned pair in capitals and with its port", "HTTPS://AUTH.DOCKER.IO:443/token", HUB_AUTH],
    ["the registry's own origin", `${HUB}/token`, HUB],
  ])("%s", async (_, realm, origin) => {
    const internet = publicRegistries().host(HUB, ({ url }) =>
      url.pathname === "/token"
        ? Response.json({ token: CANARY.hubToken })
        : unauthorized(`Bearer realm="${realm}"`),
    );
    expect((await internet.ask(new Ferry(TABLE), AUTH, LOGIN)).status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [origin]);
  });

  it("the owner's", async () => {
    const internet = publicRegistries()
      .host("https://harbor.example", () => unauthorized('Bearer realm="https://sso.example/service/token"'))
      .host("https://sso.example", tokenService({ token: "t" }));
    const ferry = new Ferry({
      harbor: { upstream: "https://harbor.example", realm: "https://sso.example/token" },
    });
    expect((await internet.ask(ferry, "https://harbor.example.com/v2/auth", LOGIN)).status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, ["https://sso.example"]);
  });

  it.each(["http://sso.example/token", "https://user@sso.example/", "//sso.example", "sso.example"])(
    "but the owner cannot write %s",
    async (realm) => {
      const internet = publicRegistries();
      const ferry = new Ferry({ harbor: { upstream: "https://harbor.example", realm } });
      expect((await internet.ask(ferry, "https://harbor.example.com/v2/auth", LOGIN)).status).toBe(500);
      expect(internet.requests).toEqual([]);
    },
  );
});

describe("S4: where a realm is learned", () => {
  it("never from the answer to a client's request", async () => {
    const evil = 'Bearer realm="https://evil.example/token",service="evil"';
    const internet = publicRegistries().host(HUB, ({ headers }) =>
      unauthorized(headers.has("Authorization") || headers.get("Accept") === "a/client" ? evil : GOOD),
    );
    const ferry = new Ferry(TABLE);
    for (const authorization of ["Bearer x", basic("alice", SECRET)]) {
      const answer = await internet.ask(ferry, "https://docker.example.com/v2/library/nginx/manifests/x", {
        headers: { Authorization: authorization, Accept: "a/client" },
      });
      expect(answer.headers.get("WWW-Authenticate")).toContain('realm="https://docker.example.com/v2/auth"');
      expect(answer.headers.get("WWW-Authenticate")).not.toContain("evil.example");
    }
    await internet.ask(ferry, AUTH, LOGIN);
    internet.expectCanaryOnlyAt(SECRET, [HUB, HUB_AUTH]);
    expect(internet.to(HUB_AUTH)).toHaveLength(1);
  });

  it("from a request without anything of the client's", async () => {
    const internet = publicRegistries();
    await internet.ask(new Ferry(TABLE), AUTH, {
      headers: {
        ...LOGIN.headers,
        "X-Docker-Token": CANARY.legacyToken,
        Cookie: CANARY.cookie,
        "User-Agent": "who",
      },
    });
    const [first] = internet.to(HUB);
    expect([...(first?.headers.keys() ?? [])].sort()).toEqual(["accept", "accept-encoding", "x-real-ip"]);
  });

  it("once, and not for every token", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    for (let times = 0; times < 5; times += 1) await internet.ask(ferry, AUTH, LOGIN);
    expect(internet.to(HUB)).toHaveLength(1);
    expect(internet.to(HUB_AUTH)).toHaveLength(5);
  });

  it("again after the token service failed, but at most once a minute", async () => {
    const internet = publicRegistries().host(HUB_AUTH, () => new Response("gone", { status: 503 }));
    const ferry = new Ferry(TABLE);
    await after(internet, ferry, [0, 1, 1, 30, 27]);
    expect(internet.to(HUB), "within a minute").toHaveLength(1);
    await after(internet, ferry, [62, 1, 1, 1]);
    expect(internet.to(HUB), "after a minute").toHaveLength(2);
  });

  it("a refused one too is asked for again at most once a minute", async () => {
    const internet = publicRegistries().host(HUB, () =>
      unauthorized('Bearer realm="https://evil.example/token"'),
    );
    const ferry = new Ferry(TABLE);
    await after(internet, ferry, [0, 1, 1, 30, 27]);
    expect(internet.to(HUB)).toHaveLength(1);
  });

  it("redirects of the question are not followed", async () => {
    const internet = publicRegistries().host(HUB, () => located("https://evil.example/v2/"));
    await internet.ask(new Ferry(TABLE), AUTH, LOGIN);
    internet.expectCanaryOnlyAt(SECRET, []);
  });
});

describe("S4: a token service that redirects", () => {
  it.each([
    "https://evil.example/token",
    "http://auth.docker.io/token",
    "/token2",
    `${HUB}/token`,
    "https://docker.example.com/v2/auth",
  ])("to %s: not followed", async (target) => {
    for (const status of [301, 302, 303, 307, 308]) {
      const internet = publicRegistries().host(HUB_AUTH, () => located(target, status));
      const ferry = new Ferry(TABLE);
      const grant = new URLSearchParams({ grant_type: "password", username: "alice", password: SECRET });
      const posted = await internet.ask(ferry, "https://docker.example.com/v2/auth", {
        method: "POST",
        body: grant,
      });
      expect(posted.status).toBe(502);
      const answer = await internet.ask(ferry, AUTH, LOGIN);
      expect(answer.status).toBe(502);
      expect(answer.headers.get("Location")).toBeNull();
      internet.expectCanaryOnlyAt(SECRET, [HUB_AUTH]);
      expect(internet.to(HUB_AUTH)).toHaveLength(2);
    }
  });
});

describe("S4: the scope in a ping's challenge", () => {
  it("is dropped", async () => {
    const challenge =
      'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull"';
    const internet = publicRegistries();
    internet.host(GHCR, (request) =>
      request.url.pathname === "/token"
        ? Response.json({ token: CANARY.ghcrToken })
        : bearerRegistry(challenge)(request),
    );
    const ferry = new Ferry(TABLE);
    const ping = await internet.ask(ferry, "https://ghcr.example.com/v2/");
    expect(ping.headers.get("WWW-Authenticate") ?? "").not.toContain("user/image");
    internet.host(GHCR, ({ url }) =>
      url.pathname === "/token" ? Response.json({ token: CANARY.ghcrToken }) : unauthorized(challenge),
    );
    const refused = await internet.ask(ferry, "https://ghcr.example.com/v2/", {
      headers: { Authorization: "Bearer a.registrys.token" },
    });
    expect(refused.headers.get("WWW-Authenticate")).toBe(
      'Bearer realm="https://ghcr.example.com/v2/auth",service="ghcr.io"',
    );
    await internet.ask(ferry, "https://ghcr.example.com/v2/auth?service=ghcr.io", LOGIN);
    expect(internet.to(GHCR).at(-1)?.url.search).not.toContain("image");
  });
});

/** Asks for tokens, each some seconds after the one before. */
async function after(internet: Internet, ferry: Ferry, seconds: readonly number[]): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  try {
    for (const wait of seconds) {
      vi.setSystemTime(Date.now() + wait * 1000);
      await internet.ask(ferry, AUTH, LOGIN);
    }
  } finally {
    vi.useRealTimers();
  }
}
