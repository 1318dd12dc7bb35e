// A typo in a variable's name never opens the proxy (S20).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config/config.ts";
import { ACCESS_VARIABLES, VARIABLES } from "../../src/config/variables.ts";

const ROUTES = { a: "https://registry.example.com" };
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789abcdefghijklmnopqrstuvwxyz-. ".split(/(?:)/u);

/** What a variable of that name is told; undefined where the configuration is right. */
function told(name: string, value: unknown = "x"): string | undefined {
  const result = readConfig({ ROUTES, [name]: value });
  if (result.ok) return undefined;
  expect(result.faults.map(({ variable }) => variable)).toEqual([name]);
  return result.faults[0]?.reason;
}

/** Every name at one edit: insertion, deletion, substitution, transposition. */
function oneEditFrom(name: string): string[] {
  const typos: string[] = [];
  for (let at = 0; at <= name.length; at += 1) {
    const [before, after] = [name.slice(0, at), name.slice(at)];
    typos.push(before + after.slice(1));
    if (after.length > 1) typos.push(before + after.charAt(1) + after.charAt(0) + after.slice(2));
    for (const letter of LETTERS) typos.push(before + letter + after, before + letter + after.slice(1));
  }
  return [...new Set(typos)].filter((typo) => typo !== name);
}

describe("S20: no typo of an access variable opens", () => {
  it.each(ACCESS_VARIABLES)("%s at one edit, in any case", (variable) => {
    const open = oneEditFrom(variable)
      .flatMap((typo) => [typo, typo.toLowerCase(), typo.replace(/^./, (first) => first.toLowerCase())])
      .filter((typo) => typo !== variable && readConfig({ ROUTES, [typo]: "x" }).ok);
    expect(open).toEqual([]);
  });

  it("at two edits in any case, whatever the value", () => {
    const edit = fc.tuple(fc.constantFrom("insert", "delete", "replace", "swap"), fc.nat(), fc.string());
    const apply = (name: string, [kind, nat, text]: [string, number, string]): string => {
      const at = nat % (name.length + 1);
      const [before, after] = [name.slice(0, at), name.slice(at)];
      const letter = text.charAt(0);
      if (kind === "insert") return before + letter + after;
      if (kind === "delete") return before + after.slice(1);
      if (kind === "replace") return before + letter + after.slice(1);
      return before + after.charAt(1) + after.charAt(0) + after.slice(2);
    };
    fc.assert(
      fc.property(
        fc.constantFrom(...ACCESS_VARIABLES),
        edit,
        edit,
        fc.boolean(),
        fc.anything().filter((value) => value !== undefined),
        (variable, one, two, lower, value) => {
          const typo = apply(apply(variable, one), two);
          const name = lower ? typo.toLowerCase() : typo;
          fc.pre(name !== variable && name !== "__proto__");
          expect(readConfig({ ROUTES, [name]: value }).ok).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["ALLOWED_IP", "ALLOWED_IPS"],
    ["ACCESS_USER", "ACCESS_USERS"],
    ["READONLY", "READ_ONLY"],
    ["ALLOWED_REPOS", "ALLOWED_REPOSITORIES"],
    ["BLOCKED_REPOS", "BLOCKED_REPOSITORIES"],
    ["ALLOWED_COUNTRY", "ALLOWED_COUNTRIES"],
    ["UPSTREAM_CREDENTIAL", "UPSTREAM_CREDENTIALS"],
    ["CLOSE", "CLOSED"],
    ["TOKENKEY", "TOKEN_KEY"],
    ["USER", "ACCESS_USERS"],
    ["PASSWORD", "ACCESS_USERS"],
    ["allowIps", "ALLOWED_IPS"],
    ["deny", "BLOCKED_REPOSITORIES"],
    ["IP_ALLOW_LIST", "ALLOWED_IPS"],
    ["API_TOKEN", "TOKEN_KEY"],
    ["PROXY_KEY2", "TOKEN_KEY"],
  ])("F11: %s is told that it may mean %s", (name, ours) => {
    expect(told(name)).toContain(ours);
  });

  it.each(["access_users", "Read_Only", "closed", "routes", "Blobs", "tag_ttl", "hosts"])(
    "F11: %s is told to be written in capitals",
    (name) => {
      expect(told(name)).toContain(`write ${name.toUpperCase()}`);
    },
  );

  it.each(["", null, false, 0, [], {}, () => undefined])("with any value at all: %j", (value) => {
    expect(told("ALLOWED_IP", value)).toContain("ALLOWED_IPS");
  });

  it.each([
    "USER",
    "USERS",
    "PASS",
    "PASSWORD",
    "ALLOW",
    "ALLOWED",
    "DENY",
    "BLOCK",
    "IP",
    "IPS",
    "KEY",
    "TOKEN",
  ])("nor does a name with the word %s, wherever it stands", (word) => {
    for (const name of [word, `MY_${word}`, `${word}.LIST`, `A-${word}-B`, word.toLowerCase()]) {
      expect(told(name)).toBeDefined();
    }
  });

  it("names what it takes for a typo of another variable too", () => {
    for (const [name, ours] of [
      ["ROUTE", "ROUTES"],
      ["BLOB", "BLOBS"],
      ["HOST", "HOSTS"],
      ["TAGTTL", "TAG_TTL"],
      ["CACHE_MAX_BLOBS", "CACHE_MAX_BLOB"],
      ["RATELIMITER", "RATE_LIMITER"],
      ["OPERATORS", "OPERATOR"],
    ] as const) {
      expect(told(name)).toContain(ours);
    }
  });

  it("never repeats the value", () => {
    expect(told("ALLOWED_IP", "canary")).not.toContain("canary");
    expect(told("PASSWORD", { canary: "canary" })).not.toContain("canary");
  });
});

describe("S20: no other name is a fault", () => {
  it("of ours, but for what this version does not have", () => {
    for (const name of VARIABLES.filter((name) => name !== "ROUTES" && !ACCESS_VARIABLES.includes(name)))
      expect(told(name, "")).toBeUndefined();
    expect(readConfig({ ROUTES, OPERATOR: "Alice", HIDE_PAGE: true }).ok).toBe(true);
  });

  it.each(["CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID", "WRANGLER_TOKEN", "cloudflare_api_key"])(
    "that a tool reads: %s",
    (name) => {
      expect(told(name)).toBeUndefined();
    },
  );

  it.each([
    "ASSETS",
    "AI",
    "BROWSER",
    "CF_VERSION_METADATA",
    "DB",
    "DEBUG",
    "HYPERDRIVE",
    "IMAGES",
    "KV",
    "LOG_LEVEL",
    "MODE",
    "NODE_ENV",
    "PORT",
    "QUEUE",
    "SELF",
    "SENTRY_DSN",
    "TARGET_UPSTREAM",
    "TZ",
    "VECTORIZE",
    "__STATIC_CONTENT",
    "__STATIC_CONTENT_MANIFEST",
    // Two edits from one of our short names that say nothing about access.
    "JOBS",
    "NOTES",
    "PORTS",
    "ROLES",
    // Words that only begin or end like those of the list.
    "BLOCKCHAIN",
    "COMPASS",
    "MONKEY",
    "SHIP",
    "SUPERUSERDATA",
    "ZIP",
  ])("that means something else: %s", (name) => {
    expect(told(name)).toBeUndefined();
  });

  it("is one that is not there", () => {
    expect(readConfig({ ROUTES, ALLOWED_IP: undefined }).ok).toBe(true);
    expect(readConfig(Object.assign(Object.create({ ALLOWED_IP: "x" }), { ROUTES })).ok).toBe(true);
  });
});
