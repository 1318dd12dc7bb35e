// S6: a `~` session leads nowhere but below the paths where a registry is known to upload (F12).
import { describe, expect, it } from "vitest";
import { encodeBase64Url } from "../../../src/distribution/base64url.ts";
import { Ferry } from "../ferry.ts";
import { CANARY, Internet, located, type Answer, type Handler } from "../internet.ts";

const REGISTRY = "https://registry.example";
const STORE = "https://store.example";
const UPLOADS = "https://up.example.com/v2/my/app/blobs/uploads/";
const ROWS = {
  up: { upstream: REGISTRY, upload_hosts: ["store.example"], upload_paths: ["/put/", "/a/b/"] },
};
const HEADERS = { Authorization: `Bearer ${CANARY.hubToken}` };
const METHODS = ["GET", "HEAD", "PATCH", "PUT", "DELETE"];

function go(internet: Internet, url: string, method: string, rows: object = ROWS): Promise<Answer> {
  const body = method === "PATCH" || method === "PUT" ? { body: "layer" } : {};
  return internet.ask(new Ferry(rows), url, { method, headers: HEADERS, ...body });
}

describe("F12, S6: a made-up session is 404, and nothing leaves", () => {
  it.each([
    "/api/v1/users",
    "/service/token",
    "/put",
    "/putter/x",
    "/put%2fx",
    "/PUT/x",
    "/x/put/y",
    "/a/x",
    "/a/bc/x",
    "/a%2fb/x",
    "/artifacts-uploads/x",
    "/?x=/put/y",
    "/",
    "/v2/my/app/blobs/sha256:ab",
    "/v2/my/app/blobs/uploads",
    "/v2/other/blobs/uploads/x",
  ])("%s", async (address) => {
    for (const prefix of ["~", "~0."]) {
      for (const method of METHODS) {
        const internet = new Internet();
        const answer = await go(internet, `${UPLOADS}${prefix}${encodeBase64Url(address)}`, method);
        expect(answer.status).toBe(404);
        if (method !== "HEAD") expect(answer.body).toContain("BLOB_UPLOAD_UNKNOWN");
        expect(internet.requests).toEqual([]);
      }
    }
  });

  it("of a registry without upload paths, whatever it is", async () => {
    const rows = { up: { upstream: REGISTRY, upload_hosts: ["store.example"] } };
    for (const prefix of ["~", "~0."]) {
      const internet = new Internet();
      const url = `${UPLOADS}${prefix}${encodeBase64Url("/artifacts-uploads/x")}`;
      expect((await go(internet, url, "PATCH", rows)).status).toBe(404);
      expect(internet.requests).toEqual([]);
    }
  });
});

describe("F12, S6: below a known path it goes on, on that origin", () => {
  it.each(["/put/x", "/put/", "/%70ut/x", "/a/b/c?d=e", "/v2/my/app/blobs/uploads/~x"])(
    "%s",
    async (address) => {
      const internet = new Internet().host(REGISTRY, () => new Response(null, { status: 202 }));
      const answer = await go(internet, `${UPLOADS}~${encodeBase64Url(address)}`, "PATCH");
      expect(answer.status).toBe(202);
      expect(internet.to(REGISTRY).map(({ url }) => url.href)).toEqual([REGISTRY + address]);
      internet.expectCanaryOnlyAt(CANARY.hubToken, [REGISTRY]);
    },
  );

  it("and on a named host without the token", async () => {
    const internet = new Internet().host(STORE, () => new Response(null, { status: 202 }));
    const answer = await go(internet, `${UPLOADS}~0.${encodeBase64Url("/put/x?s=1")}`, "PATCH");
    expect(answer.status).toBe(202);
    internet.expectCanaryOnlyAt(CANARY.hubToken, []);
  });

  it.each([
    ["gcr.io", "https://gcr.io"],
    ["a region of it", "https://eu.gcr.io"],
    ["Artifact Registry", "https://europe-west1-docker.pkg.dev"],
  ])("Google's are known: %s", async (_, upstream) => {
    const location = "/artifacts-uploads/namespaces/p/uploads/s?upload_id=x";
    const internet = new Internet().host(upstream, () => located(location, 202));
    const rows = { up: upstream };
    const started = await go(internet, UPLOADS, "POST", rows);
    expect(started.status).toBe(202);
    const next = new URL(started.headers.get("Location") ?? "", UPLOADS).href;
    expect((await go(internet, next, "PATCH", rows)).status).toBe(202);
    expect(internet.to(upstream).at(-1)?.url.href).toBe(upstream + location);
  });

  it.each(["https://gcr.io.example.com", "https://evilgcr.io", "https://pkg.dev.example.com"])(
    "and %s is not Google's",
    async (upstream) => {
      const internet = new Internet().host(upstream, () => located("/artifacts-uploads/x/y", 202));
      expect((await go(internet, UPLOADS, "POST", { up: upstream })).status).toBe(502);
    },
  );
});

