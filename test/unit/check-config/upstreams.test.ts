// Upstreams from which nothing will come.
import { describe, expect, it } from "vitest";
import { KNOWN_REGISTRIES } from "../../../src/registries.ts";
import { reportOf } from "./stage.ts";

function warningsOf(upstream: string): readonly string[] {
  const { faults, warnings } = reportOf(`[vars.ROUTES]\nrow = "${upstream}"`);
  expect(faults).toEqual([]);
  return warnings;
}

describe("D: check-config warns of an upstream", () => {
  it.each<[string, string]>([
    ["https://10.0.0.5", "is an address of a private network"],
    ["https://192.168.1.1:5000", "is an address of a private network"],
    ["https://172.16.0.1", "is an address of a private network"],
    ["https://172.31.255.1", "is an address of a private network"],
    ["https://100.64.0.1", "is an address of a private network"],
    ["https://169.254.1.1", "is an address of a private network"],
    ["https://[fd00::1]", "is an address of a private network"],
    ["https://[fe80::1]", "is an address of a private network"],
    // What a URL parser makes an address of.
    ["https://0x0a000005", "is an address of a private network"],
    ["https://8.8.8.8", "is an address, and Cloudflare lets Workers reach hosts by name only (error 1003)"],
    ["https://172.32.0.1", "is an address, and"],
    ["https://100.128.0.1", "is an address, and"],
    ["https://[2001:db8::1]", "is an address, and"],
    ["https://registry", "is a name of a private network"],
    ["https://harbor.local", "is a name of a private network"],
    ["https://harbor.corp.internal:8443", "is a name of a private network"],
    ["http://localhost:5000", "is this machine: `npm start` reaches it"],
    ["https://127.0.0.1:5000", "is this machine"],
    ["http://[::1]:5000", "is this machine"],
    ["https://hub.docker.com", "is not a registry: write https://registry-1.docker.io"],
    ["https://github.com", "is not a registry: write https://ghcr.io"],
    ["https://gitlab.com", "is not a registry: write https://registry.gitlab.com"],
    ["https://gallery.ecr.aws", "is not a registry: write https://public.ecr.aws"],
    ["https://auth.docker.io", "is not a registry: write https://registry-1.docker.io"],
  ])("%s", (upstream, expected) => {
    const warnings = warningsOf(upstream);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^warning: ROUTES, row "row": https?:/);
    expect(warnings[0]).toContain(expected);
  });

  it("once for all its rows, and of each mirror", () => {
    const { warnings } = reportOf(
      '[vars.ROUTES]\na = "https://10.0.0.5"\nb = "https://10.0.0.5"\nc = { upstream = "https://ghcr.io", mirrors = "https://github.com" }',
    );
    expect(warnings).toEqual([
      expect.stringContaining('row "a": https://10.0.0.5 is'),
      expect.stringContaining('row "c": https://github.com is not a registry'),
    ]);
  });
});

describe("D: check-config does not warn of an upstream", () => {
  it.each([
    ...KNOWN_REGISTRIES.map(({ upstream }) => upstream),
    "https://docker.io",
    "https://quay.io",
    "https://harbor.corp.example",
    "https://europe-docker.pkg.dev",
    "https://registry.example.com:5443",
    "https://10.example.com",
  ])("%s", (upstream) => {
    expect(warningsOf(upstream)).toEqual([]);
  });
});
