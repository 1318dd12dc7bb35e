// S4: what one row or one client's question taught must neither widen nor close the way of another.
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { bearerRegistry, CANARY, Internet, tokenService, unauthorized } from "../internet.ts";

const LOGIN = { headers: { Authorization: basic("alice", CANARY.basicPassword) } };
const SHARED = "https://shared.example";
const ROWS = {
  trusting: { upstream: SHARED, registry: "trusting.example", realm: "https://sso.example" },
  careful: { upstream: SHARED, registry: "careful.example" },
};

describe("S4: two rows with one upstream", () => {
  it("the realm that one owner's row trusts gets nothing of the other's", async () => {
    const internet = new Internet()
      .host(SHARED, () => unauthorized('Bearer realm="https://sso.example/token"'))
      .host("https://sso.example", tokenService({ token: "t" }));
    const ferry = new Ferry(ROWS);
    const other = { headers: { Authorization: basic("bob", CANARY.hubPassword) } };
    expect((await internet.ask(ferry, "https://trusting.example.com/v2/auth", other)).status).toBe(200);
    expect((await internet.ask(ferry, "https://careful.example.com/v2/auth", LOGIN)).status).toBe(502);
    internet.expectCanaryOnlyAt(CANARY.basicPassword, []);
    internet.expectCanaryOnlyAt(CANARY.hubPassword, ["https://sso.example"]);
  });

  it("a realm refused to one is not refused to the other", async () => {
    const internet = new Internet()
      .host(SHARED, () => unauthorized('Bearer realm="https://sso.example/token"'))
      .host("https://sso.example", tokenService({ token: "t" }));
    const ferry = new Ferry(ROWS);
    const other = { headers: { Authorization: basic("bob", CANARY.hubPassword) } };
    expect((await internet.ask(ferry, "https://careful.example.com/v2/auth", other)).status).toBe(502);
    expect((await internet.ask(ferry, "https://trusting.example.com/v2/auth", LOGIN)).status).toBe(200);
    internet.expectCanaryOnlyAt(CANARY.basicPassword, ["https://sso.example"]);
    internet.expectCanaryOnlyAt(CANARY.hubPassword, []);
  });
});

describe("S4: a registry that challenges on private repositories only", () => {
  it.each(["public/app", "no/such"])(
    "a stranger's question about %s does not close logins for others",
    async (name) => {
      const challenge = 'Bearer realm="https://partly.example/token"';
      const internet = new Internet().host("https://partly.example", (request) => {
        const { pathname } = request.url;
        if (pathname === "/token") return Response.json({ token: CANARY.hubToken });
        if (pathname.startsWith("/v2/private/")) return bearerRegistry(challenge)(request);
        return new Response(null, { status: pathname.includes("no/such") ? 404 : 200 });
      });
      const ferry = new Ferry({ partly: "https://partly.example" });
      const strange = `https://partly.example.com/v2/auth?scope=repository:${name}:pull`;
      await internet.ask(ferry, strange);
      await internet.ask(ferry, strange, { headers: { Authorization: basic("bob", CANARY.hubPassword) } });
      for (const headers of [{}, { Authorization: "Bearer ferry.anonymous" }]) {
        await internet.ask(ferry, `https://partly.example.com/v2/${name}/manifests/latest`, { headers });
      }
      const url = "https://partly.example.com/v2/auth?scope=repository:private/app:pull";
      expect((await internet.ask(ferry, url, LOGIN)).status).toBe(200);
      internet.expectCanaryOnlyAt(CANARY.basicPassword, ["https://partly.example"]);
    },
  );
});
