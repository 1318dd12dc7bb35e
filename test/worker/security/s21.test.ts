// S21: what a log may hold: of the client lane the registry and not the repository, and nothing of an upstream's text.
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, GHCR, HUB, HUB_AUTH, located, publicRegistries, TABLE, unauthorized } from "../internet.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const SECRET_NAME = "acme/canary0repository";
const SAID = "canary0text0of0upstream";

function lines(log: readonly string[]): Record<string, unknown>[] {
  return log.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("S21: requests with somebody's credentials", () => {
  it.each([
    ["docker", "Bearer a.registrys.token", ""],
    ["basic", basic("alice", "x"), ""],
    ["mirror", "Bearer ferry.Z2hjci5pbw.token", "ghcr.io/"],
    ["mirror", "Bearer ferry.ZG9ja2VyLmlv.token", "ghcr.io/"],
  ])(
    "at %s.example.com with %s: the registry is logged, the repository is not",
    async (label, authorization, prefix) => {
      const internet = publicRegistries();
      const ferry = new Ferry(TABLE);
      const headers = { Authorization: authorization };
      for (const [method, path] of [
        ["GET", "manifests/latest"],
        ["HEAD", `blobs/${DIGEST}`],
        ["GET", "tags/list"],
        ["POST", "blobs/uploads/"],
        ["PATCH", "blobs/uploads/s"],
        ["PUT", "manifests/latest"],
        ["DELETE", "manifests/latest"],
      ] as const) {
        const body = method === "GET" || method === "HEAD" ? {} : { body: "x" };
        const url = `https://${label}.example.com/v2/${prefix}${SECRET_NAME}/${path}`;
        await internet.ask(ferry, url, { method, headers, ...body });
      }
      expect(internet.log).toHaveLength(7);
      expect(internet.log.join()).not.toContain("canary0repository");
      for (const line of lines(internet.log))
        expect(line).toMatchObject({ registry: expect.any(String) as string });
    },
  );

  it("a login at the token service too", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry(TABLE);
    const headers = { Authorization: basic("alice", CANARY.hubPassword) };
    const scope = `scope=repository:${SECRET_NAME}:pull`;
    for (const label of ["docker", "mirror"]) {
      await internet.ask(ferry, `https://${label}.example.com/v2/auth?${scope}`, { headers });
    }
    internet.host(HUB_AUTH, () => new Response(null, { status: 503 }));
    await internet.ask(ferry, `https://docker.example.com/v2/auth?${scope}`, { headers });
    expect(internet.log).toHaveLength(3);
    expect(internet.log.join()).not.toContain("canary0repository");
    for (const line of lines(internet.log)) expect(line["registry"]).toBe("docker.io");
  });

  it.each([
    ["PATCH", "manifests/latest", 405],
    ["POST", "blobs/uploads/?mount=x&from=NOT%20A%20NAME", 400],
  ])("%s %s, an error before anything leaves: neither", async (method, path, status) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic("alice", "x") };
    const url = `https://docker.example.com/v2/${SECRET_NAME}/${path}`;
    const answer = await internet.ask(new Ferry(TABLE), url, { method, headers, body: "x" });
    expect(answer.status).toBe(status);
    expect(internet.log.join()).not.toContain("canary0repository");
  });

  it("what nobody's credentials ask for is public, and logged", async () => {
    const internet = publicRegistries();
    const headers = { Authorization: "Bearer ferry.anonymous" };
    await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/library/nginx/tags/list", {
      headers,
    });
    expect(lines(internet.log)[0]).toMatchObject({ registry: "docker.io", repository: "library/nginx" });
  });
});

describe("S21: nothing of an upstream's text", () => {
  const answers: readonly (readonly [string, () => Response])[] = [
    ["an error", () => Response.json({ errors: [{ code: SAID, message: SAID }] }, { status: 500 })],
    ["a page", () => new Response(SAID, { status: 503, headers: { "Content-Type": "text/html" } })],
    [
      "a challenge",
      () => unauthorized(`Bearer realm="${GHCR}/token?${SAID}",service="${SAID}",error="${SAID}"`),
    ],
    [
      "a foreign realm",
      () => unauthorized(`Bearer realm="https://a:${SAID}@evil.example/?x=${SAID}#${SAID}"`),
    ],
    ["a redirect", () => located(`https://evil.internal/${SAID}?${SAID}`)],
    ["a redirect to no address", () => located(`https://[${SAID}`)],
    ["an upload elsewhere", () => located(`https://evil.example/${SAID}?${SAID}`, 202)],
    ["a length", () => new Response("x", { headers: { "Content-Length": SAID } })],
    ["a token", () => Response.json({ error: SAID, details: SAID }, { status: 400 })],
  ];

  it.each(answers)("%s", async (_, answer) => {
    for (const label of ["docker", "mirror", "basic"]) {
      for (const authorization of [
        "Bearer a.token",
        "Bearer ferry.anonymous",
        basic("alice", "x"),
        undefined,
      ]) {
        const internet = publicRegistries();
        const origins = [HUB, HUB_AUTH, "https://basic.example", "https://mirror.gcr.io"];
        for (const origin of origins) internet.host(origin, answer);
        const headers: HeadersInit = authorization === undefined ? {} : { Authorization: authorization };
        const ferry = new Ferry(TABLE);
        for (const path of ["a/b/manifests/x", "a/b/tags/list", "auth?scope=repository:a/b:pull"]) {
          await internet.ask(ferry, `https://${label}.example.com/v2/${path}`, { headers });
        }
        const init = { method: "POST", headers };
        await internet.ask(ferry, `https://${label}.example.com/v2/a/b/blobs/uploads/`, init);
        expect(internet.log.join("\n")).not.toContain(SAID);
      }
    }
  });
});
