// What `npm run check-config` says as a whole.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

const SOUND = `name = "registry-ferry"
main = "src/index.ts"
compatibility_date = "2026-08-15"
compatibility_flags = ["global_fetch_strictly_public"]
workers_dev = true
preview_urls = false

[observability]
enabled = true
${TABLE}ghcr = "https://ghcr.io"
`;

describe("a right configuration", () => {
  it("has no fault and no warning, and is told in full", () => {
    const { faults, warnings, effective } = reportOf(SOUND);
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(effective).toEqual([
      "Hosts and what they reach:",
      "  docker.<your domain>: docker.io at https://registry-1.docker.io; mirrors: https://mirror.gcr.io; token service: https://auth.docker.io",
      "  ghcr.<your domain>: ghcr.io at https://ghcr.io",
      "  *.workers.dev, localhost: every registry of the table",
      "Settings:",
      "  TAG_TTL: 60 seconds (the default)",
      "  CACHE_MAX_BLOB: 1048576 bytes (the default)",
      "  BLOBS: no bucket (the default)",
      "  BUCKET_REPOSITORIES: none (the default)",
      "  RATE_LIMITER: no brake (the default)",
      "  METRICS: no dataset (the default)",
      "  READ_ONLY: false (the default)",
      "  CLOSED: false (the default)",
      "  HOSTS: none (the default)",
      "  OPERATOR: nobody is named (the default)",
      "  OPERATOR_URL: none (the default)",
      "  HIDE_PAGE: false (the default)",
      "  workers_dev: true (the default)",
      "  routes: none (the default)",
      "Who gets in:",
      "  everybody who knows an address",
      "  from where: everywhere",
      "  to what: everything that the table reaches",
      "  to do what: read, and write where a registry lets them",
      "Not seen from here: variables, secrets and domains that the dashboard or `wrangler secret put` set.",
    ]);
  });

  it("is told with every option and setting that is not the default", () => {
    const { warnings, effective } = reportOf(`
workers_dev = false
routes = [{ pattern = "docker.ferry.dev", custom_domain = true }, "*.ferry.dev/*"]
[[r2_buckets]]
binding = "BLOBS"
bucket_name = "layers"
[vars]
TAG_TTL = "5"
CACHE_MAX_BLOB = 0
READ_ONLY = false
HOSTS = "docker.ferry.dev all.ferry.dev"
OPERATOR = "Alice"
OPERATOR_URL = "https://example.com/alice"
HIDE_PAGE = true
BUCKET_REPOSITORIES = ["docker.io/*", "gcr.io/acme/**"]
[vars.ROUTES]
docker = { upstream = "https://registry-1.docker.io", mirrors = [] }
gcr = "https://gcr.io"
hub = { upstream = "https://harbor.ferry.net", registry = "harbor.ferry.org", realm = "https://login.ferry.net/token", library = true, upload_hosts = "u.ferry.net", upload_paths = "/uploads", store = false }
"all.ferry.dev" = "*"
quay = "https://quay.io"
`);
    expect(warnings).toEqual([]);
    expect(effective.slice(1, -6)).toEqual([
      "  docker.ferry.dev: docker.io at https://registry-1.docker.io; token service: https://auth.docker.io; mirrors = []",
      "  gcr.<your domain>: gcr.io at https://gcr.io",
      "  hub.<your domain>: harbor.ferry.org at https://harbor.ferry.net; token service: https://login.ferry.net; " +
        'library = true; upload_hosts = ["https://u.ferry.net"]; upload_paths = ["/uploads/"]; store = false',
      "  all.ferry.dev: every registry of the table",
      "  quay.<your domain>: quay.io at https://quay.io",
      "  localhost: every registry of the table",
      "Settings:",
      "  TAG_TTL: 5 seconds",
      "  CACHE_MAX_BLOB: 0 bytes",
      '  BLOBS: the bucket "layers"',
      "  BUCKET_REPOSITORIES: the bucket keeps docker.io/library/*, gcr.io/acme/**",
      "  RATE_LIMITER: no brake (the default)",
      "  METRICS: no dataset (the default)",
      "  READ_ONLY: false (the default)",
      "  CLOSED: false (the default)",
      "  HOSTS: docker.ferry.dev, all.ferry.dev",
      "  OPERATOR: Alice",
      "  OPERATOR_URL: https://example.com/alice",
      "  HIDE_PAGE: true",
      "  workers_dev: false (the default)",
      "  routes: docker.ferry.dev, *.ferry.dev/*",
    ]);
  });

  it("names the hosts of routes, and shortly the rows that none of them leads to", () => {
    const domains = ["docker", "hub", "ghcr.eu"].map(
      (label) => `{ pattern = "${label}.ferry.dev", custom_domain = true }`,
    );
    const { effective } = reportOf(
      `routes = [${domains.join(", ")}]${TABLE}quay = "https://quay.io"\nall = "*"\nghcr = "https://ghcr.io"\n`,
    );
    expect(effective.slice(1, 6)).toEqual([
      expect.stringMatching(/^ {2}docker\.ferry\.dev: docker\.io at /),
      "  hub.ferry.dev: no row, it answers 404",
      "  ghcr.eu.ferry.dev: ghcr.io at https://ghcr.io",
      "  rows without a host in `routes`: quay (quay.io), all (every registry)",
      "  localhost: every registry of the table",
    ]);
  });

  it("S16: a key row's host is named by its number, whatever leads to it", () => {
    const key = "q7x2m9c4k8v1z5t3w6b0abcd";
    const { effective } = reportOf(
      `routes = [{ pattern = "${key}.ferry.dev", custom_domain = true }]${TABLE}${key} = { upstream = "*", key = true }\n`,
    );
    expect(effective.slice(1, 4)).toEqual([
      "  rows without a host in `routes`: docker (docker.io)",
      "  row 2, a key of 24 characters: every registry of the table",
      "  localhost: every registry of the table",
    ]);
    expect(effective.join("\n")).not.toContain(key);
  });

  it.each([
    ["workers_dev = true\nroutes = ['*.ferry.dev/*']", "  workers_dev: true"],
    ["routes = ['*.ferry.dev/*']", "  workers_dev: false (the default)"],
    ["", "  workers_dev: true (the default)"],
  ])("says what wrangler makes of workers_dev: %j", (toml, expected) => {
    expect(reportOf(toml + TABLE).effective).toContain(expected);
  });
});