describe("F12, S6: an answered address elsewhere is 502, with the line to add", () => {
  it.each([
    ["/uploads/s?state=x", 'upload_paths = ["/uploads/"]'],
    [`${REGISTRY}/uploads/s`, 'upload_paths = ["/uploads/"]'],
    [`${STORE}/bucket/layer?sig=${CANARY.signature}`, 'upload_paths = ["/bucket/"]'],
    ["/v2/other/blobs/uploads/s", undefined],
    ["/v1/uploads/s", undefined],
    ["/uploads?state=x", undefined],
    ["/%22%5d/x", undefined],
  ])("%s", async (location, line) => {
    const internet = new Internet().host(REGISTRY, () => located(location, 202));
    const answer = await go(internet, UPLOADS, "POST");
    expect(answer.status).toBe(502);
    expect(answer.headers.get("Location")).toBeNull();
    const { errors } = JSON.parse(answer.body) as { errors: { code: string; message: string }[] };
    expect(errors[0]?.code).toBe("BLOB_UPLOAD_INVALID");
    if (line === undefined) expect(errors[0]?.message).not.toContain("upload_paths = ");
    else expect(errors[0]?.message).toContain(line);
    internet.expectCanaryOnlyAt(CANARY.signature, []);
  });
});

describe("F12, S6: what an upload gives back", () => {
  const SESSION = `${UPLOADS}~${encodeBase64Url("/put/x")}`;

  it.each(METHODS)("a %s of a session follows no redirect", async (method) => {
    for (const status of [301, 302, 303, 307, 308]) {
      for (const target of ["/put/y", "/api/users", "https://cdn.example/x"]) {
        const internet = new Internet().host(REGISTRY, () => located(target, status));
        for (const url of [SESSION, `${UPLOADS}plain`]) {
          const answer = await go(internet, url, method);
          expect(answer.status).toBe(502);
          expect(answer.headers.get("Location")).toBeNull();
        }
        expect(internet.requests).toHaveLength(2);
      }
    }
  });

  it.each<[string, Record<string, string>]>([
    ["an SVG", { "Content-Type": "image/svg+xml" }],
    ["XML", { "Content-Type": "application/xml" }],
    ["prose", { "Content-Type": "text/plain" }],
    ["no type", {}],
    ["bytes", { "Content-Type": "application/octet-stream" }],
  ])("of %s nothing passes but the status", async (_, headers) => {
    for (const method of ["GET", "PATCH", "PUT", "DELETE"]) {
      for (const url of [SESSION, `${UPLOADS}plain`]) {
        const internet = new Internet().host(REGISTRY, page(headers));
        const answer = await go(internet, url, method);
        expect([answer.status, answer.body]).toEqual([200, ""]);
        expect(answer.headers.get("Content-Type")).toBeNull();
        expect(answer.headers.get("Range")).toBe("0-9");
      }
    }
  });

  it("JSON passes as JSON, a page of HTML is 502", async () => {
    const json = new Internet().host(REGISTRY, page({ "Content-Type": "application/problem+json" }));
    const passed = await go(json, SESSION, "GET");
    expect([passed.status, passed.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    const html = new Internet().host(REGISTRY, page({ "Content-Type": "text/html" }));
    expect((await go(html, SESSION, "GET")).status).toBe(502);
  });
});

function page(headers: Record<string, string>): Handler {
  const bytes = new TextEncoder().encode("<svg onload=alert(1)>");
  return () => new Response(bytes, { headers: { ...headers, Range: "0-9" } });
}
