// A row that leads back to the proxy is a loop (F24).
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const EXAMPLE = "https://registry.example.com";

function faultsOf(ROUTES: unknown, HOSTS?: unknown): string[] {
  const result = readConfig({ ROUTES, HOSTS });
  return result.ok ? [] : result.faults.map(describeFault);
}

describe("F24: a row leads back to this proxy", () => {
  it.each<[string, unknown]>([
    ["its own host", { "hub.example.com": "https://hub.example.com" }],
    ["its own host in another case", { "Hub.Example.com": "https://HUB.example.COM" }],
    ["its own host on a port", { "hub.example.com": "https://hub.example.com:8443" }],
    ["its own host with a dot at its end", { "hub.example.com": "https://hub.example.com." }],
    ["another row's host", { a: "https://hub.example.com", "hub.example.com": EXAMPLE }],
    ["a universal host", { a: "https://all.example.com", "all.example.com": "*" }],
    ["a host that a known name stands for", { a: "https://docker.io", "registry-1.docker.io": EXAMPLE }],
  ])("by its upstream: %s", (_, routes) => {
    const faults = faultsOf(routes);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/ROUTES, row ".*": `upstream` is "https:.*", a host of this proxy itself/);
  });

  it.each<[string, unknown]>([
    [
      "a row's host",
      { a: { upstream: EXAMPLE, mirrors: ["https://m.example"] }, "m.example": "https://ghcr.io" },
    ],
    ["the default's host", { a: "https://docker.io", "mirror.gcr.io": EXAMPLE }],
  ])("by a mirror: %s", (_, routes) => {
    expect(faultsOf(routes)).toEqual([expect.stringContaining('ROUTES, row "a": `mirrors` has "https://m')]);
  });

  it.each([
    "docker.example.com,registry.example.com",
    ["Registry.Example.COM"],
    "other.example\nregistry.example.com",
  ])("by HOSTS: %j", (HOSTS) => {
    expect(faultsOf({ a: EXAMPLE }, HOSTS)).toEqual([
      expect.stringContaining("a host of this proxy itself (HOSTS)"),
    ]);
  });

  it("not by a label, nor by a name below or above a host", () => {
    const routes = {
      registry: EXAMPLE,
      "example.com": "https://ghcr.io",
      "a.registry.example.com": "https://quay.io",
      "x.example": { upstream: "https://x.example.org", registry: "x.example" },
    };
    expect(faultsOf(routes, "other.example.com")).toEqual([]);
  });
});

describe("HOSTS", () => {
  it.each(["", null, undefined, [], " "])("may be empty: %j", (HOSTS) => {
    expect(faultsOf({ a: EXAMPLE }, HOSTS)).toEqual([]);
  });

  it.each<[unknown, string]>([
    ["docker", '"docker"'],
    ["https://docker.example.com", '"https://docker.example.com"'],
    ["docker.example.com:8443", '"docker.example.com:8443"'],
    ["*.example.com", '"*.example.com"'],
    [["docker.example.com/v2"], '"docker.example.com/v2"'],
    [[1], "1"],
    ["-a.example", '"-a.example"'],
  ])("is faulty where it has %j", (HOSTS, shown) => {
    expect(faultsOf({ a: EXAMPLE }, HOSTS)).toEqual([
      expect.stringContaining(`HOSTS: has ${shown}, which is not a full host name`),
    ]);
  });

  it.each([1, true, {}])("is faulty where it is %j", (HOSTS) => {
    expect(faultsOf({ a: EXAMPLE }, HOSTS)).toEqual([expect.stringMatching(/^HOSTS: /)]);
  });

  it("opens nothing: a host that no row serves is none for its being there", () => {
    const result = readConfig({ ROUTES: { a: EXAMPLE }, HOSTS: "b.example.com" });
    expect(result.ok && [...result.config.routes.keys()]).toEqual(["a"]);
  });
});
