// The bucket, and what it keeps: each is warned of that does nothing without the other.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

const BUCKET = '[[r2_buckets]]\nbinding = "BLOBS"\nbucket_name = "layers"\n';

const GHCR = 'ghcr = "https://ghcr.io"\n';

function keeping(patterns: string): string {
  return `[vars]\nBUCKET_REPOSITORIES = ${patterns}\n`;
}

/** The two settings as they are shown. */
function settingsOf(effective: readonly string[]): string[] {
  return effective.filter((line) => /^ {2}B/.test(line));
}

describe("D: check-config says of a bucket", () => {
  it("what it keeps, in the canonical form", () => {
    const { faults, warnings, effective } = reportOf(
      BUCKET + keeping('"docker.io/nginx, index.docker.io/acme/**"') + TABLE,
    );
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(settingsOf(effective)).toEqual([
      '  BLOBS: the bucket "layers"',
      "  BUCKET_REPOSITORIES: the bucket keeps docker.io/library/nginx, docker.io/acme/**",
    ]);
  });

  it.each(["", keeping('""'), keeping('" "')])(
    "that nothing is written into it, and the line to add: %j",
    (vars) => {
      const { faults, warnings, effective } = reportOf(BUCKET + vars + TABLE);
      expect(faults).toEqual([]);
      expect(warnings).toEqual([
        "warning: wrangler.toml, BLOBS: this bucket is read, and nothing is written into it: " +
          'name what it is to keep below [vars], by a line such as BUCKET_REPOSITORIES = "docker.io/library/*"',
      ]);
      expect(settingsOf(effective)).toEqual([
        '  BLOBS: the bucket "layers"',
        "  BUCKET_REPOSITORIES: none, so that the bucket is only read (the default)",
      ]);
    },
  );

  it("no such thing where the owner chose an empty list", () => {
    expect(reportOf(BUCKET + keeping("[]") + TABLE).warnings).toEqual([]);
  });
});

describe("D: check-config says of patterns", () => {
  it("that nothing is kept without a bucket, and the lines to add", () => {
    const { faults, warnings, effective } = reportOf(keeping('"docker.io/*"') + TABLE);
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      "warning: wrangler.toml, BUCKET_REPOSITORIES: nothing is kept in a bucket, since none is bound: add above [vars] the three " +
        'lines `[[r2_buckets]]`, `binding = "BLOBS"` and `bucket_name = "registry-ferry-blobs"`, or uncomment them',
    ]);
    expect(settingsOf(effective)).toEqual([
      "  BLOBS: no bucket (the default)",
      "  BUCKET_REPOSITORIES: docker.io/library/*",
    ]);
  });

  it("that a row with `store = false` is kept nowhere", () => {
    const row = 'hub = { upstream = "https://harbor.ferry.dev", store = false }\n';
    const { faults, warnings, effective } = reportOf(
      BUCKET + keeping('"docker.io/* harbor.ferry.dev/acme/** harbor.ferry.dev/x"') + TABLE + row,
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      "warning: wrangler.toml, BUCKET_REPOSITORIES: nothing of harbor.ferry.dev is kept, by `store = false` of its row: " +
        'remove "harbor.ferry.dev/acme/**", or that option',
      "warning: wrangler.toml, BUCKET_REPOSITORIES: nothing of harbor.ferry.dev is kept, by `store = false` of its row: " +
        'remove "harbor.ferry.dev/x", or that option',
    ]);
    expect(settingsOf(effective)[1]).toBe("  BUCKET_REPOSITORIES: the bucket keeps docker.io/library/*");
  });

  it.each([
    ['"hub.ferry.dev/x"', "nothing, by `store = false`"],
    ['"**"', "**, and nothing of hub.ferry.dev, by `store = false`"],
  ])("in the settings, that `store = false` is the stronger: %s", (patterns, expected) => {
    const row = 'hub = { upstream = "https://hub.ferry.dev", store = false }\n';
    const { effective } = reportOf(BUCKET + keeping(patterns) + TABLE + row);
    expect(settingsOf(effective)[1]).toBe(`  BUCKET_REPOSITORIES: the bucket keeps ${expected}`);
  });

  it.each<[string, string, string?]>([
    ["**", "any public image of every registry of the table"],
    ["docker.io/**", "any public image of docker.io"],
    ["docker.io/*/*", "any public image of docker.io"],
    ["ghcr.io/*/**", "any public image of ghcr.io", "ghcr.io/<owner>/**"],
  ])("S11: that strangers can fill the bucket by %s", (pattern, what, instead = "docker.io/library/*") => {
    const { faults, warnings } = reportOf(BUCKET + keeping(`"${pattern}"`) + TABLE + GHCR);
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      `warning: wrangler.toml, BUCKET_REPOSITORIES: "${pattern}" lets everybody who can use the proxy fill your bucket ` +
        `with ${what}: name the repositories that you use, such as "${instead}"`,
    ]);
  });

  it.each(["docker.io/acme/**", "docker.io/*", "docker.io/a*/**", "harbor.ferry.dev/**"])(
    "no such thing of a part of a registry, and of the owner's own: %s",
    (pattern) => {
      const row = 'harbor = "https://harbor.ferry.dev"\n';
      expect(reportOf(BUCKET + keeping(`"${pattern}"`) + TABLE + row).warnings).toEqual([]);
    },
  );

  it("that nobody fills a bucket that is not there", () => {
    expect(reportOf(keeping('"**"') + TABLE).warnings).toEqual([expect.stringContaining("none is bound")]);
  });

  it.each([
    ["ghcr.io/*", "ghcr.io/<owner>/**"],
    ["ghcr.io/acme", "ghcr.io/acme/**"],
    ["lscr.io/acme*", "ghcr.io/acme*/**"],
  ])("that one part names nothing on ghcr.io: %s", (pattern, instead) => {
    const { faults, warnings } = reportOf(BUCKET + keeping(`"${pattern}"`) + TABLE + GHCR);
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      `warning: wrangler.toml, BUCKET_REPOSITORIES: "${pattern.replace("lscr", "ghcr")}" keeps nothing, since each name ` +
        `on ghcr.io has two parts or more: write "${instead}"`,
    ]);
  });

  it("that lscr.io is ghcr.io, where all of it is kept", () => {
    const { warnings } = reportOf(BUCKET + keeping('["lscr.io/**"]') + TABLE + GHCR);
    expect(warnings).toEqual([
      'warning: wrangler.toml, BUCKET_REPOSITORIES: "ghcr.io/**" lets everybody who can use the proxy fill your bucket ' +
        "with any public image of ghcr.io: name the repositories that you use, such as " +
        '"ghcr.io/linuxserver/**" (lscr.io is ghcr.io)',
    ]);
  });

  it("with the file that they stand in", () => {
    const { warnings } = reportOf(TABLE, "BUCKET_REPOSITORIES=docker.io/*");
    expect(warnings).toEqual([
      expect.stringContaining("warning: .dev.vars, BUCKET_REPOSITORIES: nothing is kept in a bucket"),
    ]);
  });

  it("that one is a fault, with the file and what to write", () => {
    const { faults, effective } = reportOf(keeping('"library/* quay.io/**"') + TABLE);
    expect(faults).toEqual([
      'wrangler.toml, BUCKET_REPOSITORIES: has "library/*", and must begin with a registry: write "docker.io/library/*"',
      'wrangler.toml, BUCKET_REPOSITORIES: has "quay.io/**", and "quay.io" is no registry of the routes table: ' +
        "add a row for it, or remove the pattern",
    ]);
    expect(effective).toEqual([]);
  });
});
