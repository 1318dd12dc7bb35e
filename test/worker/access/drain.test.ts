// S12: no request, by any route, gives anybody a token that was made with the owner's account, and none makes it do more
// than read.
import { describe, expect, it, vi } from "vitest";
import type { RecordedRequest } from "../../registry/types.ts";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, type Ferry } from "../ferry.ts";
import { fakeUpstream, seenBy } from "../client-ferry.ts";
import { ALICE, bearerOf, HOST, USERS } from "./closed.ts";
import { isOwners, openOwned, OWNER, type Owned } from "./owner.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const HOSTS = [HOST, "all.example.com"];
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

function pathsOf(name: string, digest: string): string[] {
  return [
    ...[
      "manifests/latest",
      `manifests/${digest}`,
      `blobs/${digest}`,
      "tags/list",
      `referrers/${digest}`,
      "blobs/uploads/",
    ],
    ...[`blobs/uploads/?mount=${digest}&from=acme/secret`, "blobs/uploads/x", "blobs/uploads/~L3YyLw"],
  ].map((path) => `/v2/${name}/${path}`);
}

/** The queries and forms of token requests, all of which lack a login that a registry would take. */
const ASKED = ["pull", "pull,push", "push", "delete", "*"].flatMap((actions) =>
  ["acme/secret", "acme/open", "docker.io/acme/secret"].flatMap((name) => [
    `scope=repository:${name}:${actions}`,
    `scope=repository:${name}:${actions}&offline_token=true&account=${OWNER.user}&client_id=docker`,
    `scope=repository:${name}:${actions}&username=${OWNER.user}&password=wrong&grant_type=password`,
    `scope=repository:${name}:${actions}&refresh_token=made-up&grant_type=refresh_token`,
  ]),
);
const OTHERS = ["", "scope=registry:catalog:*", "service=registry.test", "scope=aws&offline_token=true"];

async function everything(response: Response): Promise<string> {
  return JSON.stringify([...response.headers]) + (await response.text());
}

interface Asking {
  readonly method?: string;
  readonly body?: string;
  readonly headers: Record<string, string>;
}

/** Asks for everything in every way. @returns all that was answered */
async function walk(
  ferry: Ferry,
  digest: string,
  credentials: readonly (string | undefined)[],
): Promise<string[]> {
  const answers: string[] = [];
  const ask = async (path: string, { headers: said, ...init }: Asking): Promise<void> => {
    for (const host of HOSTS) {
      for (const authorization of credentials) {
        const headers = {
          ...said,
          ...(authorization !== undefined && { Authorization: authorization }),
        };
        answers.push(await everything(await ferry.fetch(`http://${host}${path}`, { ...init, headers })));
      }
    }
  };
  const paths = ["acme/secret", "acme/open", "docker.io/acme/secret"].flatMap((name) =>
    pathsOf(name, digest),
  );
  for (const path of ["/v2/", "/v2/_catalog", "/healthz?deep=1", "/", "/v1/search?q=secret", ...paths]) {
    for (const method of METHODS) await ask(path, { method, headers: {} });
    await ask(path, { headers: { Range: "bytes=0-", "X-Docker-Token": "true", "If-None-Match": '"x"' } });
  }
  for (const asked of [...ASKED, ...OTHERS]) {
    await ask(`/v2/auth?${asked}`, { headers: {} });
    await ask("/v2/auth", { method: "POST", body: asked, headers: FORM });
  }
  return answers;
}

/** All that went upstream in an `Authorization`, and the password. */
function secretsOf(requests: readonly RecordedRequest[]): string[] {
  const sent = requests
    .map(({ headers }) => headers["authorization"]?.replace(/^\w+ /, ""))
    .filter((one) => one !== undefined);
  return [...new Set([...sent, OWNER.password])];
}

async function expectNothingDrained(
  { registry }: Owned,
  answers: readonly string[],
): Promise<RecordedRequest[]> {
  const [asked, tokens] = await Promise.all([seenBy(registry), seenBy(registry, "token")]);
  const owners = secretsOf([...asked, ...tokens]).filter((secret) => !CLIENTS.includes(secret));
  expect(owners.length).toBeGreaterThan(1);
  const all = answers.join("\n");
  for (const secret of owners) expect(all).not.toContain(secret);
  for (const { headers, method } of asked) {
    const isClients = CLIENTS.some((token) => headers["authorization"] === `Bearer ${token}`);
    if (headers["authorization"] !== undefined && !isClients) expect(["GET", "HEAD"]).toContain(method);
  }
  const logins = tokens.filter(isOwners);
  expect(logins.length).toBeGreaterThan(0);
  for (const { body = "", query } of logins) {
    const scopes = [query, body].flatMap((text) => new URLSearchParams(text).getAll("scope"));
    for (const scope of scopes) expect(scope).toMatch(/^repository:[^ ]+:pull$/);
    expect(query + body).not.toMatch(/offline/);
  }
  return asked;
}

/** What clients of the open proxy send themselves, which is a registry's to judge. */
const CLIENTS = ["of-a-client"];

