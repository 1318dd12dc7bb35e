// Domains and routes: which Cloudflare refuses, and which reach nothing.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

function withDomain(pattern: string): string {
  return `routes = [{ pattern = "${pattern}", custom_domain = true }]${TABLE}`;
}

describe("D: a custom domain that Cloudflare refuses is a fault", () => {
  it.each<[string, string]>([
    [
      "*.ferry.dev",
      'takes no wildcard as a custom domain. A route does, beside a proxied DNS record for the same name: { pattern = "*.ferry.dev/*", zone_name = "ferry.dev" }',
    ],
    ["https://docker.ferry.dev", 'takes no URL as a custom domain: write "docker.ferry.dev"'],
    ["https://docker.ferry.dev/v2/", 'takes no URL as a custom domain: write "docker.ferry.dev"'],
    ["docker.ferry.dev/*", 'a custom domain has no path, it reaches them all: write "docker.ferry.dev"'],
    ["https://docker.ferry.dev/*", 'takes no URL as a custom domain: write "docker.ferry.dev"'],
    ["docker*.ferry.dev/*", '{ pattern = "*.ferry.dev/*", zone_name = "ferry.dev" }'],
    ["*", '{ pattern = "*.<your domain>/*", zone_name = "<your domain>" }'],
    ["docker.*.dev", '{ pattern = "*.<your domain>/*", zone_name = "<your domain>" }'],
    ["docker.ferry.dev/v2/", 'has no path, it reaches them all: write "docker.ferry.dev"'],
    ["docker.ferry.dev:8443", "is not a full host name"],
    ["docker", "is not a full host name"],
    ["", "is not a full host name"],
  ])("%s", (pattern, expected) => {
    const { faults, effective } = reportOf(withDomain(pattern));
    expect(faults).toEqual([expect.stringContaining(`routes, "${pattern}": `)]);
    expect(faults[0]).toContain(expected);
    expect(effective).toEqual([]);
  });

  it("in `route` too", () => {
    const { faults } = reportOf(`route = { pattern = "*.ferry.dev", custom_domain = true }${TABLE}`);
    expect(faults).toHaveLength(1);
  });

  it("and one that it takes is none, in any case", () => {
    expect(reportOf(withDomain("Docker.ferry.dev"))).toMatchObject({ faults: [], warnings: [] });
  });
});

describe("D: a host of `routes` that no row serves is warned of", () => {
  it.each<[string, string]>([
    ["docs.ferry.dev", "custom_domain = true"],
    ["docs.ferry.dev/*", 'zone_name = "ferry.dev"'],
    ["https://docs.ferry.dev/*", 'zone_name = "ferry.dev"'],
  ])("%s", (pattern, more) => {
    const { faults, warnings, effective } = reportOf(
      `routes = [{ pattern = "${pattern}", ${more} }]${TABLE}`,
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual([
      'warning: routes, "docs.ferry.dev": no row of the routes table serves this host: it answers 404. Add a row docs or "docs.ferry.dev", or write another host',
    ]);
    expect(effective).not.toEqual([]);
  });

  it("and one that is served is not: by its label, its full name, or a wildcard", () => {
    const toml = `routes = ["docker.ferry.dev/*", "all.ferry.dev/*", "*.ferry.dev/*", "*ferry.dev/*"]${TABLE}"all.ferry.dev" = "*"`;
    expect(reportOf(toml)).toMatchObject({ faults: [], warnings: [] });
  });
});

describe("D: a route that leaves the registry protocol out is warned of", () => {
  it.each(["docker.ferry.dev", "docker.ferry.dev/", "docker.ferry.dev/v1/*", "docker.ferry.dev/v2/auth"])(
    "%s",
    (pattern) => {
      const { warnings } = reportOf(`routes = ["${pattern}"]${TABLE}`);
      expect(warnings).toEqual([expect.stringContaining('and not /v2/: write "docker.ferry.dev/*"')]);
    },
  );

  it.each(["docker.ferry.dev/*", "docker.ferry.dev/v2/*", "docker.ferry.dev/v2*", "docker.ferry.dev*"])(
    "%s is not",
    (pattern) => {
      expect(reportOf(`routes = ["${pattern}"]${TABLE}`).warnings).toEqual([]);
    },
  );
});

describe("check-config", () => {
  it.each(["docker.example.com", "docker.mydomain.com"])(
    "warns of a domain that is an example: %s",
    (host) => {
      expect(reportOf(withDomain(host)).warnings).toEqual([
        expect.stringContaining(`"${host}": is an example`),
      ]);
    },
  );

  it("D: warns where nothing reaches the proxy", () => {
    expect(reportOf(`workers_dev = false${TABLE}`).warnings).toEqual([
      expect.stringContaining("workers_dev = false, and no routes: nothing reaches the proxy"),
    ]);
    expect(reportOf(`workers_dev = true${TABLE}`).warnings).toEqual([]);
    expect(reportOf(TABLE).warnings).toEqual([]);
    expect(reportOf(`workers_dev = false\nroutes = ["*.ferry.dev/*"]${TABLE}`).warnings).toEqual([]);
  });

  it("F24: finds a row that leads to a host of `routes`, which its label does not tell", () => {
    const toml = `routes = ["harbor.ferry.dev/*"]${TABLE}harbor = "https://harbor.ferry.dev"`;
    expect(reportOf(toml).faults).toEqual([
      'ROUTES, row "harbor": `upstream` is "https://harbor.ferry.dev", a host of this proxy itself (routes): write the registry\'s own address',
    ]);
  });
});
