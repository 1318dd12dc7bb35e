// S4: what one repository's challenge says holds for that repository, and never for its registry (F7).
import { describe, expect, it, vi } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, Internet, unauthorized, type Handler, type Outgoing } from "../internet.ts";

const REGISTRY = "https://registry.example";
const HOST = "https://up.example.com";
const EVIL = 'Bearer realm="https://evil.example/token",service="evil"';
const OWN = `Bearer realm="${REGISTRY}/token",service="own"`;
const ROWS = { up: { upstream: REGISTRY, mirrors: [] } };
const SECRET = CANARY.hubPassword;

/** A registry that asks nobody at `/v2/`, and in whose repositories each has its own challenge. */
function openRegistry(): Internet {
  return new Internet().host(REGISTRY, (request) => {
    const { pathname } = request.url;
    if (pathname === "/token") return Response.json({ token: "own0token" });
    if (pathname.startsWith("/v2/evil/")) return unauthorized(EVIL);
    if (pathname.startsWith("/v2/basic/")) return withCredentials(request, 'Basic realm="x"');
    if (pathname.startsWith("/v2/own/")) return withCredentials(request, OWN);
    return Response.json({ tags: [] });
  });
}

const withCredentials = (request: Outgoing, challenge: string): Response =>
  request.headers.has("Authorization") ? Response.json({ tags: [] }) : unauthorized(challenge);

const tags = (name: string): string => `${HOST}/v2/${name}/tags/list`;

describe("F7, S4: a repository with a foreign realm", () => {
  it("is refused, and the registry's others are served as before", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    for (let times = 0; times < 2; times += 1) {
      expect((await internet.ask(ferry, tags("evil/app"))).status).toBe(502);
      for (const name of ["team/app", "own/app"]) {
        expect((await internet.ask(ferry, tags(name))).status, name).toBe(200);
      }
      expect((await internet.ask(ferry, `${HOST}/v2/`)).status).toBe(200);
    }
  });

  it("names no token service for the passwords of others", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    const login = { headers: { Authorization: basic("alice", SECRET) } };
    const auth = `${HOST}/v2/auth?scope=repository`;
    expect((await internet.ask(ferry, `${auth}:evil/app:pull`, login)).status).toBe(502);
    expect((await internet.ask(ferry, `${auth}:own/app:pull`, login)).status).toBe(200);
    expect((await internet.ask(ferry, `${auth}:evil/app:pull`, login)).status).toBe(502);
    internet.expectCanaryOnlyAt(SECRET, [REGISTRY]);
  });

  it("is asked again at most once a minute", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    const asked = (): number => internet.to(REGISTRY).filter(({ method }) => method === "HEAD").length;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    try {
      for (const wait of [0, 1, 58]) {
        vi.setSystemTime(Date.now() + wait * 1000);
        await internet.ask(ferry, tags("evil/app"));
      }
      expect(asked()).toBe(1);
      vi.setSystemTime(Date.now() + 2000);
      await internet.ask(ferry, tags("evil/app"));
      expect(asked()).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it("says so of the one repository, names the host, and gives the line to the owner alone", async () => {
    const internet = openRegistry();
    const answer = await internet.ask(new Ferry(ROWS), tags("evil/app"));
    expect(answer.body).toContain("evil.example");
    expect(answer.body).not.toMatch(/realm =|https:\/\/evil/);
    expect(internet.log.join("\n")).toContain('realm = \\"https://evil.example/token\\"');
    expect(internet.log.join("\n")).toContain("only if the registry's own documentation names it");
  });
});

describe("F7, S4: a repository that wants Basic itself", () => {
  it("does not turn the public lane off for the others", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    for (let times = 0; times < 2; times += 1) {
      expect((await internet.ask(ferry, tags("basic/app"))).status).toBe(401);
      const answer = await internet.ask(ferry, tags("team/app"));
      expect([answer.status, answer.headers.get("X-Cache")]).toEqual([200, "bypass"]);
    }
  });

  it("has its own challenge reach the client, once that is known", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    await internet.ask(ferry, tags("basic/app"));
    const answer = await internet.ask(ferry, tags("basic/app"));
    expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Basic /);
  });
});

describe("F7, S4: a repository with a token service of the registry's own", () => {
  it("is read with a token at once, when its challenge is known", async () => {
    const internet = openRegistry();
    const ferry = new Ferry(ROWS);
    await internet.ask(ferry, tags("own/app"));
    const before = internet.requests.length;
    expect((await internet.ask(ferry, tags("own/app"))).status).toBe(200);
    // A list proves nothing, so that its token is not kept (S18); but nobody is asked without one first.
    const [token, list] = internet.requests.slice(before);
    expect(token?.url.pathname).toBe("/token");
    expect(list?.headers.get("Authorization")).toBe("Bearer own0token");
  });

  it("is learned again when that failed, but at most once a minute", async () => {
    const failing: Handler = ({ url }) => {
      if (url.pathname === "/token") return new Response(null, { status: 503 });
      return url.pathname === "/v2/" ? Response.json({}) : unauthorized(OWN);
    };
    const internet = new Internet().host(REGISTRY, failing);
    const ferry = new Ferry(ROWS);
    const learned = (): number => internet.to(REGISTRY).filter(({ method }) => method === "HEAD").length;
    const login = { headers: { Authorization: basic("alice", SECRET) } };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    try {
      for (const [wait, times] of [
        [0, 1],
        [59, 1],
        [2, 1],
        [1, 2],
        [1, 2],
      ] as const) {
        vi.setSystemTime(Date.now() + wait * 1000);
        await internet.ask(ferry, `${HOST}/v2/auth?scope=repository:own/app:pull`, login);
        expect(learned(), `after ${wait} s`).toBe(times);
      }
    } finally {
      vi.useRealTimers();
    }
  });
});
