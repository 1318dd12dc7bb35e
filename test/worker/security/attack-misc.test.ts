// Smaller attacks: headers, and bearers in places that nobody looks at.
import { describe, expect, it } from "vitest";
import { Ferry } from "../ferry.ts";
import { CANARY, HOSTILE, HUB, publicRegistries, TABLE } from "../internet.ts";
import { ANONYMOUS } from "../store/stage.ts";
import { Warm } from "../store/warm.ts";
import { digestOf } from "../client-ferry.ts";

describe("S2: a bearer of ours in the query of a list", () => {
  it("does not reach another registry", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const wrapped = `ferry.${btoa("ghcr.io").replace(/=+$/, "")}.${CANARY.ghcrToken}`;
    const url = `https://mirror.example.com/v2/hostile.example/team/app/tags/list?access_token=${wrapped}`;
    await internet.ask(ferry, url, { headers: ANONYMOUS });
    expect(internet.to(HOSTILE).filter(({ url: { search } }) => search.includes("ferry."))).toEqual([]);
  });
});

describe("S17: a Link of many links", () => {
  it("becomes no header that is a hundred times as long", async () => {
    const internet = publicRegistries().host(HUB, () =>
      Response.json({ tags: [] }, { headers: { Link: "<>,".repeat(5_000) } }),
    );
    const name = `a/${"b".repeat(240)}`;
    const answer = await internet.ask(new Ferry(TABLE), `https://docker.example.com/v2/${name}/tags/list`, {
      headers: { Authorization: "Bearer a.registrys.token" },
    });
    expect((answer.headers.get("Link") ?? "").length).toBeLessThan(64 * 1024);
  });
});

describe("section 4: bytes=0- of a blob without bytes", () => {
  it("is a 200 from the store as from the registry", async () => {
    const warm = await Warm.open();
    const digest = await digestOf("");
    warm.played.serve = (request) =>
      request.url.pathname.endsWith(digest)
        ? new Response(request.method === "HEAD" ? null : "", { headers: { "Content-Length": "0" } })
        : warm.registry(request);
    const statuses = [];
    for (let round = 0; round < 3; round += 1) {
      const { status, headers } = await warm.get(`blobs/${digest}`, { Range: "bytes=0-" });
      statuses.push(`${status} ${headers.get("X-Cache") ?? ""}`);
    }
    expect(statuses.every((status) => status.startsWith("200"))).toBe(true);
  });
});
