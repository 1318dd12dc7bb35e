// The doctor at a proxy: each way in which it fails, and what to do then.
import { describe, expect, it } from "vitest";
import type { Finding } from "../../../scripts/doctor/finding.ts";
import { examine, MANIFEST } from "./stage.ts";

const API = { "Docker-Distribution-Api-Version": "registry/2.0", "Content-Type": "application/json" };
const error = (message: string): string => JSON.stringify({ errors: [{ code: "UNKNOWN", message }] });

/** The one that failed, which must be the last. */
function failureOf(findings: readonly Finding[]): Finding {
  const at = findings.findIndex(({ isOk }) => !isOk);
  expect(at).toBe(findings.length - 1);
  return findings[at] ?? { step: "none", isOk: true, found: "" };
}

describe("a proxy that is well", () => {
  it("passes each step, and the second ask says where the image comes from", async () => {
    const { asked, lines } = await examine({}, ["ghcr.io/owner/image:1"]);
    expect(lines).toEqual([
      "ok      /v2/       401, the proxy's",
      expect.stringMatching(/^ok {6}challenge {2}tokens are had at http:\/\/127\.0\.0\.1:\d+\/v2\/auth$/),
      "ok      token      one for everybody",
      expect.stringMatching(
        /^ok {6}manifest {3}ghcr\.io\/owner\/image:1, 19 bytes, digest verified \(sha256:/,
      ),
      "ok      cache      X-Cache: hit, then hit",
    ]);
    const path = "/v2/ghcr.io/owner/image/manifests/1 Bearer ferry.token";
    expect(asked.slice(-3)).toEqual([`HEAD ${path}`, `GET ${path}`, `GET ${path}`]);
  });

  it("is asked for an image that its registry is known for", async () => {
    const { asked } = await examine({});
    expect(asked.at(-1)).toContain("/v2/ghcr.io/github/super-linter/manifests/latest");
  });

  it("may ask for no token", async () => {
    const { findings, asked } = await examine({ "GET /v2/a/b": {}, "GET /v2/": { status: 200 } }, ["a/b"]);
    expect(findings.map(({ step }) => step)).toContain("/v2/");
    expect(asked.join()).not.toContain("Bearer ");
  });

  it("gets no password that it does not need", async () => {
    const { asked, lines } = await examine({}, ["a/b", "--user", "alice"], {
      password: () => Promise.reject(new Error("asked")),
    });
    expect(lines.join()).toContain("--user was left aside");
    expect(asked.join()).not.toContain("Basic");
  });
});

describe("a closed proxy", () => {
  it("is right to refuse, and nothing more is asked", async () => {
    const { asked, findings } = await examine({}, ["a/b"], { closed: true });
    expect(findings.at(-1)).toMatchObject({ step: "access", isOk: true });
    expect(findings.at(-1)?.found).toContain("the proxy is closed, as its owner wants it");
    expect(asked.at(-1)).toMatch(/^GET \/v2\/auth/);
  });

  it("that lets in by address is, too", async () => {
    const { findings } = await examine({
      "GET /v2/": { status: 403, headers: API, body: error("Not for you.") },
    });
    expect(findings).toEqual([expect.objectContaining({ step: "access", isOk: true })]);
  });

  it("lets in with the right password, which goes to its own token service only", async () => {
    const { asked, lines } = await examine({}, ["a/b", "--user", "alice"], { closed: true });
    expect(lines).toContain("ok      login      alice gets in");
    expect(lines.join()).toContain("digest verified");
    expect(asked.filter((line) => line.includes("Basic"))).toEqual([
      expect.stringMatching(/^GET \/v2\/auth\?/),
    ]);
  });

  it.each([
    ["a wrong password", { password: () => Promise.resolve("wrong") }, "401: alice does not get in"],
    ["no password", { password: () => Promise.resolve("") }, "no password was given"],
  ])("does not with %s", async (_, means, found) => {
    const { asked, findings, lines } = await examine({}, ["a/b", "--user", "alice"], {
      closed: true,
      ...means,
    });
    expect(failureOf(findings)).toMatchObject({ step: "login", found });
    expect(lines.join()).not.toMatch(/wrong|correct horse/);
    // S13: each counts.
    expect(asked.filter((line) => line.includes("Basic")).length).toBeLessThan(2);
  });
});

describe("what answers is not the proxy", () => {
  const page = { "Content-Type": "text/html; charset=utf-8" };
  it.each<[string, number, Record<string, string>, string, string, string]>([
    ["a web page", 200, page, "<html>", "a web page: this is not the proxy", "Domains & Routes"],
    [
      "a page with the header",
      200,
      { ...page, ...API, "Content-Type": "text/html" },
      "<html>",
      "a web page",
      "Domains & Routes",
    ],
    [
      "another server",
      200,
      { "Content-Type": "application/json" },
      "{}",
      "without Docker-Distribution-Api-Version",
      "login page",
    ],
    [
      "a redirect",
      302,
      { Location: "https://login.example/" },
      "",
      "a redirect to https://login.example/",
      "redirect rule",
    ],
    [
      "the daily limit",
      429,
      { "Content-Type": "text/plain" },
      "error code: 1027",
      "error 1027: the account has used up",
      "00:00 UTC",
    ],
    ["the daily limit as a page", 429, page, "<title>Error 1027 | x</title>", "error 1027", "paid plan"],
    [
      "an exception",
      500,
      { "Content-Type": "text/plain" },
      "error code: 1101",
      "error 1101: the Worker threw",
      "npx wrangler tail",
    ],
    [
      "too much CPU",
      503,
      { "Content-Type": "text/plain" },
      "error code: 1102",
      "error 1102: the Worker went over",
      "docs/cpu.md",
    ],
    ["a rate limit", 429, page, "<h1>Error 1015</h1>", "error 1015: too many requests", "rule"],
    ["a firewall", 403, page, "error code: 1020", "error 1020: a firewall rule", "WAF"],
    [
      "a record that leads nowhere",
      530,
      page,
      "error code: 1016",
      "error 1016: the host has a DNS record",
      "custom domain",
    ],
    ["another number", 409, page, "error code: 1999", "error 1999", "1xxx errors"],
    [
      "530 without a word",
      530,
      {},
      "",
      "530, of Cloudflare and not of the proxy",
      "remove the host's DNS record",
    ],
    ["522", 522, page, "<html>", "522, of Cloudflare", "remove the host's DNS record"],
  ])("%s", async (_, status, headers, body, found, advice) => {
    const { asked, findings } = await examine({ "GET /v2/": { status, headers, body } });
    const failure = failureOf(findings);
    expect(failure).toMatchObject({ step: "/v2/" });
    expect(failure.found).toContain(found);
    expect(failure.advice).toContain(advice);
    expect(asked).toHaveLength(1);
  });
});

describe("the proxy refuses", () => {
  const faulty = "This proxy's configuration has 2 fault(s), in CLOSED. Its owner finds them in the log.";
  it.each<[string, string, number, string, string]>([
    [
      "a host without a row",
      "GET /v2/",
      404,
      "No registry has this host name. There are: docker.x.",
      "add a row with the host's first label",
    ],
    ["with a faulty configuration", "GET /v2/", 500, faulty, "npm run check-config"],
    [
      "other countries",
      "GET /v2/",
      403,
      "This registry proxy is not for requests from your country.",
      "ALLOWED_COUNTRIES",
    ],
    ["too many tokens", "GET /v2/auth", 429, "Too many.", "wait"],
    [
      "an image that is not there",
      "GET /v2/a/b/manifests",
      404,
      "ghcr.io answered 404.",
      "name another image: npm run doctor -- <address> <image>",
    ],
    [
      "an image that is private",
      "GET /v2/a/b/manifests",
      401,
      "This needs a login.",
      "name another one: npm run doctor -- <address> <image>",
    ],
    ["while a registry is out", "GET /v2/a/b/manifests", 503, "ghcr.io could not be reached.", "--online"],
    ["while a registry limits it", "GET /v2/a/b/manifests", 429, "Later.", "wait"],
    ["in another way", "GET /v2/a/b/manifests", 500, "The proxy failed.", "npx wrangler tail"],
  ])("%s", async (_, where, status, message, advice) => {
    const { findings } = await examine({ [where]: { status, headers: API, body: error(message) } }, ["a/b"]);
    const failure = failureOf(findings);
    expect(failure.found).toContain(`${status}: ${message}`);
    expect(failure.advice).toContain(advice);
  });
});

describe("something is in the way", () => {
  it.each<[string, string, string]>([
    [
      "at another port",
      'Bearer realm="http://127.0.0.1:1/v2/auth"',
      "tokens are had at http://127.0.0.1:1/v2/auth, and not at",
    ],
    ["without TLS", 'Bearer realm="https://127.0.0.1/v2/auth"', "and not at http://127.0.0.1"],
    ["nowhere", "Basic", "401 without a realm"],
  ])("where tokens are had %s", async (_, challenge, found) => {
    const { asked, findings } = await examine({
      "GET /v2/": { status: 401, headers: { ...API, "WWW-Authenticate": challenge } },
    });
    expect(failureOf(findings)).toMatchObject({ step: "challenge" });
    expect(failureOf(findings).found).toContain(found);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, Parameters<typeof examine>[0], string, string]>([
    [
      "where the bytes are others",
      { "GET /v2/a/b": { body: `${MANIFEST} ` } },
      "manifest",
      "has not the digest",
    ],
    ["where the digest is gone", { "GET /v2/a/b": { headers: API } }, "manifest", "without a digest"],
    [
      "where HEAD is refused",
      { "HEAD /v2/a/b": { status: 405, headers: API } },
      "manifest",
      "405 to HEAD and 200 to GET",
    ],
    ["where the token is none", { "GET /v2/auth": { body: '{"token":"a b"}' } }, "token", "without a token"],
    [
      "where a login page gives tokens",
      { "GET /v2/auth": { headers: { "Content-Type": "text/html" }, body: "<p>" } },
      "token",
      "a web page",
    ],
  ])("%s", async (_, faults, step, found) => {
    const { findings } = await examine(faults, ["a/b"]);
    expect(failureOf(findings)).toMatchObject({ step });
    expect(failureOf(findings).found).toContain(found);
  });

  it("where nothing answers in time", async () => {
    const { findings } = await examine({}, ["a/b"], { timeoutMs: 0 });
    expect(failureOf(findings)).toMatchObject({ step: "answer" });
  });

  it("and where nobody can tell which image to ask for", async () => {
    const { findings } = await examine({ "GET /healthz": { body: "<" } }, [], { routes: {} });
    expect(failureOf(findings)).toMatchObject({
      step: "image",
      advice: "name an image behind the address: npm run doctor -- <address> <image>",
    });
  });
});

it("what comes from the network is printed without control characters, and cut short", async () => {
  const { lines } = await examine({
    "GET /v2/": { status: 500, headers: API, body: error(`\u001b[2J\r\n\u202e${"x".repeat(9_000)}`) },
  });
  expect(lines[0]).toMatch(/^FAILED {2}\/v2\/ {7}500: \?\[2J \?x+…$/);
  expect(lines.every((line) => line.length < 900)).toBe(true);
});
