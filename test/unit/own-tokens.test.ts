// S13: bearers of the owner's own people.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkToken,
  isOwnToken,
  isSamePassword,
  makeToken,
  MAX_SECONDS,
  type Claims,
  type Secrets,
  type TokenKind,
} from "../../src/access/own-tokens.ts";

const NOW = Date.UTC(2030, 0, 1);
const SECONDS = NOW / 1000;
const ALICE: Secrets = { tokenKey: "the owner's key", password: "alice's password" };
const CLAIMS: Claims = {
  kind: "access",
  host: "docker.example.com",
  user: "alice",
  issuedAt: SECONDS,
  expiresAt: SECONDS + 3600,
};

const only =
  (secrets: Secrets | undefined, name = "alice") =>
  (user: string): Secrets | undefined =>
    user === name ? secrets : undefined;

function check(token: string, secrets: Secrets | undefined = ALICE, now = NOW): Promise<string | undefined> {
  return checkToken(token, "access", CLAIMS.host, only(secrets), now);
}

describe("S13: a token of ours", () => {
  it("is its user's, at its host, until it ends", async () => {
    const token = await makeToken(CLAIMS, ALICE);
    expect(token).toMatch(/^ferry\.~a1\./);
    expect(isOwnToken(token)).toBe(true);
    expect(await check(token)).toBe("alice");
    expect(await check(token, ALICE, NOW + 3599_000)).toBe("alice");
    expect(await check(token, ALICE, NOW + 3600_000), "ended").toBeUndefined();
    expect(await check(token, ALICE, NOW - 61_000), "from the future").toBeUndefined();
  });

  it.each([
    ["another password", { ...ALICE, password: "changed" }],
    ["another key of the owner's", { ...ALICE, tokenKey: "changed" }],
    ["the key's end moved into the password", { tokenKey: "the owner's ", password: "keyalice's password" }],
    ["a user who was removed", undefined],
  ])("is nobody's with %s", async (_, secrets) => {
    const token = await makeToken(CLAIMS, ALICE);
    expect(await checkToken(token, "access", CLAIMS.host, only(secrets), NOW)).toBeUndefined();
  });

  it("revokes exactly the user whose password is another one", async () => {
    const bob = { ...ALICE, password: "bob's password" };
    const tokens = await Promise.all([makeToken(CLAIMS, ALICE), makeToken({ ...CLAIMS, user: "bob" }, bob)]);
    const secretsOf = (user: string): Secrets => (user === "bob" ? bob : { ...ALICE, password: "changed" });
    const users = tokens.map((token) => checkToken(token, "access", CLAIMS.host, secretsOf, NOW));
    expect(await Promise.all(users)).toEqual([undefined, "bob"]);
  });

  it.each<[string, TokenKind, string]>([
    ["another host", "access", "ghcr.example.com"],
    ["another port", "access", "docker.example.com:8443"],
    ["the other kind", "refresh", "docker.example.com"],
  ])("is nobody's at %s", async (_, kind, host) => {
    const token = await makeToken(CLAIMS, ALICE);
    expect(await checkToken(token, kind, host, only(ALICE), NOW)).toBeUndefined();
  });

  it("cannot be made another one: each character counts", async () => {
    const token = await makeToken(CLAIMS, ALICE);
    for (let at = 0; at < token.length; at += 1) {
      for (const character of ["A", "b", "0", ".", "~", ""]) {
        const forged = token.slice(0, at) + character + token.slice(at + 1);
        if (forged !== token) expect(await check(forged), forged).toBeUndefined();
      }
    }
  });

  it("an access token with the mark of a refresh token is none", async () => {
    const token = (await makeToken(CLAIMS, ALICE)).replace("~a1", "~r1");
    expect(await checkToken(token, "refresh", CLAIMS.host, only(ALICE), NOW)).toBeUndefined();
  });

  it.each(["access", "refresh"] as const)("lasts no longer than a token of kind %s may", async (kind) => {
    const longest = { ...CLAIMS, kind, expiresAt: SECONDS + MAX_SECONDS[kind] };
    expect(isOwnToken(await makeToken(longest, ALICE))).toBe(true);
    for (const expiresAt of [longest.expiresAt + 1, SECONDS, SECONDS - 1])
      await expect(makeToken({ ...longest, expiresAt }, ALICE)).rejects.toThrow(RangeError);
  });

  it("carries any name", async () => {
    const property = fc.asyncProperty(
      fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" }),
      async (user) => {
        const token = await makeToken({ ...CLAIMS, user }, ALICE);
        expect(await checkToken(token, "access", CLAIMS.host, only(ALICE, user), NOW)).toBe(user);
        expect(token).toMatch(/^[\x21-\x7e]+$/);
      },
    );
    await fc.assert(property, { numRuns: 50 });
  });

  it("garbage is nobody's", async () => {
    for (const token of [
      "",
      "ferry.",
      "ferry.anonymous",
      "ferry.~a1....",
      `ferry.~a1.${"a".repeat(5000)}.1.2.x`,
    ])
      expect([await check(token), isOwnToken(token)], token.slice(0, 20)).toEqual([undefined, false]);
  });
});

describe("S13: passwords", () => {
  it.each([
    ["same", "same", true],
    ["same", "Same", false],
    ["same", "same ", false],
    ["", "", true],
    ["", "x", false],
    ["pässwörd", "pässwörd", true],
  ])("%j and %j: %s", async (given, expected, same) => {
    expect(await isSamePassword(given, expected)).toBe(same);
  });
});
