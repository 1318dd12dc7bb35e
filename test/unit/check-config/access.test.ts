// Who gets in, as check-config tells it, and what it warns of.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

const KEY = "q7x2m9c4k8v1z5t3w6b0abcd";
const KEY_ROW = `${KEY} = { upstream = "*", key = true }\n`;
const LONG = "a-password-of-20-chars";
const USERS = `ACCESS_USERS="alice:${LONG} bob:${LONG} carol:${LONG}"\n`;
const TOKEN_KEY = "TOKEN_KEY=0123456789abcdef\n";

function accessOf(effective: readonly string[]): string[] {
  const start = effective.findIndex((line) => line.startsWith("Who gets in"));
  const lines = effective.slice(start + 1);
  return lines
    .slice(
      0,
      lines.findIndex((line) => !line.startsWith("  ")),
    )
    .map((line) => line.trim());
}

describe("D: check-config says who gets in", () => {
  it("users by their number, networks, keys by their rows", () => {
    const { faults, warnings, effective } = reportOf(
      `[vars]\nALLOWED_IPS = "198.51.100.0/24, 2001:DB8::1"\nCLOSED = true${TABLE}all = "*"\n${KEY_ROW}`,
      USERS + TOKEN_KEY,
    );
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(accessOf(effective)).toEqual([
      "3 users, by name and password (ACCESS_USERS); tokens are signed with TOKEN_KEY and their passwords",
      "without a password, from 198.51.100.0/24, 2001:db8::1 (ALLOWED_IPS)",
      "without a password, by the host of row 3, a key of 24 characters",
      "nobody else",
      "from where: everywhere",
      "to what: everything that the table reaches",
      "to do what: read, as in every closed proxy",
    ]);
    expect(effective).toContain("  row 3, a key of 24 characters: every registry of the table");
    expect(effective).toContain(
      "  CLOSED: true, so that the proxy answers 500 and opens to nobody if what closes it is lost",
    );
  });

  it("from where, to what, and to do what", () => {
    const { effective } = reportOf(
      `[vars]\nALLOWED_COUNTRIES = "de at"\nREAD_ONLY = true\nALLOWED_REPOSITORIES = "docker.io/nginx docker.io/acme/**"\n` +
        `BLOCKED_REPOSITORIES = "docker.io/acme/x"${TABLE}`,
    );
    expect(accessOf(effective)).toEqual([
      "everybody who knows an address",
      "from where: DE, AT only (ALLOWED_COUNTRIES)",
      "to what: docker.io/library/nginx, docker.io/acme/** only, and not docker.io/acme/x",
      "to do what: read (READ_ONLY)",
    ]);
    expect(effective).toContain("  READ_ONLY: true");
  });

  it("the owner's accounts by their registries, and what they read", () => {
    const accounts = `UPSTREAM_CREDENTIALS={"docker.io":"canary-user:canary-token"}\n`;
    const line = (secrets: string): string | undefined => {
      const { effective, faults } = reportOf(TABLE, secrets);
      expect(faults).toEqual([]);
      expect(effective.join()).not.toContain("canary");
      return accessOf(effective).find((one) => one.includes("UPSTREAM_CREDENTIALS"));
    };
    expect(line(accounts)).toMatch(
      /at docker\.io .*: only public manifests, while the registry limits this proxy/,
    );
    expect(line(USERS + TOKEN_KEY + accounts)).toMatch(
      /at docker\.io .*: private images, and public manifests/,
    );
  });

  it("which brake there is, and whether requests are counted", () => {
    const { effective, faults } = reportOf(
      `[[ratelimits]]\nname = "RATE_LIMITER"\nnamespace_id = "1001"\nsimple = { limit = 100, period = 60 }\n` +
        `[[analytics_engine_datasets]]\nbinding = "METRICS"${TABLE}`,
    );
    expect(faults).toEqual([]);
    expect(effective).toContain(
      "  RATE_LIMITER: a brake of 100 in 60 seconds, for each user or network, in each data centre",
    );
    expect(effective).toContain("  METRICS: a dataset, with one data point for each request");
  });

  it("what follows where what closes the proxy is lost", () => {
    const { effective } = reportOf(TABLE, USERS + TOKEN_KEY);
    expect(effective).toContain(
      "  CLOSED: false, so that the proxy opens to everybody if what closes it is lost (the default)",
    );
  });

  it("that the bucket of a closed proxy keeps everything by default", () => {
    const bucket = '[[r2_buckets]]\nbinding = "BLOBS"\nbucket_name = "layers"\n';
    const closed = reportOf(bucket + TABLE, USERS + TOKEN_KEY);
    expect(closed.warnings).toEqual([]);
    expect(closed.effective).toContain("  BUCKET_REPOSITORIES: the bucket keeps ** (the default)");
    const without = reportOf(TABLE, USERS + TOKEN_KEY);
    expect(without.warnings).toEqual([]);
    expect(without.effective).toContain("  BUCKET_REPOSITORIES: ** (the default)");
    const none = reportOf(`${bucket}[vars]\nBUCKET_REPOSITORIES = []${TABLE}`, USERS + TOKEN_KEY);
    expect(none.effective).toContain("  BUCKET_REPOSITORIES: none, so that the bucket is only read");
  });
});

