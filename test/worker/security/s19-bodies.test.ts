// S19: what a registry answers reaches no browser as something that acts (F13), and no client as an error that is no
// registry's (F22); what no HTTP answer is becomes 502 (F21).
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { Internet, type Answer, type Handler } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const HOST = "https://up.example.com";
const BLOB = `/v2/me/app/blobs/${DIGEST}`;
const MANIFEST = "/v2/me/app/manifests/latest";
const BINARY = "application/octet-stream";
const ACTIVE = [
  "image/svg+xml",
  "IMAGE/SVG+XML; charset=utf-8",
  "application/xml",
  "text/xml",
  "application/rss+xml",
  "text/xsl",
  "text/javascript",
  "application/javascript",
  "application/x-javascript",
  "text/ecmascript",
  "text/css",
  "application/pdf",
  "multipart/x-mixed-replace; boundary=x",
  "multipart/byteranges; boundary=x",
  "message/rfc822",
  "nonsense",
  "a/b, image/svg+xml",
];
let origins = 0;

/** The registry's answer, to nobody and to somebody with a token of its own. */
async function both(handler: Handler, path: string, init: RequestInit = {}): Promise<Answer[]> {
  const upstream = `https://bodies-${(origins += 1)}.example`;
  const answers: Answer[] = [];
  for (const headers of [{}, { Authorization: "Bearer a.registrys.token" }]) {
    const internet = new Internet().host(upstream, (request) =>
      request.url.pathname === "/v2/" ? Response.json({}) : handler(request),
    );
    const ferry = new Ferry({ up: { upstream, mirrors: [] } });
    answers.push(await internet.ask(ferry, HOST + path, { ...init, headers }));
  }
  return answers;
}

const typed =
  (type: string | undefined, status = 200, more: Record<string, string> = {}): Handler =>
  ({ method }) =>
    new Response(method === "HEAD" ? null : new TextEncoder().encode("<svg onload=alert(1)>"), {
      status,
      headers: { ...more, ...(type !== undefined && { "Content-Type": type }) },
    });

describe("F13, S19: a type on which browsers act", () => {
  it.each([...ACTIVE, "text/html", undefined])("of a blob (%s) is sent as bytes", async (type) => {
    for (const method of ["GET", "HEAD"]) {
      for (const answer of await both(typed(type), BLOB, { method })) {
        expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, BINARY]);
      }
    }
  });

  it.each([...ACTIVE, undefined])("of a manifest (%s) is sent as bytes", async (type) => {
    const [, somebodys] = await both(typed(type), MANIFEST);
    expect([somebodys?.status, somebodys?.headers.get("Content-Type")]).toEqual([200, BINARY]);
    const [nobodys] = await both(typed(type), MANIFEST);
    expect(nobodys?.headers.get("Content-Type")).toMatch(/^application\/(octet-stream|json)$/);
  });

  it.each(["text/html", "application/xhtml+xml", "a/b, text/html"])(
    "HTML (%s) of a manifest or a list is 502",
    async (type) => {
      for (const path of [
        MANIFEST,
        "/v2/me/app/tags/list",
        `/v2/me/app/referrers/${DIGEST}`,
        "/v2/_catalog",
      ]) {
        for (const answer of await both(typed(type), path)) {
          expect(answer.status, path).toBe(502);
          expect(answer.headers.get("Content-Type")).toBe("application/json");
          expect(answer.body).not.toContain("<svg");
        }
      }
    },
  );

  it.each([...ACTIVE, "text/plain", undefined])("of a list (%s) becomes JSON", async (type) => {
    for (const path of ["/v2/me/app/tags/list", `/v2/me/app/referrers/${DIGEST}`, "/v2/_catalog"]) {
      for (const answer of await both(typed(type), path)) {
        expect([answer.status, answer.headers.get("Content-Type")], path).toEqual([200, "application/json"]);
      }
    }
  });

  it("the index of referrers keeps its own, by which clients know it", async () => {
    const type = "application/vnd.oci.image.index.v1+json";
    for (const answer of await both(typed(type), `/v2/me/app/referrers/${DIGEST}`)) {
      expect(answer.headers.get("Content-Type")).toBe(type);
    }
  });

  it("several parts of a blob keep theirs", async () => {
    const type = "multipart/byteranges; boundary=x";
    const [, somebodys] = await both(typed(type, 206), BLOB);
    expect([somebodys?.status, somebodys?.headers.get("Content-Type")]).toEqual([206, type]);
  });
});

describe("F22, S19: the body of an error", () => {
  const JSON_ERROR = '{"errors":[{"code":"X","message":"its own"}],"details":1}';
  const cases: readonly (readonly [string, string, Record<string, string>])[] = [
    ["an untyped page", "<html>no</html>", {}],
    ["a page that says it is JSON", "<html>no</html>", { "Content-Type": "application/json" }],
    ["XML", "<Error/>", { "Content-Type": "application/xml" }],
    ["prose", "not found\n", { "Content-Type": "text/plain" }],
    ["a list", "[1]", { "Content-Type": "application/json" }],
    ["nothing", "", { "Content-Type": "application/json" }],
    ["more than 64 KiB", JSON.stringify({ x: "y".repeat(65_536) }), { "Content-Type": "application/json" }],
  ];

  it.each(cases)("%s is replaced, and the status stays", async (_, body, headers) => {
    const limits = { "Retry-After": "7", "RateLimit-Remaining": "0" };
    for (const status of [400, 404, 405, 429, 503]) {
      for (const path of [MANIFEST, BLOB, "/v2/me/app/tags/list"]) {
        const handler: Handler = () =>
          new Response(new TextEncoder().encode(body), { status, headers: { ...headers, ...limits } });
        for (const answer of await both(handler, path)) {
          expect(answer.status).toBe(status);
          expect(answer.headers.get("Content-Type")).toBe("application/json");
          expect(JSON.parse(answer.body)).toHaveProperty("errors");
          expect(answer.headers.get("Retry-After")).toBe("7");
        }
      }
    }
  });

  it.each([{}, { "Content-Type": "text/plain" }, { "Content-Type": "application/problem+json" }])(
    "a JSON object passes byte for byte, as JSON (%j)",
    async (headers: Record<string, string>) => {
      for (const text of [JSON_ERROR, `  ${JSON_ERROR}\n`]) {
        const handler: Handler = () => new Response(new TextEncoder().encode(text), { status: 400, headers });
        const answer = (await both(handler, MANIFEST))[1];
        expect([answer?.body, answer?.headers.get("Content-Type")]).toEqual([text, "application/json"]);
      }
    },
  );
});

