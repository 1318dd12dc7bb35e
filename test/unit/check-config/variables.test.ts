// Variables and bindings that nothing reads.
import { describe, expect, it } from "vitest";
import { bindingsOf } from "../../../scripts/check/files.ts";
import { filesOf, reportOf, TABLE } from "./stage.ts";

describe("D: check-config warns", () => {
  it("of variables that nothing reads, with their file", () => {
    const { faults, warnings, effective } = reportOf(
      `[vars]\nMODE = "production"\nTARGET_UPSTREAM = ""${TABLE}`,
      "OTHER=x",
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      "warning: wrangler.toml, MODE: nothing reads it",
      "warning: wrangler.toml, TARGET_UPSTREAM: nothing reads it",
      "warning: .dev.vars, OTHER: nothing reads it",
    ]);
    expect(effective).not.toEqual([]);
  });

  it.each(["BUCKET_REPOSITORY", "BUCKET_REPOS", "R2_BUCKET_REPO", "repos_in_bucket"])(
    "of %s, which is nearly one of ours",
    (name) => {
      expect(reportOf(`[vars]\n${name} = "docker.io/*"${TABLE}`).warnings).toEqual([
        `warning: wrangler.toml, ${name}: nothing reads it: did you mean BUCKET_REPOSITORIES?`,
      ]);
    },
  );

  it("of a bucket under another name", () => {
    const { warnings } = reportOf(`[[r2_buckets]]\nbinding = "FILES"\nbucket_name = "x"${TABLE}`);
    expect(warnings).toEqual([
      expect.stringContaining('FILES: this bucket is not used: write binding = "BLOBS"'),
    ]);
  });

  it("of hosts that no row serves", () => {
    const { warnings } = reportOf(
      `[vars]\nOPERATOR = "Alice"\nHOSTS = "docker.ferry.dev nobody.ferry.dev"${TABLE}`,
    );
    expect(warnings).toEqual([
      'warning: HOSTS, "nobody.ferry.dev": no row of the routes table serves this host: the page does not name it. ' +
        'Add a row nobody or "nobody.ferry.dev", or write another host',
    ]);
  });

  it("of neither variables that it reads nor those of tools", () => {
    const { warnings } = reportOf(
      `[vars]\nTAG_TTL = 60\nBUCKET_REPOSITORIES = "docker.io/*"\n[[r2_buckets]]\nbinding = "BLOBS"\nbucket_name = "x"${TABLE}`,
      "CLOUDFLARE_API_TOKEN=x\nWRANGLER_LOG=debug",
    );
    expect(warnings).toEqual([]);
  });

  it("of no name twice: one that is a fault is no warning", () => {
    const { faults, warnings } = reportOf(`[vars]\nALLOWED_IP = "x"\nROUTE = "x"${TABLE}`);
    expect([faults.length, warnings]).toEqual([2, []]);
  });
});

describe("bindings", () => {
  it("are found in every kind of section", () => {
    const { wrangler } = filesOf(`
name = "registry-ferry"
[vars]
binding = "NOT_ONE"
[[r2_buckets]]
binding = "R2"
[[services]]
binding = "SERVICE"
service = "x"
[[durable_objects.bindings]]
name = "OBJECT"
class_name = "X"
[[queues.producers]]
binding = "QUEUE"
queue = "x"
[[ratelimits]]
name = "LIMIT"
[ai]
binding = "AI"
[env.production.ai]
binding = "NOT_ONE_EITHER"
[[analytics_engine_datasets]]
binding = "POINTS"
name = "no binding"
`);
    expect(bindingsOf(wrangler).map(({ name, section }) => `${section} ${name}`)).toEqual([
      "r2_buckets R2",
      "services SERVICE",
      "durable_objects OBJECT",
      "queues QUEUE",
      "ratelimits LIMIT",
      "ai AI",
      "analytics_engine_datasets POINTS",
    ]);
  });
});
