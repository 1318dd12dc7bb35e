// S8: names. What the proxy decided on is what the registry is asked, in every place where a name can stand.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { BASIC, CANARY, GHCR, HUB, Internet, publicRegistries, TABLE } from "../internet.ts";

const HEADERS = { Authorization: "Bearer a.registrys.token" };
const DOCKER = "https://docker.example.com";
const DIGEST = `sha256:${"a".repeat(64)}`;

describe("S8: a parameter that must not be repeated", () => {
  it.each([
    "mount=a&mount=b",
    "from=a/b&from=c/d",
    "from=a/b&fr%6Fm=c/d",
    "fr%6fm=a/b&%66rom=c/d",
    "mount=a&from=a/b&moun%74=b",
    "ns=docker.io&ns=docker.io",
    "ns=docker.io&n%73=docker.io",
    "ns&ns=docker.io",
    "from&from=a/b",
  ])("?%s: 400, and nothing leaves", async (query) => {
    const internet = publicRegistries();
    const url = `${DOCKER}/v2/a/b/blobs/uploads/?${query}`;
    expect((await internet.ask(new Ferry(TABLE), url, { method: "POST", headers: HEADERS })).status).toBe(
      400,
    );
    expect(internet.requests).toEqual([]);
  });
});

describe("S8: from=", () => {
  it.each([
    ["/v2/a/b/blobs/uploads/?mount=X&from=nginx", "?mount=X&from=library/nginx"],
    ["/v2/a/b/blobs/uploads/?mount=X&from=docker.io/nginx", "?mount=X&from=library/nginx"],
    ["/v2/a/b/blobs/uploads/?mount=X&fr%6Fm=nginx", "?mount=X&from=library/nginx"],
    ["/v2/a/b/blobs/uploads/?mount=X&from=c%2Fd", "?mount=X&from=c%2Fd"],
  ])("%s asks %s", async (path, search) => {
    const internet = publicRegistries();
    await internet.ask(new Ferry(TABLE), DOCKER + path, { method: "POST", headers: HEADERS });
    expect(internet.to(HUB)[0]?.url.search).toBe(search);
  });

  it.each([
    "mount=X&from=docker.io/c/d",
    "mount=X&from=quay.io/c/d",
    "from=quay.io/c/d&mount=X",
    "moun%74=X&fro%6D=quay.io%2Fc%2Fd",
    "mount=X&from=c/d",
    "from=hostile.example/c",
  ])("?%s on a universal host: of another registry, a plain upload begins", async (query) => {
    const internet = publicRegistries();
    const url = `https://mirror.example.com/v2/ghcr.io/a/b/blobs/uploads/?${query}`;
    const headers = { Authorization: "Bearer ferry.Z2hjci5pbw.token" };
    await internet.ask(new Ferry(TABLE), url, { method: "POST", headers });
    expect(internet.requests.map((request) => request.url.href)).toEqual([`${GHCR}/v2/a/b/blobs/uploads/`]);
  });

  it.each([
    "../x",
    "A/B",
    "a//b",
    "a/",
    "",
    "a%00b",
    "%zz",
    "a b",
    "https://evil.example/a",
    "evil.example:443/a",
  ])("from=%s: refused, and nothing leaves", async (from) => {
    const internet = publicRegistries();
    const url = `${DOCKER}/v2/a/b/blobs/uploads/?mount=X&from=${from}`;
    const answer = await internet.ask(new Ferry(TABLE), url, { method: "POST", headers: HEADERS });
    expect(answer.status).toBe(400);
    expect(internet.requests).toEqual([]);
  });
});

describe("S8: the query", () => {
  it("is byte-exact but for ns=", async () => {
    for (const [sent, expected] of [
      ["?n=10&last=a%2Fb%7e+c&x&y=&&z==%41", "?n=10&last=a%2Fb%7e+c&x&y=&z==%41"],
      ["?ns=docker.io&n=1", "?n=1"],
      ["?n=1&n%73=docker.io&last=x", "?n=1&last=x"],
      ["?ns=docker.io", ""],
      ["?NS=x&xns=y&ns[]=z", "?NS=x&xns=y&ns[]=z"],
      ["?last=%zz%ff", "?last=%zz%ff"],
    ] as const) {
      const internet = publicRegistries();
      await internet.ask(new Ferry(TABLE), `${DOCKER}/v2/a/b/tags/list${sent}`, { headers: HEADERS });
      const asked = internet.to(HUB)[0]?.url.search.replace("&&", "&");
      expect(asked).toBe(expected);
    }
  });
});

