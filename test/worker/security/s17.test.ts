// S17: bounds. What an upstream or a client can make large costs neither memory nor time.
import { describe, expect, it } from "vitest";
import { BoundedMap } from "../../../src/isolate.ts";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, GHCR, HUB, HUB_AUTH, publicRegistries, TABLE } from "../internet.ts";

const TOKEN_URL = "https://docker.example.com/v2/auth?scope=repository:library/nginx:pull";
const MANIFEST = "https://docker.example.com/v2/library/nginx/manifests/x";
const LOGIN = { headers: { Authorization: "Bearer a.registrys.token" } };
const PASSWORD = { headers: { Authorization: basic("alice", CANARY.hubPassword) } };
const MIB = 1024 * 1024;

describe("S17: what upstreams make large", () => {
  it("an endless token answer is a 502, read no further than its cap", async () => {
    let pulled = 0;
    let cancelled = false;
    const internet = publicRegistries().host(HUB_AUTH, () => {
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled += 1;
          // Not quite endless, so that a Worker that reads on fails this test and does not hang it.
          if (pulled > 500) controller.close();
          else controller.enqueue(new Uint8Array(16 * 1024).fill(32));
        },
        cancel() {
          cancelled = true;
        },
      });
      return new Response(body, { headers: { "Content-Type": "application/json" } });
    });
    expect((await internet.ask(new Ferry(TABLE), TOKEN_URL, PASSWORD)).status).toBe(502);
    expect(pulled).toBeLessThan(20);
    expect(cancelled).toBe(true);
  });

  it("a token answer of 5 MiB is a 502, an error of 5 MiB keeps its status", async () => {
    const token = JSON.stringify({ token: "x", more: "x".repeat(5 * MIB) });
    const internet = publicRegistries().host(HUB_AUTH, () => new Response(token));
    const ferry = new Ferry(TABLE);
    expect((await internet.ask(ferry, TOKEN_URL, PASSWORD)).status).toBe(502);
    internet.host(
      HUB_AUTH,
      () => new Response(JSON.stringify({ message: "x".repeat(5 * MIB) }), { status: 403 }),
    );
    const refused = await internet.ask(ferry, TOKEN_URL, PASSWORD);
    expect(refused.status).toBe(403);
    expect(refused.body.length).toBeLessThan(MIB);
  });

  it.each([
    "null",
    "[]",
    "1",
    '"token"',
    "{}",
    '{"token":1}',
    '{"token":""}',
    "",
    "<html>",
    '{"token":null,"__proto__":{"token":"x"}}',
  ])("a token answer %s is a 502", async (body) => {
    const internet = publicRegistries().host(HUB_AUTH, () => new Response(body));
    expect((await internet.ask(new Ferry(TABLE), TOKEN_URL, PASSWORD)).status).toBe(502);
  });

  it("a tag list that must be read to be mapped: up to 4 MiB", async () => {
    const list = JSON.stringify({ tags: ["x".repeat(5 * MIB)], name: "library/nginx" });
    const internet = publicRegistries().host(HUB, () => new Response(list));
    const answer = await internet.ask(
      new Ferry(TABLE),
      "https://docker.example.com/v2/nginx/tags/list",
      LOGIN,
    );
    expect(answer.status).toBe(502);
  });

  it.each([
    ["quotes that never end", `Bearer realm="${"\\".repeat(60_000)}`],
    ["thousands of challenges", "Bearer ".repeat(8_000)],
    [
      "thousands of parameters",
      `Bearer ${Array.from({ length: 8_000 }, (_, index) => `p${index}="x"`).join(",")}`,
    ],
    ["equals signs", "=".repeat(60_000)],
    ["commas", ",".repeat(60_000)],
    ["spaces", `Bearer realm${" ".repeat(60_000)}`],
    ["just under the cap", `Bearer realm="${'a\\"'.repeat(5_000)}"`],
  ])("a challenge with %s is read quickly", async (_, challenge) => {
    const internet = publicRegistries().host(HUB, () =>
      Response.json({}, { status: 401, headers: { "WWW-Authenticate": challenge } }),
    );
    const started = performance.now();
    const answer = await internet.ask(new Ferry(TABLE), MANIFEST, LOGIN);
    expect(answer.status).toBeLessThan(503);
    expect((answer.headers.get("WWW-Authenticate") ?? "").length).toBeLessThan(64 * 1024);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it.each([
    ["links", '<?n=1>; rel="next", '.repeat(3_000)],
    ["brackets", "<".repeat(60_000)],
    ["semicolons", `<?n=1>${";".repeat(16_000)}`],
    ["quotes that never end", `<?n=1>; rel="${"\\".repeat(16_000)}`],
  ])("a Link of %s is read quickly", async (_, link) => {
    const internet = publicRegistries().host(HUB, () =>
      Response.json({ tags: [] }, { headers: { Link: link } }),
    );
    const started = performance.now();
    await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/a/b/tags/list", LOGIN);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it("a Link leads nowhere but to the same list here (CVE-2023-2253: endless lists are the client's to end)", async () => {
    const target = "https://evil.example/v2/other/tags/list?n=999999999999&last=x";
    const internet = publicRegistries().host(HUB, () =>
      Response.json({ tags: [] }, { headers: { Link: `<${target}>; rel="next"` } }),
    );
    const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/a/b/tags/list", LOGIN);
    expect(answer.headers.get("Link")).toBe('</v2/a/b/tags/list?n=999999999999&last=x>; rel="next"');
    expect(internet.requests).toHaveLength(1);
  });
});

describe("S17: what clients make large", () => {
  it("a token form of 5 MiB is a 413, and nothing leaves", async () => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/auth", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: `grant_type=password&password=${"x".repeat(5 * MIB)}`,
    });
    expect(answer.status).toBe(413);
    expect(internet.requests).toEqual([]);
  });

  it.each(["docker", "mirror"])(
    "thousands of scopes at %s are not asked for, one by one or in one",
    async (label) => {
      const scopes = (separator: string): string =>
        Array.from({ length: 1_500 }, (_, index) => `repository:a/r${index}:pull`).join(separator);
      for (const body of [`scope=${scopes("&scope=")}`, `scope=${scopes("+")}`]) {
        const internet = publicRegistries();
        const started = performance.now();
        await internet.ask(new Ferry(TABLE), `https://${label}.example.com/v2/auth`, {
          method: "POST",
          headers: { ...PASSWORD.headers, "Content-Type": "application/x-www-form-urlencoded" },
          body,
        });
        const asked = internet
          .to(HUB_AUTH)
          .map((request) => new URLSearchParams(request.body).getAll("scope").length);
        expect(Math.max(0, ...asked)).toBeLessThanOrEqual(64);
        expect(performance.now() - started).toBeLessThan(2_000);
      }
    },
  );

  it("a bearer of 60 KB with our prefix is judged quickly", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: `Bearer ferry.${"a".repeat(60_000)}` };
    const started = performance.now();
    expect((await internet.ask(new Ferry(TABLE), MANIFEST, { headers })).status).toBe(401);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(internet.requests).toEqual([]);
  });

  it("odd scopes are passed as words or refused, and never break out of their parameter", async () => {
    for (const scope of [
      'repository:a/b:pull",realm="x',
      "repository:a/b:pull&account=root",
      "a#b",
      "::",
      ":",
      "x:y",
    ]) {
      const internet = publicRegistries();
      await internet.ask(
        new Ferry(TABLE),
        `https://ghcr.example.com/v2/auth?scope=${encodeURIComponent(scope)}`,
        { headers: { Authorization: basic("alice", CANARY.ghcrPassword) } },
      );
      for (const { url } of internet.to(GHCR)) {
        expect([...url.searchParams.keys()].every((name) => ["scope", "service"].includes(name))).toBe(true);
        expect(url.hash).toBe("");
      }
      expect(internet.placesOf(CANARY.ghcrPassword).filter((place) => place !== GHCR)).toEqual([]);
    }
  });
});

describe("S17: memory", () => {
  it("a map keeps as many entries as its bound, the newest", () => {
    const map = new BoundedMap<number, number>(64);
    for (let index = 0; index < 10_000; index += 1) map.set(index, index);
    expect(map.size).toBe(64);
    expect([map.get(9_999), map.get(9_936), map.get(9_935)]).toEqual([9_999, 9_936, undefined]);
  });
});

describe("S17: a Link of many links", () => {
  it("becomes no header that is a hundred times as long: eight are passed", async () => {
    const internet = publicRegistries().host(HUB, () =>
      Response.json({ tags: [] }, { headers: { Link: "<>,".repeat(5_000) } }),
    );
    const name = `a/${"b".repeat(240)}`;
    const url = `https://docker.example.com/v2/${name}/tags/list`;
    const answer = await internet.ask(new Ferry(TABLE), url, LOGIN);
    expect(answer.headers.get("Link")?.split(", ")).toEqual(
      Array.from({ length: 8 }, () => `</v2/${name}/tags/list>`),
    );
  });
});
