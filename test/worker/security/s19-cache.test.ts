// S19: an answer to a request whose Authorization went upstream is one client's, whatever the registry says of caches (F14).
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { BASIC, GHCR, HUB, located, MCR, publicRegistries, TABLE, type Internet } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const PUBLIC = { "Cache-Control": "public, max-age=31536000, immutable" };
const PATHS = [
  "me/app/manifests/latest",
  `me/app/blobs/${DIGEST}`,
  "me/app/tags/list",
  `me/app/referrers/${DIGEST}`,
  "_catalog",
  "me/app/blobs/uploads/session",
];

function cacheable(internet: Internet): Internet {
  for (const origin of [HUB, GHCR, BASIC, MCR, "https://cdn.example"]) {
    internet.host(origin, ({ headers, method, url }) => {
      const errors = [{ code: "UNAUTHORIZED", message: "m" }];
      if (url.pathname === "/v2/" && origin === BASIC && !headers.has("Authorization")) {
        return Response.json({ errors }, { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } });
      }
      if (url.pathname.includes("/blobs/sha") && origin === HUB) return located("https://cdn.example/blob");
      return new Response(method === "HEAD" ? null : "{}", { headers: PUBLIC });
    });
  }
  return internet;
}

describe("F14, S19: an answer to somebody's Authorization", () => {
  it.each([
    ["a bearer", "https://docker.example.com/v2/", "Bearer a.registrys.token"],
    ["Basic", "https://basic.example.com/v2/", basic("alice", "x")],
    ["another scheme", "https://ghcr.example.com/v2/", "Negotiate abc"],
    ["a wrapped bearer", "https://mirror.example.com/v2/ghcr.io/", "Bearer ferry.Z2hjci5pbw.token"],
  ])("%s: private, whatever the registry or its CDN says", async (_, base, authorization) => {
    for (const path of PATHS) {
      if (base.includes("mirror") && path === "_catalog") continue;
      for (const method of ["GET", "HEAD"]) {
        const internet = cacheable(publicRegistries());
        const answer = await internet.ask(new Ferry(TABLE), base + path, {
          method,
          headers: { Authorization: authorization },
        });
        expect([answer.status, answer.headers.get("Cache-Control")], `${method} ${path}`).toEqual([
          200,
          "private, no-transform",
        ]);
      }
    }
  });

  it("an X-Docker-Token alone: private too", async () => {
    const internet = cacheable(publicRegistries());
    const answer = await internet.ask(
      new Ferry(TABLE),
      "https://mcr.example.com/v2/me/app/manifests/latest",
      {
        method: "DELETE",
        headers: { "X-Docker-Token": "t" },
      },
    );
    expect(answer.headers.get("Cache-Control")).toBe("private, no-transform");
  });

  it("nobody's keeps what the registry says", async () => {
    const internet = cacheable(publicRegistries());
    const answer = await internet.ask(new Ferry(TABLE), "https://mcr.example.com/v2/me/app/tags/list");
    expect(answer.headers.get("Cache-Control")).toBe(`${PUBLIC["Cache-Control"]}, no-transform`);
  });
});
