// S3: logins of several registries in one request, and user names in odd spellings: each password goes where it belongs.
import { describe, expect, it } from "vitest";
import { wrapToken } from "../../../src/access/bearer.ts";
import { basic, Ferry } from "../ferry.ts";
import {
  BASIC,
  bearerOrToken,
  CANARY,
  GHCR,
  HUB_AUTH,
  publicRegistries,
  TABLE,
  type Outgoing,
} from "../internet.ts";

const PORT = "https://harbor.corp.example:8443";
const PORT_PASSWORD = "canary0port0password0Qq1";
/** Where each secret may be seen. */
const HOMES: Record<string, readonly string[]> = {
  [CANARY.hubPassword]: [HUB_AUTH],
  [CANARY.ghcrPassword]: [GHCR],
  [CANARY.basicPassword]: [BASIC],
  [PORT_PASSWORD]: [PORT],
  [CANARY.ghcrRefresh]: [GHCR],
  [CANARY.hubRefresh]: [HUB_AUTH],
};
const LOGINS: readonly (readonly [string, string])[] = [
  ["alice", CANARY.hubPassword],
  ["docker.io/alice", CANARY.hubPassword],
  ["index.docker.io/alice", CANARY.hubPassword],
  ["ghcr.io/alice", CANARY.ghcrPassword],
  ["GHCR.io/alice", CANARY.ghcrPassword],
  ["lscr.io/alice", CANARY.ghcrPassword],
  ["harbor.corp.example:8443/alice", PORT_PASSWORD],
  ["HARBOR.corp.example:8443/alice", PORT_PASSWORD],
  ["basic.example/alice", CANARY.basicPassword],
  ["ghcr.io:443/alice", CANARY.ghcrPassword],
  ["ghcr.io//alice", CANARY.ghcrPassword],
  ["harbor.corp.example/alice", PORT_PASSWORD],
  ["harbor.corp.example:8443", PORT_PASSWORD],
  ["ghcr.io", CANARY.ghcrPassword],
  ["ghcr.io./alice", CANARY.ghcrPassword],
  [" ghcr.io/alice", CANARY.ghcrPassword],
];
const SCOPES = [
  "",
  "repository:library/nginx:pull",
  "repository:ghcr.io/a/b:pull",
  "repository:hostile.example/a/b:pull",
  "repository:harbor.corp.example:8443/a:pull",
  "repository:ghcr.io/a/b:pull,push",
  "registry:catalog:*",
  "repository:nowhere.example/a:pull",
];
const ACCOUNTS = [
  undefined,
  "alice",
  "ghcr.io/alice",
  "harbor.corp.example:8443/alice",
  "hostile.example/alice",
  "harbor.corp.example",
];
const SERVICES = ["ghcr.io", "mirror.example.com", "registry.docker.io"];
const REFRESH_TOKENS = [
  wrapToken("ghcr.io", CANARY.ghcrRefresh),
  wrapToken("docker.io", CANARY.hubRefresh),
  CANARY.hubRefresh,
];
const RUNS = 1_000;

/** Always the same choices, one after the other. */
class Dice {
  #seed = 7;

  pick<T>(all: readonly T[]): T {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0;
    return all[(this.#seed >>> 12) % all.length] as T;
  }

  /** True once in so many times. */
  once(of: number): boolean {
    return this.pick(Array.from({ length: of }, (_, index) => index === 0));
  }
}

/** A token request with logins in any of the places that there are. */
function madeUp(dice: Dice): { url: string; init: RequestInit; said: string } {
  const parameters = new URLSearchParams();
  const headers: Record<string, string> = {};
  const [user, password] = dice.pick(LOGINS);
  const isBasic = dice.once(2);
  if (isBasic) headers["Authorization"] = basic(user, password);
  if (dice.once(3)) {
    const [other, secret] = dice.pick(LOGINS);
    if (!dice.once(3)) parameters.append("username", other);
    parameters.append("password", secret);
  }
  if (dice.once(4)) parameters.append("refresh_token", dice.pick(REFRESH_TOKENS));
  const account = dice.pick(ACCOUNTS);
  if (account !== undefined) parameters.append("account", account);
  const scopes = dice.pick([0, 1, 2]);
  for (let count = 0; count < scopes; count += 1) parameters.append("scope", dice.pick(SCOPES));
  if (dice.once(2)) parameters.append("service", dice.pick(SERVICES));
  const url = "https://mirror.example.com/v2/auth";
  const text = parameters.toString();
  const said = `${isBasic ? `Basic ${user}` : ""} ${text}`;
  if (dice.once(2)) return { url: `${url}?${text}`, init: { headers }, said };
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return { url, init: { method: "POST", headers: { ...headers, ...type }, body: text }, said };
}

/** All that a request says, decoded too. */
function textOf({ url, headers, body }: Outgoing): string {
  const values = [...headers].map(([, value]) => value + decoded(value));
  return [decodeURIComponent(url.href), body, ...values].join("\n");
}

function decoded(value: string): string {
  try {
    return atob(value.replace(/^\w+ /, ""));
  } catch {
    return "";
  }
}

describe("S3: a user name that begins as a registry of the table, in another spelling", () => {
  it.each(["ghcr.io.", "ghcr.io%2falice", "ghcr.io\\alice"])("%s is no user of Docker Hub", async (user) => {
    const internet = publicRegistries();
    const headers = { Authorization: basic(user, CANARY.ghcrPassword) };
    const answer = await internet.ask(new Ferry(TABLE), "https://mirror.example.com/v2/auth", { headers });
    expect([answer.status, internet.requests.length]).toEqual([400, 0]);
  });
});

describe("S3: logins in made-up shapes", () => {
  it("each password is seen at its own token service only", async () => {
    const internet = publicRegistries().host(
      PORT,
      bearerOrToken(`Bearer realm="${PORT}/token",service="h"`, { token: "h" }),
    );
    const ferry = new Ferry({ ...TABLE, harbor: PORT });
    const dice = new Dice();
    const seen = new Set<string>();
    const wrong: string[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const { url, init, said } = madeUp(dice);
      internet.requests.length = 0;
      await internet.ask(ferry, url, init);
      for (const request of internet.requests) {
        const text = textOf(request);
        for (const [secret, places] of Object.entries(HOMES).filter(([each]) => text.includes(each))) {
          seen.add(secret);
          const { origin } = request.url;
          if (!places.includes(origin)) wrong.push(`${secret} at ${origin}: ${said}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    // The one of a registry that takes Basic itself has no token service to go to.
    expect(seen.size).toBe(Object.keys(HOMES).length - 1);
  });
});
