// What stands in the wrong table of wrangler.toml.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

const DOMAIN = '[{ pattern = "docker.ferry.dev", custom_domain = true }]';

describe("D: check-config says where to move", () => {
  it.each<[string, string, string]>([
    [
      "the table",
      `${TABLE}routes = ${DOMAIN}`,
      'wrangler.toml, ROUTES, row "routes": is a setting of wrangler.toml and not a row',
    ],
    [
      "[vars]",
      `[vars]\nroutes = ${DOMAIN}${TABLE}`,
      "wrangler.toml, routes: is a setting of wrangler.toml and not a variable",
    ],
    [
      "[observability]",
      `[observability]\nenabled = true\nroutes = ${DOMAIN}${TABLE}`,
      "[observability], routes:",
    ],
    [
      "a bucket",
      `[[r2_buckets]]\nbinding = "BLOBS"\nworkers_dev = false${TABLE}`,
      "[[r2_buckets]], workers_dev:",
    ],
    [
      "a table in a table",
      `[observability.logs]\nroute = "x.ferry.dev/*"${TABLE}`,
      "[observability.logs], route:",
    ],
  ])("a setting below %s", (_, toml, expected) => {
    const { faults, effective } = reportOf(toml);
    expect(faults).toEqual([expect.stringContaining(expected)]);
    expect(faults[0]).toContain("move it above the first table (the first line that begins with `[`)");
    expect(effective).toEqual([]);
  });

  it.each<[string, string, string]>([
    [
      "the top",
      `TAG_TTL = 5${TABLE}`,
      "wrangler.toml: TAG_TTL stands above all tables, where nothing reads it. Move it below a line `[vars]`, above [vars.ROUTES]",
    ],
    [
      "another table",
      `[observability]\nenabled = true\nREAD_ONLY = true${TABLE}`,
      "wrangler.toml: READ_ONLY stands in [observability], where nothing reads it. Write a line `[vars]` above it, or uncomment `# [vars]`",
    ],
    [
      "another table, misspelt",
      `[observability]\nALLOWED_IP = "10.1.1.1"${TABLE}`,
      "ALLOWED_IP stands in [observability], where",
    ],
    [
      "a bucket",
      `[[r2_buckets]]\nbinding = "BLOBS"\nBUCKET_REPOSITORIES = "x"${TABLE}`,
      "wrangler.toml: BUCKET_REPOSITORIES stands in [[r2_buckets]], where nothing reads it. Write a line `[vars]` above it, or uncomment `# [vars]`",
    ],
    [
      "a bucket, with a table of variables",
      `[vars]\nTAG_TTL = 5\n[[r2_buckets]]\nbinding = "BLOBS"\nBUCKET_REPOSITORIES = "x"${TABLE}`,
      "wrangler.toml: BUCKET_REPOSITORIES stands in [[r2_buckets]], where nothing reads it. Move it below [vars]",
    ],
    [
      "the table",
      `${TABLE}ALLOWED_REPOSITORIES = "*"`,
      'row "ALLOWED_REPOSITORIES": is a variable and not a row',
    ],
  ])("S20: a variable below %s, where nothing reads it", (_, toml, expected) => {
    expect(reportOf(toml).faults).toEqual([expect.stringContaining(expected)]);
  });

  it("S20: the table itself, written without vars", () => {
    const { faults } = reportOf('[ROUTES]\ndocker = "https://registry-1.docker.io"');
    expect(faults).toContainEqual(
      "wrangler.toml: [ROUTES] is a table of its own, which nothing reads. Write [vars.ROUTES]",
    );
  });

  it("nothing of what belongs where it stands", () => {
    const { faults, warnings } = reportOf(`
name = "x"
[[ratelimits]]
name = "RATE_LIMITER"
[dev]
port = 8787
[assets]
directory = "x"
${TABLE}`);
    expect([faults, warnings]).toEqual([[], []]);
  });
});

describe("D: check-config says what becomes of [env.*]", () => {
  const TUTORIAL = `
[env.production]
name = "cloudflare-docker-proxy"
routes = ${DOMAIN}
[env.production.vars]
MODE = "production"
TARGET_UPSTREAM = ""
[env.staging]
`;

  it("that a tutorial left there", () => {
    const { faults, warnings } = reportOf(`name = "ferry"${TABLE}${TUTORIAL}`);
    expect(faults).toEqual([]);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(
      /^warning: \[env\.production\]: `npm run deploy` and the button leave it out/,
    );
    expect(warnings[0]).toContain(
      'makes a second Worker of it, "cloudflare-docker-proxy", without the variables and bindings of the top, so without a routes table: it answers 500',
    );
    expect(warnings[1]).toContain('makes a second Worker of it, "ferry-staging", without');
  });

  it("that has a table of its own", () => {
    const { warnings } = reportOf(`${TABLE}[env.x.vars.ROUTES]\na = "https://ghcr.io"`);
    expect(warnings).toEqual([expect.not.stringContaining("it answers 500")]);
  });

  it("S20: whose access variables the deployed proxy does not have", () => {
    const { faults } = reportOf(`${TABLE}[env.x.vars]\nALLOWED_IPS = "10.1.1.1"\nALLOW = "x"\nMODE = "x"`);
    expect(faults).toEqual([
      "wrangler.toml: ALLOWED_IPS stands in [env.x.vars], where nothing reads it. Move it below a line `[vars]`, above [vars.ROUTES]",
      expect.stringContaining("wrangler.toml: ALLOW stands in [env.x.vars], where"),
    ]);
  });
});
