// S5: a target of a redirect that wants a token of its own (registry.k8s.io leads to Google's registries): the public
// lane asks for one anonymous token, at a realm of the target's own origin; the client lane says 502.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import {
  CANARY,
  Internet,
  located,
  unauthorized,
  type Answer,
  type Handler,
  type Outgoing,
} from "../internet.ts";

const TARGET = "https://target.example";
const EVIL = "https://evil.example";
const DIGEST = `sha256:${"a".repeat(64)}`;
const TARGET_TOKEN = "canary0target0token0Qp1";
const SCOPE = "repository:k8s/pause:pull";
const GOOD = `Bearer realm="${TARGET}/v2/token",service="target.example",scope="${SCOPE}"`;
const READS = [
  "/v2/pause/manifests/3.10",
  `/v2/pause/manifests/${DIGEST}`,
  `/v2/pause/blobs/${DIGEST}`,
  "/v2/pause/tags/list",
];

let origins = 0;

interface Played {
  readonly internet: Internet;
  readonly registry: string;
  readonly ask: (path: string, init?: RequestInit, authorization?: string) => Promise<Answer>;
}

/** A registry that leads all resources to the target; with `own`, it wants a token of its own before. */
function play(target: Handler, own = false): Played {
  const registry = `https://leading-${(origins += 1)}.example`;
  const internet = new Internet().host(TARGET, target).host(registry, ({ url, headers }) => {
    if (url.pathname === "/token") return Response.json({ token: CANARY.hubToken });
    if (own && !headers.has("Authorization")) return unauthorized(`Bearer realm="${registry}/token"`);
    return url.pathname === "/v2/" ? Response.json({}) : located(`${TARGET}${url.pathname}`);
  });
  const ferry = new Ferry({ k8s: { upstream: registry, mirrors: [] } });
  return {
    internet,
    registry,
    ask: (path, init = {}, authorization = "Bearer ferry.anonymous") =>
      internet.ask(ferry, `https://k8s.example.com${path}`, {
        ...init,
        headers: { Authorization: authorization },
      }),
  };
}

/** A target that serves whoever has its token. */
function served(challenge: string): Handler {
  return (request) => {
    if (request.url.pathname === "/v2/token") return Response.json({ token: TARGET_TOKEN });
    if (request.headers.get("Authorization") !== `Bearer ${TARGET_TOKEN}`) return unauthorized(challenge);
    return new Response(request.method === "HEAD" ? null : '{"tags":[]}', {
      headers: { "Content-Type": "application/json" },
    });
  };
}

const tokens = (internet: Internet): Outgoing[] =>
  internet.requests.filter(({ url }) => url.origin === TARGET && url.pathname === "/v2/token");

describe.each([
  ["challenges nobody itself", false],
  ["wants a token of its own", true],
])("S5: a registry that %s, and leads to one that wants another", (_, own) => {
  it.each(READS.flatMap((path) => [["GET", path] as const, ["HEAD", path] as const]))(
    "%s %s",
    async (method, path) => {
      const { internet, ask, registry } = play(served(GOOD), own);
      const answer = await ask(path, { method });
      expect(answer.status).toBe(200);
      if (method === "GET") expect(answer.body).toBe('{"tags":[]}');
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      for (const { url, method: sent, headers, body } of tokens(internet)) {
        expect(sent).toBe("GET");
        expect([...url.searchParams]).toEqual([
          ["scope", SCOPE],
          ["service", "target.example"],
        ]);
        expect(headers.get("Authorization")).toBeNull();
        expect(body).toBe("");
      }
      expect(tokens(internet).length).toBeGreaterThan(0);
      internet.expectCanaryOnlyAt(TARGET_TOKEN, [TARGET]);
      internet.expectCanaryOnlyAt(CANARY.hubToken, own ? [registry] : []);
    },
  );

  it("S7: whatever scope the target names, `pull` is asked for, and nothing else", async () => {
    const wide = "registry:catalog:* repository:k8s/pause:pull,push,delete repository:other:*";
    const { internet, ask } = play(served(GOOD.replace(SCOPE, wide)), own);
    expect((await ask(READS[2] ?? "")).status).toBe(200);
    expect(tokens(internet).map(({ url }) => url.searchParams.getAll("scope"))).toEqual([[SCOPE]]);
  });

  it("one token for one answer, and no second try", async () => {
    const { internet, ask } = play(
      (request) =>
        request.url.pathname === "/v2/token" ? Response.json({ token: TARGET_TOKEN }) : unauthorized(GOOD),
      own,
    );
    const answer = await ask(READS[2] ?? "");
    expect(answer.status).toBe(502);
    expect(answer.body).toContain("target.example");
    expect(answer.headers.get("WWW-Authenticate")).toBeNull();
    expect(tokens(internet)).toHaveLength(1);
    expect(internet.to(TARGET)).toHaveLength(3);
  });

  it("the client lane answers 502, which names the hop, and asks for nothing", async () => {
    for (const method of ["GET", "HEAD"]) {
      const { internet, ask, registry } = play(served(GOOD), own);
      const answer = await ask(READS[2] ?? "", { method }, `Bearer ${CANARY.ghcrToken}`);
      expect(answer.status).toBe(502);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      if (method === "GET") expect(answer.body).toContain("target.example");
      expect(tokens(internet)).toEqual([]);
      internet.expectCanaryOnlyAt(CANARY.ghcrToken, [registry]);
    }
  });
});

