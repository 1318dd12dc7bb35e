// S3: on a universal host a user of a registry whose name has a port is that registry's, although RFC 7617 ends the
// user at the first colon (F6).
import { describe, expect, it } from "vitest";
import { basic, Ferry } from "../ferry.ts";
import {
  bearerOrToken,
  bearerRegistry,
  CANARY,
  HUB_AUTH,
  publicRegistries,
  TABLE,
  type Internet,
} from "../internet.ts";

const HARBOR = "https://harbor.corp.example:8443";
const PLAIN = "https://plain.corp.example:5000";
const AUTH = "https://mirror.example.com/v2/auth";
const SECRET = CANARY.basicPassword;
const USER = "harbor.corp.example:8443/alice";
/** What a client makes of it that splits a stored `user:password` at the first colon, as docker's and podman's do. */
const SPLIT = { user: "harbor.corp.example", password: `8443/alice:${SECRET}` };
const SCOPE = "repository:harbor.corp.example:8443/a/b:pull";

function internetWithPorts(): { internet: Internet; ferry: Ferry } {
  const internet = publicRegistries()
    .host(HARBOR, bearerOrToken(`Bearer realm="${HARBOR}/token",service="harbor"`, { token: "harbor0token" }))
    .host(PLAIN, bearerRegistry('Basic realm="plain"'));
  return { internet, ferry: new Ferry({ ...TABLE, harbor: HARBOR, plain: PLAIN }) };
}

describe("F6, S3: a user of a registry with a port", () => {
  it.each([
    ["Basic", "", basic(USER, SECRET)],
    ["Basic, the registry in capitals", "", basic(USER.toUpperCase().replace("ALICE", "alice"), SECRET)],
    ["Basic with the account as written", `account=${USER}`, basic(USER, SECRET)],
    ["Basic with the account as split", `account=${SPLIT.user}`, basic(USER, SECRET)],
    ["Basic with scopes", `account=${USER}&scope=${SCOPE}`, basic(USER, SECRET)],
    ["a username", `username=${USER}&password=${SECRET}`, undefined],
    ["a username with its account", `username=${USER}&password=${SECRET}&account=${USER}`, undefined],
    ["a username as split", `username=${SPLIT.user}&password=${SPLIT.password}`, undefined],
    ["both", `username=${USER}&password=${SECRET}`, basic(USER, SECRET)],
  ])("%s: goes to it alone, as alice", async (_, parameters, authorization) => {
    const { internet, ferry } = internetWithPorts();
    const headers: Record<string, string> =
      authorization === undefined ? {} : { Authorization: authorization };
    const got = await internet.ask(ferry, `${AUTH}?${parameters}`, { headers });
    const init = {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
      body: parameters,
    };
    const posted = await internet.ask(ferry, AUTH, init);
    expect([got.status, posted.status]).toEqual([200, 200]);
    internet.expectCanaryOnlyAt(SECRET, [HARBOR]);
    for (const { body, headers: sent, url } of internet.to(HARBOR)) {
      if (url.pathname !== "/token") continue;
      const asked = new URLSearchParams(`${url.search.slice(1)}&${body}`);
      const said = [asked.get("username"), asked.get("account")].filter((name) => name !== null);
      expect(said.every((name) => name === "alice")).toBe(true);
      if (asked.has("password")) expect(asked.get("password")).toBe(SECRET);
      if (authorization !== undefined) expect(sent.get("Authorization")).toBe(basic("alice", SECRET));
    }
  });

  it("a password may have colons and slashes", async () => {
    const { internet, ferry } = internetWithPorts();
    const password = `a:b/c:${SECRET}`;
    await internet.ask(ferry, AUTH, { headers: { Authorization: basic(USER, password) } });
    expect(internet.to(HARBOR).at(-1)?.headers.get("Authorization")).toBe(basic("alice", password));
    internet.expectCanaryOnlyAt(SECRET, [HARBOR]);
  });

  it("at a resource of a registry that wants Basic itself", async () => {
    const { internet, ferry } = internetWithPorts();
    const headers = { Authorization: basic("plain.corp.example:5000/alice", SECRET) };
    for (const path of ["a/b/manifests/x?ns=plain.corp.example:5000", ""]) {
      await internet.ask(ferry, `https://mirror.example.com/v2/${path}`, { headers });
    }
    internet.expectCanaryOnlyAt(SECRET, [PLAIN]);
    const sent = internet.to(PLAIN).flatMap((request) => request.headers.get("Authorization") ?? []);
    expect(sent).toEqual([basic("alice", SECRET), basic("alice", SECRET)]);
  });

  it.each([
    ["a port that no registry has", "harbor.corp.example:9999/alice"],
    ["a host that no registry has", "ghost.corp.example:8443/alice"],
    ["this machine", "localhost:5000/alice"],
    ["a known registry with a port that it does not have", "ghcr.io:443/alice"],
    ["a registry without a user", "harbor.corp.example:8443"],
    ["a known registry without a user", "ghcr.io"],
  ])("%s: 400, and nothing leaves", async (_, user) => {
    const { internet, ferry } = internetWithPorts();
    for (const [parameters, authorization] of [
      ["", basic(user, SECRET)],
      [`account=${user}`, basic(user, SECRET)],
      [`username=${user}&password=${SECRET}`, undefined],
    ] as const) {
      const headers: Record<string, string> =
        authorization === undefined ? {} : { Authorization: authorization };
      const answer = await internet.ask(ferry, `${AUTH}?${parameters}`, { headers });
      expect(answer.status, parameters).toBe(400);
    }
    expect(internet.requests).toEqual([]);
  });

  it.each([
    ["12/34:56", "alice"],
    ["8443/alice:x", "alice"],
    ["8443/alice", "alice@example.com"],
  ])("a password of the Hub that looks like a port (%s) is still %s's", async (password, user) => {
    const { internet, ferry } = internetWithPorts();
    const headers = { Authorization: basic(user, `${password}${SECRET}`) };
    expect((await internet.ask(ferry, AUTH, { headers })).status).toBe(200);
    internet.expectCanaryOnlyAt(SECRET, [HUB_AUTH]);
  });
});