describe("faults", () => {
  it("are told with the file and the row, all at once, and nothing else is told to be right", () => {
    const { faults, effective } = reportOf(
      '[vars]\nTAG_TTL = "60s"\n[vars.ROUTES]\ndocker = "registry-1.docker.io"\nghcr = "https://ghcr.io/v2/"\n',
      "CACHE_MAX_BLOB=2MiB\n",
    );
    expect(faults).toEqual([
      'wrangler.toml, ROUTES, row "docker": `upstream` is "registry-1.docker.io", which is not a URL: write "https://registry-1.docker.io"',
      'wrangler.toml, ROUTES, row "ghcr": `upstream` is "https://ghcr.io/v2/", and must be without a path: write "https://ghcr.io"',
      'wrangler.toml, TAG_TTL: is "60s": write 60 (seconds)',
      '.dev.vars, CACHE_MAX_BLOB: is "2MiB": write 2097152 (bytes)',
    ]);
    expect(effective).toEqual([]);
  });

  it("S20: are access variables of either file, empty ones too, and their values are not shown", () => {
    const { faults } = reportOf(
      `[vars]\nALLOWED_IP = "canary"\nREAD_ONLY = ""${TABLE}`,
      "ACCESS_USERS=alicecanary\nTOKEN_KEY=\n",
    );
    expect(faults).toHaveLength(4);
    expect(faults.filter((text) => text.startsWith(".dev.vars, "))).toHaveLength(2);
    expect(faults.join()).not.toContain("canary");
  });

  it("F10: are told of what is bound as BLOBS, without deploying it", () => {
    const { faults } = reportOf(`[[kv_namespaces]]\nbinding = "BLOBS"\nid = "x"${TABLE}`);
    expect(faults).toEqual([expect.stringContaining("BLOBS: is a KV namespace, and not an R2 bucket")]);
  });

  it("S20: are told of bindings whose name is nearly a variable's", () => {
    const { faults } = reportOf(`[[d1_databases]]\nbinding = "USERS"\ndatabase_name = "x"${TABLE}`);
    expect(faults).toEqual([expect.stringContaining("wrangler.toml, USERS: ")]);
  });
});
