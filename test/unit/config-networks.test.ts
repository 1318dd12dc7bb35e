// ALLOWED_IPS: addresses and networks, each in the one way that means something (S14).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";
import {
  formatAddress,
  formatNetwork,
  isWithin,
  networkOf,
  parseAddress,
} from "../../src/distribution/ip.ts";

const ROUTES = { a: "https://registry.example.com" };

function faultsOf(ALLOWED_IPS: unknown): string[] {
  const result = readConfig({ ROUTES, ALLOWED_IPS });
  return result.ok ? [] : result.faults.map(describeFault);
}

function networksOf(ALLOWED_IPS: unknown): string[] {
  const result = readConfig({ ROUTES, ALLOWED_IPS });
  if (!result.ok) throw new Error(result.faults.map(describeFault).join("\n"));
  return result.config.access.networks.map(formatNetwork);
}

describe("S14: ALLOWED_IPS", () => {
  it.each<[unknown, string[]]>([
    ["192.0.2.1", ["192.0.2.1"]],
    ["192.0.2.1/32", ["192.0.2.1"]],
    ["192.0.2.0/24, 2001:db8::/32\n198.51.100.7", ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]],
    [
      ["128.0.0.0/1", "2001:DB8:0:0::1"],
      ["128.0.0.0/1", "2001:db8::1"],
    ],
    ["2001:db8::/128", ["2001:db8::"]],
    ["8000::/1", ["8000::/1"]],
    // IPv4 in IPv6 counts as IPv4.
    ["::ffff:192.0.2.1", ["192.0.2.1"]],
    ["::ffff:192.0.2.0/120", ["192.0.2.0/24"]],
    ["::FFFF:c000:200/120", ["192.0.2.0/24"]],
    // What Cloudflare's Workers ask from is a part of it, and does not count all the same.
    ["2a06:98c0:3600::/40", ["2a06:98c0:3600::/40"]],
    ["2a06:98c0:3601::/48", ["2a06:98c0:3601::/48"]],
  ])("are read: %j", (value, expected) => {
    expect(networksOf(value)).toEqual(expected);
  });

  it.each<[string, string]>([
    [
      "192.0.2.5/24",
      'has "192.0.2.5/24", an address and not a network: write "192.0.2.0/24", or "192.0.2.5"',
    ],
    [
      "2001:db8::1/64",
      'has "2001:db8::1/64", an address and not a network: write "2001:db8::/64", or "2001:db8::1"',
    ],
    [
      "::ffff:192.0.2.5/120",
      'has "::ffff:192.0.2.5/120", an address and not a network: write "192.0.2.0/24", or "192.0.2.5"',
    ],
    ["0.0.0.1/31", 'has "0.0.0.1/31", an address and not a network: write "0.0.0.0/31", or "0.0.0.1"'],
    ["0.0.0.0/0", 'has "0.0.0.0/0", which is everybody: remove ALLOWED_IPS'],
    ["192.0.2.1/0", 'has "192.0.2.1/0", which is everybody: remove ALLOWED_IPS'],
    ["::/0", 'has "::/0", which is everybody: remove ALLOWED_IPS'],
    ["::ffff:0:0/96", 'has "::ffff:0:0/96", which is everybody'],
    ["::ffff:192.0.2.0/24", 'has "::ffff:192.0.2.0/24", which is everybody'],
    [
      "192.0.2.0/33",
      'has "192.0.2.0/33", whose prefix is longer than its address: write 32 at most behind the slash',
    ],
    [
      "2001:db8::/129",
      'has "2001:db8::/129", whose prefix is longer than its address: write 128 at most behind the slash',
    ],
    ["2a06:98c0:3600::/48", 'has "2a06:98c0:3600::/48", from where Cloudflare\'s Workers ask'],
    ["2a06:98c0:3600::103", 'has "2a06:98c0:3600::103", from where Cloudflare\'s Workers ask'],
  ])("have one that is told with what to write: %s", (text, expected) => {
    expect(faultsOf(["192.0.2.1", text])).toEqual([expect.stringContaining(`ALLOWED_IPS: ${expected}`)]);
  });

  it.each([
    "192.0.2",
    "010.0.0.1",
    "::ffff:010.0.0.1",
    "0x7f.0.0.1",
    "3221225985",
    "192.0.2.256",
    "192.0.2.0/",
    "192.0.2.0/024",
    "192.0.2.0/+8",
    "192.0.2.0/255.255.255.0",
    "192.0.2.0/24/24",
    "192.0.2.1:443",
    "192.0.2.0-192.0.2.9",
    "192.0.2.*",
    "[2001:db8::1]",
    "fe80::1%eth0",
    "2001:db8",
    "example.com",
    "*",
    "0",
    "canary",
    "cafe:canary",
  ])("S20: have one that is none, and is not shown: %s", (text) => {
    const faults = faultsOf(["192.0.2.1", text]);
    expect(faults).toEqual([
      'ALLOWED_IPS: entry 2 is neither an address nor a network: write one such as "192.0.2.0/24" or "2001:db8::/32"',
    ]);
  });

  it("have 500 entries at most", () => {
    const all = Array.from({ length: 501 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    expect(networksOf(all.slice(1))).toHaveLength(500);
    expect(faultsOf(all)).toEqual([
      expect.stringContaining("ALLOWED_IPS: has 501 entries: write 500 at most"),
    ]);
  });
});

describe("S14: a network", () => {
  const bits = (width: number): fc.Arbitrary<bigint> =>
    fc.bigInt({ min: 0n, max: (1n << BigInt(width)) - 1n });
  const address = fc.oneof(
    bits(32).map((value) => ({ family: 4 as const, bits: value })),
    bits(128).map((value) => ({ family: 6 as const, bits: value })),
    // Runs of zeros, as real addresses have them.
    fc
      .array(fc.constantFrom<bigint[]>(0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
      .map((groups) => ({
        family: 6 as const,
        bits: groups.reduce((sum, group) => (sum << 16n) | group, 0n),
      })),
  );

  it("is written as it is read", () => {
    fc.assert(
      fc.property(address, (one) => {
        fc.pre(one.family === 4 || one.bits >> 32n !== 0xffffn);
        expect(parseAddress(formatAddress(one))).toEqual(one);
      }),
    );
  });

  it("has the address that it was made of, and is told as what to write by ALLOWED_IPS", () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 1, max: 128 }), (one, most) => {
        const length = Math.min(most, one.family === 4 ? 32 : 128);
        const network = networkOf(one, length);
        expect(isWithin(one, network)).toBe(true);
        fc.pre(one.family === 4 || one.bits >> 32n !== 0xffffn);
        const [fault] = faultsOf([`${formatAddress(one)}/${length}`]);
        const meant = / write "(.*)", or "(.*)"$/.exec(fault ?? "")?.slice(1);
        expect(meant).toEqual(
          network.bits === one.bits ? undefined : [formatNetwork(network), formatAddress(one)],
        );
      }),
    );
  });
});