describe("S5: a target's challenge that gets no token: 502, and nothing asked there", () => {
  it.each([
    ["another origin", `Bearer realm="${EVIL}/token"`],
    ["another port", 'Bearer realm="https://target.example:8443/token"'],
    ["plain http", 'Bearer realm="http://target.example/token"'],
    ["a host below it", 'Bearer realm="https://auth.target.example/token"'],
    ["a host that begins like it", 'Bearer realm="https://target.example.evil.example/token"'],
    ["it for a user", 'Bearer realm="https://target.example@evil.example/token"'],
    ["our own host", 'Bearer realm="https://k8s.example.com/v2/auth"'],
    ["a path alone", 'Bearer realm="/v2/token"'],
    ["no address", 'Bearer realm="https://["'],
    ["nothing", "Bearer"],
    ["Basic", 'Basic realm="https://target.example/"'],
    ["no challenge at all", ""],
  ])("%s", async (_, challenge) => {
    const { internet, ask } = play(() => unauthorized(challenge));
    const answer = await ask(READS[2] ?? "");
    expect(answer.status).toBe(502);
    expect(answer.headers.get("WWW-Authenticate")).toBeNull();
    expect(internet.to(TARGET)).toHaveLength(1);
    expect(internet.to(EVIL)).toEqual([]);
  });

  it("a user in the realm is not used", async () => {
    const { internet, ask } = play(() =>
      unauthorized('Bearer realm="https://user:pass@target.example/v2/token"'),
    );
    expect((await ask(READS[2] ?? "")).status).toBe(502);
    expect(internet.to(TARGET)).toHaveLength(1);
  });

  it("the registry's own token service is no realm of the target", async () => {
    const { internet, ask, registry } = play(() => unauthorized(`Bearer realm="${registry}/token"`), true);
    expect((await ask(READS[2] ?? "")).status).toBe(502);
    expect(internet.to(registry).filter(({ url }) => url.pathname === "/token")).toHaveLength(1);
  });
});

describe("S5: the target's token service", () => {
  it.each([
    [429, 429, "TOOMANYREQUESTS"],
    [503, 503, "UNAVAILABLE"],
    [500, 500, "UNAVAILABLE"],
  ])("in trouble with %i is %i, with its Retry-After", async (status, expected, code) => {
    const { ask } = play(({ url }) =>
      url.pathname === "/v2/token"
        ? new Response("{}", { status, headers: { "Retry-After": "9" } })
        : unauthorized(GOOD),
    );
    const answer = await ask(READS[2] ?? "");
    expect(answer.status).toBe(expected);
    expect(answer.headers.get("Retry-After")).toBe("9");
    expect(answer.body).toContain(code);
  });

  it("that redirects is not followed: 502", async () => {
    const { internet, ask } = play(({ url }) =>
      url.pathname === "/v2/token" ? located(`${EVIL}/token`) : unauthorized(GOOD),
    );
    expect((await ask(READS[2] ?? "")).status).toBe(502);
    expect(internet.to(EVIL)).toEqual([]);
  });

  it("has its token kept from where the target leads on to", async () => {
    const CDN = "https://cdn.example";
    const { internet, ask } = play((request) => {
      const answer = served(GOOD)(request);
      return request.headers.has("Authorization") ? located(`${CDN}/blob`) : answer;
    });
    internet.host(CDN, () => new Response("blob"));
    expect((await ask(READS[2] ?? "")).body).toBe("blob");
    internet.expectCanaryOnlyAt(TARGET_TOKEN, [TARGET]);
  });

  it.each([401, 403])(
    "that refuses with %i: 502, and no word of the registry's own access",
    async (status) => {
      const { ask } = play(({ url }) =>
        url.pathname === "/v2/token" ? new Response("{}", { status }) : unauthorized(GOOD),
      );
      const answer = await ask(READS[2] ?? "");
      expect(answer.status).toBe(502);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      expect(answer.body).toContain("target.example");
    },
  );
});
