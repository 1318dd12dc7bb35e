// S5: whose word counts in an answer that came over a redirect.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { CANARY, GHCR, HUB, located, publicRegistries, TABLE, unauthorized } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const OTHER = `sha256:${"b".repeat(64)}`;
const URL_OF_BLOB = `https://docker.example.com/v2/library/nginx/blobs/${DIGEST}`;
const LOGIN = { headers: { Authorization: `Bearer ${CANARY.hubToken}` } };
const CDN = "https://cdn.example";
const EVIL = 'Bearer realm="https://evil.example/token",service="evil",scope="repository:evil/app:pull"';

describe("S5: a target's challenge", () => {
  it("with 401 is a 502 that names the hop, for GET and HEAD", async () => {
    for (const method of ["GET", "HEAD"]) {
      const internet = publicRegistries()
        .host(HUB, () => located(`${CDN}/x?sig=${CANARY.signature}`))
        .host(CDN, () => unauthorized(EVIL));
      const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, { ...LOGIN, method });
      expect(answer.status).toBe(502);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      if (method === "GET") expect(answer.body).toContain("cdn.example");
      internet.expectCanaryOnlyAt(CANARY.signature, [CDN]);
    }
  });

  it.each([200, 400, 403, 404, 429, 500])("with %i is not rewritten as ours", async (status) => {
    const internet = publicRegistries()
      .host(HUB, () => located(`${CDN}/x`))
      .host(CDN, () => new Response("{}", { status, headers: { "WWW-Authenticate": EVIL } }));
    const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
    expect(answer.headers.get("WWW-Authenticate") ?? "").toBe("");
  });

  it("of the token service of another registry does not lead there", async () => {
    const internet = publicRegistries().host(HUB, () => located(`${GHCR}/v2/a/b/blobs/${DIGEST}`));
    const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
    expect(answer.status).toBe(502);
    internet.expectCanaryOnlyAt(CANARY.hubToken, [HUB]);
  });
});

describe("S5: headers of an answer from elsewhere", () => {
  it("digest and OCI-* are the registry's; length, range and type the last hop's", async () => {
    const internet = publicRegistries()
      .host(HUB, () =>
        located(`${CDN}/x`, 307, {
          "Docker-Content-Digest": DIGEST,
          "OCI-Subject": DIGEST,
          "Docker-Distribution-Api-Version": "registry/2.0",
          "Content-Type": "text/html",
          "Content-Range": "bytes 0-0/1",
          "RateLimit-Remaining": "7",
        }),
      )
      .host(
        CDN,
        () =>
          new Response("part", {
            status: 206,
            headers: {
              "Docker-Content-Digest": OTHER,
              "OCI-Subject": OTHER,
              "RateLimit-Remaining": "9999",
              "Content-Type": "application/octet-stream",
              "Content-Range": "bytes 0-3/9",
              "Content-Length": "4",
            },
          }),
      );
    const { status, headers } = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
    expect(status).toBe(206);
    expect(headers.get("Docker-Content-Digest")).toBe(DIGEST);
    expect(headers.get("OCI-Subject")).toBe(DIGEST);
    expect(headers.get("RateLimit-Remaining")).toBe("7");
    expect(headers.get("Content-Type")).toBe("application/octet-stream");
    expect(headers.get("Content-Range")).toBe("bytes 0-3/9");
  });

  it("a chain's way back to the registry does not make the target's word the registry's", async () => {
    const internet = publicRegistries()
      .host(CDN, () => located(`${HUB}/back`, 307, { "Docker-Content-Digest": OTHER }))
      .host(HUB, ({ url }) =>
        url.pathname === "/back"
          ? new Response("{}")
          : located(`${CDN}/x`, 307, { "Docker-Content-Digest": DIGEST }),
      );
    const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
    expect(answer.headers.get("Docker-Content-Digest")).toBe(DIGEST);
  });

  it("cookies, sources and what else a CDN says stay there", async () => {
    const internet = publicRegistries()
      .host(HUB, () => located(`${CDN}/x`, 307, { "Set-Cookie": CANARY.cookie }))
      .host(
        CDN,
        () =>
          new Response("blob", {
            headers: {
              "Set-Cookie": CANARY.cookie,
              "X-Amz-Request-Id": CANARY.cookie,
              "Content-Security-Policy": CANARY.cookie,
              "Content-Location": CANARY.cookie,
              "Clear-Site-Data": CANARY.cookie,
              Refresh: `0;url=https://evil.example/${CANARY.cookie}`,
              Location: `https://evil.example/${CANARY.cookie}`,
              Link: `<https://evil.example/${CANARY.cookie}>; rel="next"`,
            },
          }),
      );
    const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
    expect(answer.body).toBe("blob");
    internet.expectCanaryOnlyAt(CANARY.cookie, []);
  });

  it("an error page of a CDN, which quotes the signed address, is replaced", async () => {
    for (const type of ["application/xml", "text/html", "text/plain", "image/svg+xml"]) {
      const internet = publicRegistries()
        .host(HUB, () => located(`${CDN}/x?X-Amz-Signature=${CANARY.signature}`))
        .host(
          CDN,
          ({ url }) =>
            new Response(`<E>${url.search}</E>`, { status: 403, headers: { "Content-Type": type } }),
        );
      const answer = await internet.ask(new Ferry(TABLE), URL_OF_BLOB, LOGIN);
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toHaveProperty("errors");
      internet.expectCanaryOnlyAt(CANARY.signature, [CDN]);
    }
  });
});
