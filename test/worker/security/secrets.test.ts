// No error, log line or answer repeats a secret, whatever fails (S13, S16 and the log's own rule).
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import { CANARY, HUB, HUB_AUTH, located, publicRegistries, TABLE, type Handler } from "../internet.ts";

const FORM = { "Content-Type": "application/x-www-form-urlencoded" };
const SECRETS = [
  CANARY.hubPassword,
  CANARY.ghcrPassword,
  CANARY.hubRefresh,
  CANARY.ghcrToken,
  CANARY.signature,
];

const FAILURES: readonly [string, Handler][] = [
  ["cannot be reached", () => Promise.reject(new TypeError(`cannot connect ${CANARY.signature}`))],
  ["answers 503", () => new Response("down", { status: 503 })],
  [
    "answers 520 with a page",
    () => new Response("<html>", { status: 520, headers: { "Content-Type": "text/html" } }),
  ],
  ["answers a page", () => new Response("<html>", { headers: { "Content-Type": "text/html" } })],
  ["answers 429", () => new Response("{}", { status: 429 })],
  ["redirects to an address", () => located(`https://10.0.0.1/x?sig=${CANARY.signature}`)],
  ["redirects to a user", () => located(`https://u:${CANARY.signature}@cdn.example/x`)],
  ["redirects to nothing valid", () => located(`https://[${CANARY.signature}`)],
  ["breaks inside", () => broken(`what failed\n${CANARY.signature}\n${CANARY.hubPassword}`)],
];

describe.each(FAILURES)("a registry that %s", (_, handler) => {
  it("brings no secret into a log or an answer", async () => {
    const internet = publicRegistries().host(HUB, handler).host(HUB_AUTH, handler);
    const ferry = new Ferry(TABLE);
    for (const label of ["docker", "mirror"]) {
      const host = `https://${label}.example.com`;
      const login = { Authorization: basic("alice", CANARY.hubPassword) };
      await internet.ask(ferry, `${host}/v2/library/nginx/manifests/x?token=${CANARY.hubRefresh}`, {
        headers: login,
      });
      await internet.ask(ferry, `${host}/v2/library/nginx/manifests/x`, {
        headers: { Authorization: `Bearer ${wrapToken("docker.io", CANARY.ghcrToken)}` },
      });
      await internet.ask(ferry, `${host}/v2/auth?password=${CANARY.ghcrPassword}`, { headers: login });
      await internet.ask(ferry, `${host}/v2/auth`, {
        method: "POST",
        headers: FORM,
        body: `grant_type=password&username=a&password=${CANARY.ghcrPassword}`,
      });
    }
    expect(internet.log.length).toBeGreaterThan(0);
    for (const secret of SECRETS) {
      expect(internet.placesOf(secret).filter((place) => ![HUB, HUB_AUTH].includes(place))).toEqual([]);
    }
  });
});

describe("what a client did wrong", () => {
  it.each([
    [
      "a user of a registry that is not served",
      "/v2/auth",
      basic(`evil.example/${CANARY.ghcrToken}`, CANARY.hubPassword),
    ],
    ["a query with a secret in a bad path", `/v2/A/x?secret=${CANARY.hubPassword}`, "Bearer x"],
    ["a bearer of ours", "/v2/a/b/manifests/x", `Bearer ferry.${CANARY.hubPassword}`],
    ["an odd scheme", "/v2/a/b/manifests/x", `Odd ${CANARY.hubPassword}`],
    ["Basic that is none", "/v2/auth", `Basic ${CANARY.hubPassword}`],
  ])("%s: told without repeating it", async (_, path, authorization) => {
    const internet = publicRegistries();
    const answer = await internet.ask(new Ferry(TABLE), `https://mirror.example.com${path}`, {
      headers: { Authorization: authorization },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    internet.expectCanaryOnlyAt(CANARY.hubPassword, []);
    internet.expectCanaryOnlyAt(CANARY.ghcrToken, []);
  });
});

describe("a fault of ours", () => {
  it("is a 500 without its message, and the log has kind and place without the message", async () => {
    const internet = publicRegistries().host(HUB, () =>
      broken(`${CANARY.signature}\n${CANARY.hubPassword} x\nx`),
    );
    const answer = await internet.ask(new Ferry(TABLE), "https://docker.example.com/v2/a/b/manifests/x", {
      headers: { Authorization: "Bearer x" },
    });
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body)).toHaveProperty("errors");
    internet.expectCanaryOnlyAt(CANARY.signature, []);
    internet.expectCanaryOnlyAt(CANARY.hubPassword, []);
    expect(internet.log.join("\n")).toContain("unexpected");
  });

  it("a configuration's fault names variables and neither rows nor values", async () => {
    const internet = publicRegistries();
    const ferry = new Ferry({ [`key-${CANARY.hubToken}`]: `http://${CANARY.hubPassword}.example` });
    const answer = await internet.ask(ferry, "https://docker.example.com/v2/");
    expect(answer.status).toBe(500);
    expect(answer.body).toContain("ROUTES");
    expect(answer.body.toLowerCase()).not.toContain(CANARY.hubToken.toLowerCase());
    expect(answer.body).not.toContain(CANARY.hubPassword);
  });
});

/** A response that breaks with a message when it is looked at. */
function broken(message: string): Response {
  return new Proxy(new Response(), {
    get(_, name) {
      if (name === "then") return undefined;
      throw new Error(message);
    },
    has() {
      return false;
    },
  });
}