describe("S20: .dev.vars is never deployed, and who gets in without it is told too", () => {
  const HERE = "Who gets in at `npm start`, with .dev.vars:";
  const DEPLOYED =
    "Who gets in once deployed, by wrangler.toml alone (secrets at Cloudflare are not seen from here):";
  const first = (effective: readonly string[], title: string): string | undefined =>
    effective[effective.indexOf(title) + 1]?.trim();

  it("where its users close the proxy", () => {
    const { effective } = reportOf(TABLE, USERS + TOKEN_KEY);
    expect(first(effective, HERE)).toContain("3 users, by name and password");
    expect(first(effective, DEPLOYED)).toBe("everybody who knows an address");
    expect(effective).not.toContain("Who gets in:");
  });

  it("where CLOSED waits for users of Cloudflare's secrets", () => {
    const { effective } = reportOf(`[vars]\nCLOSED = true${TABLE}`, USERS + TOKEN_KEY);
    expect(first(effective, HERE)).toContain("3 users");
    expect(first(effective, DEPLOYED)).toContain("users of a secret ACCESS_USERS at Cloudflare");
  });

  it("where without it there would be a fault", () => {
    const { effective, faults } = reportOf(`[vars]\nTAG_TTL = "x"${TABLE}`, "TAG_TTL=60\n");
    expect(faults).toEqual([]);
    expect(first(effective, HERE)).toBe("everybody who knows an address");
    expect(first(effective, DEPLOYED)).toBe(
      "nobody: without .dev.vars there is a fault in TAG_TTL, and the proxy answers 500",
    );
  });

  it("once, where it changes nothing of that", () => {
    const { effective } = reportOf(TABLE, "TAG_TTL=30\n");
    expect(effective.filter((line) => line.startsWith("Who gets in"))).toEqual(["Who gets in:"]);
  });
});