describe("F22, S19: a search", () => {
  it.each<[string, number, Record<string, string>, string, number]>([
    ["a result", 200, { "Content-Type": "application/vnd.x+json" }, '{"results":[]}', 200],
    ["a page", 200, { "Content-Type": "text/html" }, "<html>", 502],
    ["an error in JSON", 429, { "Content-Type": "application/json" }, '{"detail":"no"}', 429],
    ["an error that only says so", 429, { "Content-Type": "application/json" }, "<html>", 429],
    ["prose", 503, { "Content-Type": "text/plain" }, "busy", 503],
  ])("answered by %s", async (_, status, headers, body, expected) => {
    const internet = new Internet().host(
      "https://index.docker.io",
      () => new Response(body, { status, headers: { ...headers, "Retry-After": "7" } }),
    );
    const ferry = new Ferry({ docker: "https://registry-1.docker.io" });
    const answer = await internet.ask(ferry, "https://docker.example.com/v1/search?q=x");
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([expected, "application/json"]);
    expect(() => JSON.parse(answer.body) as unknown).not.toThrow();
    expect(answer.headers.get("Retry-After")).toBe("7");
  });
});

describe("F21, S19: what no HTTP answer is", () => {
  it.each(["-2", "2, 3", "12345678901234567890", "0x10", "1e3", "+2", "2;"])(
    "a length of %j is 502",
    async (length) => {
      for (const path of [MANIFEST, BLOB, "/v2/me/app/tags/list"]) {
        for (const answer of await both(typed(BINARY, 200, { "Content-Length": length }), path)) {
          expect(answer.status, path).toBe(502);
          expect(answer.body).not.toContain("<svg");
        }
      }
    },
  );

  it.each([0, 101, 199, 600, 999])("a status of %i is 502", async (status) => {
    const handler: Handler = () => {
      const response = new Response("{}");
      Object.defineProperty(response, "status", { value: status });
      return response;
    };
    for (const known of [MANIFEST, BLOB, "/v2/me/app/tags/list"]) {
      // Of a repository that no other test has warmed: what is stored would stand in for such an answer.
      const path = known.replace("/me/app/", "/odd/app/");
      for (const answer of await both(handler, path)) expect(answer.status, path).toBe(502);
    }
  });

  it.each(["a\nb", "a\r\nX-Evil: 1", "caf\u00e9", "\u0000", "\u2028"])(
    "a token of %j is 502",
    async (token) => {
      for (const answer of [{ token }, { access_token: token }, { token: "t", refresh_token: token }]) {
        const upstream = "https://tokens.example";
        const internet = new Internet().host(upstream, ({ url }) =>
          url.pathname === "/token"
            ? Response.json(answer)
            : new Response(null, {
                status: 401,
                headers: { "WWW-Authenticate": `Bearer realm="${upstream}/token"` },
              }),
        );
        const ferry = new Ferry({ up: upstream, all: "*" });
        for (const [label, user] of [
          ["up", "alice"],
          ["all", "tokens.example/alice"],
        ] as const) {
          const headers = { Authorization: basic(user, "x") };
          const asked = await internet.ask(ferry, `https://${label}.example.com/v2/auth`, { headers });
          expect(asked.status).toBe(502);
        }
      }
    },
  );
});

describe("S19: the text of a Basic challenge", () => {
  it("is the registry's name", async () => {
    const upstream = "https://basic-text.example";
    const internet = new Internet().host(
      upstream,
      () =>
        new Response(null, {
          status: 401,
          headers: { "WWW-Authenticate": 'Basic realm="Enter your bank password",charset="UTF-8"' },
        }),
    );
    for (const headers of [{}, { Authorization: basic("alice", "x") }]) {
      const answer = await internet.ask(new Ferry({ up: upstream }), `${HOST}${MANIFEST}`, { headers });
      expect(answer.headers.get("WWW-Authenticate")).toBe('Basic realm="basic-text.example"');
    }
  });

  it("and that of any other scheme which a browser would ask a password for", async () => {
    const upstream = "https://digest-text.example";
    const said = 'Digest realm="Enter your bank password", nonce="n", Negotiate';
    const internet = new Internet().host(
      upstream,
      () => new Response(null, { status: 401, headers: { "WWW-Authenticate": said } }),
    );
    const headers = { Authorization: basic("alice", "x") };
    const answer = await internet.ask(new Ferry({ up: upstream }), `${HOST}${MANIFEST}`, { headers });
    expect(answer.headers.get("WWW-Authenticate")).toBe(
      'Digest realm="digest-text.example",nonce="n", Negotiate',
    );
  });
});
