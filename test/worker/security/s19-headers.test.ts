// S19: nothing that this Worker answers is active in a browser, and no page of another site gets at it (F13).
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { HUB, MCR, publicRegistries, TABLE, type Answer } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const BEARER = { Authorization: "Bearer a.registrys.token" };
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Credentials": "true",
  "Content-Security-Policy": "default-src *",
  "Cross-Origin-Resource-Policy": "cross-origin",
  "X-Content-Type-Options": "",
};

function expectInert({ headers }: Answer, what: string): void {
  expect(headers.get("X-Content-Type-Options"), what).toBe("nosniff");
  expect(headers.get("Content-Security-Policy"), what).toBe("default-src 'none'; sandbox");
  expect(headers.get("Cross-Origin-Resource-Policy"), what).toBe("same-origin");
  expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
}

describe("F13, S19: every answer but our own page carries the headers", () => {
  it.each([
    "/v2/",
    "/v2/auth?scope=repository:me/app:pull",
    "/v2/me/app/manifests/latest",
    `/v2/me/app/blobs/${DIGEST}`,
    "/v2/me/app/tags/list",
    `/v2/me/app/referrers/${DIGEST}`,
    "/v2/_catalog",
    "/v2/me/app/blobs/uploads/s",
    "/v2/Me/App/manifests/latest",
    "/v1/_ping",
    "/v1/search?q=x",
    "/healthz",
    "/robots.txt",
    "/nothing",
  ])("%s", async (path) => {
    for (const label of ["docker", "mcr", "mirror", "nobody"]) {
      for (const method of ["GET", "HEAD", "POST", "DELETE", "OPTIONS"]) {
        for (const headers of [{}, BEARER]) {
          const internet = publicRegistries();
          for (const origin of [HUB, MCR, "https://index.docker.io"]) {
            internet.host(origin, () => Response.json({ token: "t" }, { headers: CORS }));
          }
          const url = `https://${label}.example.com${path}`;
          const answer = await internet.ask(new Ferry(TABLE), url, { method, headers });
          expectInert(answer, `${method} ${url}`);
        }
      }
    }
  });

  it("also where the configuration is faulty, the Host header is none, or the client came by http", async () => {
    const internet = publicRegistries();
    expectInert(await internet.ask(new Ferry(""), "https://docker.example.com/v2/"), "no table");
    const headers = { Host: "a b" };
    expectInert(
      await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", { headers }),
      "a host",
    );
    const edge = { headers: { "CF-Ray": "1" } };
    for (const path of ["/", "/v2/"]) {
      expectInert(await internet.ask(new Ferry(TABLE), `http://docker.example.com${path}`, edge), "http");
    }
  });

  it("and the page has its own", async () => {
    const answer = await publicRegistries().ask(new Ferry(TABLE), "https://docker.example.com/");
    expect(answer.headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
    expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
  });
});

describe("S19: pages of other sites are not served", () => {
  const PATHS = ["/v2/", "/v2", "/v2/auth", "/v2/me/app/manifests/latest", "/v1/search?q=x", "/v1/_ping"];

  it.each(["cross-site", "same-site", "Cross-Site", "", "x", "same-origin, cross-site"])(
    "Sec-Fetch-Site: %j is 403, and nothing leaves",
    async (site) => {
      const internet = publicRegistries();
      for (const label of ["docker", "mirror", "nobody"]) {
        for (const path of PATHS) {
          for (const headers of [{ "Sec-Fetch-Site": site }, { ...BEARER, "Sec-Fetch-Site": site }]) {
            const url = `https://${label}.example.com${path}`;
            const answer = await internet.ask(new Ferry(TABLE), url, { headers });
            expect(answer.status, url).toBe(403);
            expect(answer.headers.get("WWW-Authenticate")).toBeNull();
            expectInert(answer, url);
          }
        }
      }
      expect(internet.requests).toEqual([]);
    },
  );

  it.each(["same-origin", "none"])("Sec-Fetch-Site: %s is a person at this address", async (site) => {
    const internet = publicRegistries();
    const init = { headers: { "Sec-Fetch-Site": site } };
    expect((await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/", init)).status).toBe(401);
  });

  it("a link from elsewhere leads to the page", async () => {
    const init = { headers: { "Sec-Fetch-Site": "cross-site" } };
    const answer = await publicRegistries().ask(new Ferry(TABLE), "https://docker.example.com/", init);
    expect(answer.status).toBe(200);
  });
});