describe("S13: check-config suggests a TOKEN_KEY", () => {
  const suggested = (secrets: string): string[] =>
    reportOf(TABLE, secrets).effective.flatMap(
      (line) => /^For TOKEN_KEY.*: ([\w-]{43}) \(/.exec(line)?.[1] ?? [],
    );

  it("of 32 random bytes where there are users without one, each time another", () => {
    const [one, other] = [suggested(USERS), suggested(USERS)];
    expect([one.length, other.length]).toEqual([1, 1]);
    expect(one).not.toEqual(other);
    expect(atob((one[0] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).toHaveLength(32);
  });

  it("which is right as it stands", () => {
    const { faults, effective } = reportOf(TABLE, `${USERS}TOKEN_KEY=${suggested(USERS)[0] ?? ""}\n`);
    expect(faults).toEqual([]);
    expect(effective.join("\n")).not.toContain("For TOKEN_KEY");
  });

  it("to nobody else", () => {
    expect([suggested(""), suggested(USERS + TOKEN_KEY)]).toEqual([[], []]);
    expect(suggested("ALLOWED_IPS=198.51.100.1")).toEqual([]);
  });
});

describe("D: check-config warns", () => {
  it("S13: of short passwords without a TOKEN_KEY", () => {
    const text =
      "fewer than 16 characters, and who gets hold of a token could find them by trying: write a TOKEN_KEY, or longer ones";
    expect(reportOf(TABLE, `ACCESS_USERS="alice:${LONG} bob:canary"`).warnings).toEqual([
      `warning: .dev.vars, ACCESS_USERS: 1 of 2 passwords has ${text}`,
    ]);
    expect(reportOf(TABLE, 'ACCESS_USERS="a:123456789012345 b:c d:1234567890123456"').warnings).toEqual([
      `warning: .dev.vars, ACCESS_USERS: 2 of 3 passwords have ${text}`,
    ]);
    expect(reportOf(TABLE, `ACCESS_USERS=a:b\n${TOKEN_KEY}`).warnings).toEqual([]);
  });

  it("of users with a comma between them", () => {
    expect(reportOf(TABLE, `ACCESS_USERS="alice:a,b bob:c,carol:canary"\n${TOKEN_KEY}`).warnings).toEqual([
      "warning: .dev.vars, ACCESS_USERS: what stands behind a comma in entry 2 is taken for its password: a space divides users",
    ]);
  });

  it("S22: of secrets in wrangler.toml", () => {
    const { faults, warnings } = reportOf(
      `[vars]\nACCESS_USERS = "alice:${LONG}"\nTOKEN_KEY = "0123456789abcdef"\nUPSTREAM_CREDENTIALS = '{"docker.io":"a:b"}'${TABLE}`,
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual(
      ["ACCESS_USERS", "TOKEN_KEY", "UPSTREAM_CREDENTIALS"].map(
        (name) => expect.stringContaining(`wrangler.toml, ${name}: whoever may read this file`) as string,
      ),
    );
  });

  it("S16: of a key row on a custom domain, by its number", () => {
    const warned = (pattern: string, more: string): string[] => [
      ...reportOf(`routes = [{ pattern = "${pattern}", ${more} }]${TABLE}${KEY_ROW}`).warnings,
    ];
    expect(warned(`${KEY}.ferry.dev`, "custom_domain = true")).toEqual([
      expect.stringContaining("warning: ROUTES, row 2: its host is a custom domain of `routes`"),
    ]);
    expect(warned(`${KEY.toUpperCase()}.ferry.dev`, "custom_domain = true")).toHaveLength(1);
    expect(warned("docker.ferry.dev", "custom_domain = true")).toEqual([]);
    expect(warned("*.ferry.dev/*", 'zone_name = "ferry.dev"')).toEqual([]);
  });

  it("of secrets that are required", () => {
    expect(reportOf(`[secrets]\nrequired = ["ACCESS_USERS"]${TABLE}`).warnings).toEqual([
      expect.stringContaining("wrangler.toml, [secrets], required: with it `npm start` loads no secret that"),
    ]);
  });

  it("S20: of countries that do not close", () => {
    const countries = `[vars]\nALLOWED_COUNTRIES = "DE"${TABLE}`;
    expect(reportOf(countries).warnings).toEqual([
      expect.stringContaining("wrangler.toml, ALLOWED_COUNTRIES: it does not close the proxy"),
    ]);
    expect(reportOf(countries, USERS + TOKEN_KEY).warnings).toEqual([]);
  });

  it.each(["10.0.0.0/8", "192.168.1.7", "127.0.0.1", "fd00::/8", "fe80::1", "::1"])(
    "S14: of an address from which nobody comes: %s",
    (text) => {
      expect(reportOf(`[vars]\nALLOWED_IPS = "198.51.100.1 ${text}"${TABLE}`).warnings).toEqual([
        expect.stringContaining(
          `ALLOWED_IPS: nobody reaches Cloudflare from ${text}, which is of a private network`,
        ),
      ]);
    },
  );
});

describe("S20: CLOSED = true, and nobody in the two files who could be admitted", () => {
  const toml = `[vars]\nCLOSED = true${TABLE}`;

  it("is a warning: the users may be a secret at Cloudflare, and else the proxy is closed to all", () => {
    const { faults, warnings, effective } = reportOf(toml);
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining(
        "warning: wrangler.toml, CLOSED: these files let nobody in. That is right where",
      ),
    ]);
    expect(accessOf(effective).slice(0, 2)).toEqual([
      "users of a secret ACCESS_USERS at Cloudflare, which is not seen from here",
      "nobody else",
    ]);
    expect(effective).toContain("  BUCKET_REPOSITORIES: ** (the default)");
    expect(effective.join("\n")).not.toMatch(/For TOKEN_KEY|stand-in/);
  });

  it("hides no other fault", () => {
    expect(reportOf(`[vars]\nCLOSED = true\nTAG_TTL = "x"${TABLE}`).faults).toEqual([
      expect.stringContaining("TAG_TTL"),
    ]);
    expect(reportOf(toml, "ACCESS_USERS=").faults).toEqual([
      expect.stringContaining(".dev.vars, ACCESS_USERS: "),
    ]);
  });
});
