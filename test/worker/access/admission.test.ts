// S2: who may use the proxy is decided before anything else, for every endpoint: a status for each way to be closed, each
// thing that a caller can present, and each thing that is asked for.
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { makeToken, type TokenKind } from "../../../src/access/own-tokens.ts";
import { basic, type Ferry } from "../ferry.ts";
import { seenBy } from "../client-ferry.ts";
import {
  ALICE,
  bearerOf,
  BOB,
  ELSEWHERE,
  HOST,
  KEY,
  LISTED,
  openClosed,
  USERS,
  type Closed,
} from "./closed.ts";

type Credentials = (ferry: Ferry, host: string) => Promise<string | undefined> | string | undefined;

function made(kind: TokenKind, host: string, age = 0): Promise<string> {
  const issuedAt = Math.floor(Date.now() / 1000) - age;
  const claims = { kind, host, user: ALICE.user, issuedAt, expiresAt: issuedAt + 3600 };
  return makeToken(claims, { tokenKey: "", password: ALICE.password }).then((token) => `Bearer ${token}`);
}

const RIGHT: Readonly<Record<string, Credentials>> = {
  "a right password": () => basic(ALICE.user, ALICE.password),
  "a token that was had for one": (ferry, host) => bearerOf(ferry, ALICE, host),
};
const WRONG: Readonly<Record<string, Credentials>> = {
  "a wrong password": () => basic(ALICE.user, "wrong"),
  "another user's password": () => basic(ALICE.user, BOB.password),
};
const WORTHLESS: Readonly<Record<string, Credentials>> = {
  nothing: () => undefined,
  "a login to Docker Hub": () => basic("somebody", "their-password"),
  "an ended token": (_, host) => made("access", host, 3601),
  "a token of another host": () => made("access", "ghcr.example.com"),
  "a refresh token": (_, host) => made("refresh", host),
  "the anonymous bearer": () => "Bearer ferry.anonymous",
  "a registry's token, wrapped": () => `Bearer ${wrapToken("docker.io", "of-a-registry")}`,
  "a registry's token": () => "Bearer of-a-registry",
};

const WAYS = {
  "by password": { variables: { ACCESS_USERS: USERS }, host: HOST, headers: ELSEWHERE, refused: 401 },
  "by address, from it": {
    variables: { ALLOWED_IPS: "192.0.2.0/24" },
    host: HOST,
    headers: LISTED,
    refused: 0,
  },
  "by address, from another": {
    variables: { ALLOWED_IPS: "192.0.2.0/24" },
    host: HOST,
    headers: ELSEWHERE,
    refused: 403,
  },
  "by address and password, from it": {
    variables: { ALLOWED_IPS: "192.0.2.0/24", ACCESS_USERS: USERS },
    host: HOST,
    headers: LISTED,
    refused: 0,
  },
  "by address and password, from another": {
    variables: { ALLOWED_IPS: "192.0.2.0/24", ACCESS_USERS: USERS },
    host: HOST,
    headers: ELSEWHERE,
    refused: 401,
  },
  "by key, at its host": { variables: {}, host: `${KEY}.example.com`, headers: ELSEWHERE, refused: 0 },
  "by key, at another host": { variables: {}, host: HOST, headers: ELSEWHERE, refused: 403 },
  "by key and password, at its host": {
    variables: { ACCESS_USERS: USERS },
    host: `${KEY}.example.com`,
    headers: ELSEWHERE,
    refused: 0,
  },
} as const;

type Way = keyof typeof WAYS;

/** What is asked for, and the status for who is let in. */
const ENDPOINTS: readonly (readonly [path: string, status: number, method?: string])[] = [
  ["/v2/", 200],
  ["/v2/library/app/manifests/latest", 200],
  ["/v2/library/app/manifests/latest", 200, "HEAD"],
  ["/v2/library/app/blobs/LAYER", 200],
  ["/v2/library/app/tags/list", 200],
  ["/v2/library/app/referrers/INDEX", 200],
  ["/v2/acme/private/manifests/latest", 403],
  ["/v2/acme/private/blobs/LAYER", 403],
  ["/v2/library/none/manifests/latest", 404],
  ["/v2/library/app/manifests/none", 404],
  ["/v2/_catalog", 200],
  ["/v1/_ping", 200],
  ["/v2/library/app/manifests/latest", 405, "PUT"],
  ["/v2/library/app/manifests/latest", 405, "DELETE"],
  ["/v2/library/app/blobs/uploads/", 405, "POST"],
];

async function open(
  way: Way,
): Promise<Closed & { host: string; headers: Record<string, string>; refused: number }> {
  const { variables, host, headers, refused } = WAYS[way];
  const rows = way.startsWith("by key") ? { [KEY]: { upstream: "*", key: true } } : {};
  return { ...(await openClosed(variables, rows)), host, headers, refused };
}

async function statuses(way: Way, credentials: Credentials): Promise<Record<string, number>> {
  const { ferry, headers, host, image, registry } = await open(way);
  const authorization = await credentials(ferry, host);
  const found: Record<string, number> = {};
  for (const [path, , method = "GET"] of ENDPOINTS) {
    const layer = image.manifests[0]?.layers[0]?.digest ?? "";
    const url = `http://${host}${path.replace("LAYER", layer).replace("INDEX", image.digest)}`;
    const all = { ...headers, ...(authorization !== undefined && { Authorization: authorization }) };
    const response = await ferry.fetch(url, { method, headers: all });
    found[`${method} ${path}`] = response.status;
    await response.arrayBuffer();
  }
  const sent = (await seenBy(registry)).concat(await seenBy(registry, "token"));
  const secret = authorization?.replace(/^\w+ /, "") ?? "no secret was sent";
  expect(JSON.stringify(sent)).not.toContain(secret);
  return found;
}

function expected(refused: number): Record<string, number> {
  return Object.fromEntries(
    ENDPOINTS.map(([path, status, method = "GET"]) => [
      `${method} ${path}`,
      refused === 0 ? status : refused,
    ]),
  );
}

/** Of so many logins that fail. */
const LOGINS = ENDPOINTS.map((_, index) => (index < 10 ? 401 : 429));

function isAdmittedByName(way: Way): boolean {
  return "ACCESS_USERS" in WAYS[way].variables;
}

describe.each(Object.keys(WAYS) as Way[])("S2: closed %s", (way) => {
  const { refused } = WAYS[way];

  it.each(Object.keys(WORTHLESS))("%s", async (name) => {
    const found = await statuses(way, WORTHLESS[name] as Credentials);
    // Where people log in, a login to another place is one that fails.
    const isLogin = name === "a login to Docker Hub" && refused === 401;
    expect(Object.values(found)).toEqual(isLogin ? LOGINS : Object.values(expected(refused)));
  });

  it.each(Object.keys(RIGHT))("%s", async (name) => {
    if (!isAdmittedByName(way) && name !== "a right password") return;
    expect(await statuses(way, RIGHT[name] as Credentials)).toEqual(
      expected(isAdmittedByName(way) ? 0 : refused),
    );
  });

  it.each(Object.keys(WRONG))("%s", async (name) => {
    // A name of ours is judged wherever it comes from. After ten the network has to wait, where it could be guessing.
    const status = isAdmittedByName(way) ? 401 : refused;
    const found = Object.values(await statuses(way, WRONG[name] as Credentials));
    if (!isAdmittedByName(way)) expect(found).toEqual(Object.values(expected(refused)));
    else if (refused === 0) expect(new Set(found)).toEqual(new Set([status]));
    else expect(found).toEqual(LOGINS);
  });
});