describe("S8: names that are none reach no registry (CVE-2024-3727, CVE-2026-31801)", () => {
  it.each([
    "/v2/a%2fb/manifests/x",
    "/v2/a%00/manifests/x",
    "/v2/a//b/manifests/x",
    "/v2//a/manifests/x",
    "/v2/A/manifests/x",
    "/v2/a\\..\\b%5c/manifests/x",
    "/v2/a;b/manifests/x",
    "/v2/a%0d%0aX-Evil:1/manifests/x",
    "/v2/a@evil.example/manifests/x",
    "/v2/%e2%91%a0/manifests/x",
    "/v2/a/manifests/..%2f..%2fb",
    "/v2/a/manifests/x%2fy",
    "/v2/a/manifests/-x",
    `/v2/a/manifests/${"x".repeat(129)}`,
    "/v2/a/manifests/sha256:",
    "/v2/a/manifests/sha256:..",
    `/v2/a/blobs/sha256:${"A".repeat(64)}`,
    `/v2/a/blobs/sha256:${"a".repeat(63)}`,
    `/v2/a/blobs/sha256:${"a".repeat(65)}`,
    `/v2/a/blobs/SHA256:${"a".repeat(64)}`,
    "/v2/a/blobs/sha256:%2e%2e%2fx",
    "/v2/a/blobs/sha256%253a",
    `/v2/a/referrers/${DIGEST}%00`,
    "/v2/a/tags/list/",
    "/v2/a/tags/list%00",
    "/v2/a/blobs/uploads/%2e%2e",
    "/v2/a/blobs/uploads/x%2fy",
    "/v2/a/blobs/uploads/x;y",
    `/v2/${"a/".repeat(128)}a/manifests/x`,
  ])("%s", async (path) => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), DOCKER + path, { headers: HEADERS });
    expect([400, 404]).toContain(answer.status);
    expect(JSON.parse(answer.body)).toHaveProperty("errors");
    expect(internet.requests).toEqual([]);
  });

  it("names with the protocol's words in them: the rightmost word decides", async () => {
    const internet = publicRegistries();
    await internet.ask(new Ferry(TABLE), `${DOCKER}/v2/a/manifests/b/blobs/${DIGEST}`, { headers: HEADERS });
    expect(internet.to(HUB)[0]?.url.pathname).toBe(`/v2/a/manifests/b/blobs/${DIGEST}`);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])(
    "%s where the endpoint has none of it is 405, with or without a query (CVE-2026-41888)",
    async (method) => {
      const internet = publicRegistries();
      for (const path of [
        "/v2/",
        "/v2/?x",
        "/v2/_catalog?delete",
        "/v2/a/b/tags/list?",
        `/v2/a/b/referrers/${DIGEST}`,
      ]) {
        const answer = await internet.ask(new Ferry(TABLE), DOCKER + path, { method, headers: HEADERS });
        expect(answer.status).toBe(405);
      }
      expect(internet.requests).toEqual([]);
    },
  );
});

describe("CVE-2020-15157: foreign layers", () => {
  it("a manifest with urls passes untouched, and the proxy asks none of them", async () => {
    const manifest = JSON.stringify({ schemaVersion: 2, layers: [{ urls: ["https://evil.example/layer"] }] });
    const internet = new Internet().host(BASIC, () => new Response(manifest));
    const url = "https://basic.example.com/v2/a/b/manifests/x";
    expect((await internet.ask(new Ferry(TABLE), url, { headers: HEADERS })).body).toBe(manifest);
    expect(internet.requests).toHaveLength(1);
    internet.expectCanaryOnlyAt(CANARY.hubToken, []);
  });
});