describe("S12: the owner's account is drained by no request", () => {
  it("to guests of a closed proxy", async () => {
    const owned = await openOwned({ ACCESS_USERS: USERS });
    const { ferry, image } = owned;
    const guests = [
      basic(ALICE.user, ALICE.password),
      await bearerOf(ferry),
      await bearerOf(ferry, ALICE, "all.example.com"),
    ];
    const answers = await walk(ferry, image.digest, guests);
    await expectNothingDrained(owned, answers);
  }, 60_000);

  it("to strangers of a closed proxy, for whom nothing is asked", async () => {
    const { ferry, image, registry } = await openOwned({ ACCESS_USERS: USERS });
    await walk(ferry, image.digest, [
      undefined,
      "Bearer ferry.anonymous",
      "Bearer made-up",
      `Bearer ${wrapToken("docker.io", "x")}`,
    ]);
    expect([await seenBy(registry), await seenBy(registry, "token")]).toEqual([[], []]);
  }, 60_000);

  it("to anybody of an open proxy, though its limit is met", async () => {
    const owned = await openOwned({}, { quota: 0, userQuota: 1_000_000, postToken: false });
    const { ferry, image } = owned;
    await ferry.fetch(`http://${HOST}/v2/acme/open/manifests/${image.manifests[0]?.digest ?? ""}`, {
      headers: { Authorization: "Bearer ferry.anonymous" },
    });
    const answers = await walk(ferry, image.digest, [
      undefined,
      "Bearer ferry.anonymous",
      "Bearer of-a-client",
    ]);
    await expectNothingDrained(owned, answers);
    const logins = (await seenBy(owned.registry, "token")).filter(isOwners);
    for (const { query } of logins)
      expect(new URLSearchParams(query).get("scope")).toBe("repository:acme/open:pull");
  }, 60_000);
});

it("S12: a token service that wants the token POSTed gets a form, and the password in no address", async () => {
  const realm = "https://auth.example.com/token";
  const { ferry } = await openOwned({ ACCESS_USERS: USERS });
  const departed = fakeUpstream(({ headers, method, url }) => {
    if (url.origin !== "https://auth.example.com") {
      const isOwner = headers.get("Authorization") === "Bearer of-the-owner";
      if (isOwner) return new Response("{}", { headers: { "Content-Type": "application/json" } });
      const challenge = `Bearer realm="${realm}",service="s"`;
      return Response.json({ errors: [] }, { status: 401, headers: { "WWW-Authenticate": challenge } });
    }
    if (headers.get("Authorization") === null && method === "GET")
      return Response.json({ token: "of-nobody" });
    return method === "POST"
      ? Response.json({ access_token: "of-the-owner" })
      : Response.json({}, { status: 405 });
  });
  ferry.env = {
    ...ferry.env,
    ROUTES: { docker: { upstream: "https://registry.example.com", registry: "docker.io", realm } },
  };
  const response = await ferry.fetch(`http://${HOST}/v2/acme/secret/tags/list`, {
    headers: { Authorization: basic(ALICE.user, ALICE.password) },
  });
  expect(response.status).toBe(200);
  const posted = departed.find(({ method }) => method === "POST");
  expect(Object.fromEntries(new URLSearchParams(posted?.body as string))).toEqual({
    grant_type: "password",
    client_id: "registry-ferry",
    username: OWNER.user,
    password: OWNER.password,
    scope: "repository:acme/secret:pull",
    service: "s",
  });
  for (const { url } of departed) expect(url.href).not.toContain("canary");
  vi.restoreAllMocks();
});

it("S12: what a registry says to the owner of what it refuses is told in our own words", async () => {
  const { ferry } = await openOwned({ ACCESS_USERS: USERS });
  const said = { "Content-Type": "application/json", "X-Canary": "owner", Server: "canary" };
  fakeUpstream(({ headers, url }) => {
    if (url.host === "auth.example.com")
      return Response.json({ token: headers.has("Authorization") ? "owner" : "nobody" });
    const by = headers.get("Authorization");
    const challenge = 'Bearer realm="https://auth.example.com/token",service="s"';
    if (by === "Bearer owner")
      return Response.json(
        { errors: [{ code: "NAME_UNKNOWN", message: "canary of owner" }] },
        { status: 404, headers: said },
      );
    return Response.json({ errors: [] }, { status: 401, headers: { "WWW-Authenticate": challenge } });
  });
  const realm = "https://auth.example.com/token";
  ferry.env = {
    ...ferry.env,
    ROUTES: { docker: { upstream: "https://registry.example.com", registry: "docker.io", realm } },
  };
  const headers = { Authorization: basic(ALICE.user, ALICE.password) };
  for (const path of [
    "manifests/latest",
    `blobs/sha256:${"1".repeat(64)}`,
    "tags/list",
    `referrers/sha256:${"1".repeat(64)}`,
  ]) {
    const response = await ferry.fetch(`http://${HOST}/v2/acme/secret/${path}`, { headers });
    expect(response.status, path).toBe(404);
    expect(await everything(response), path).not.toContain("canary");
  }
  vi.restoreAllMocks();
});
