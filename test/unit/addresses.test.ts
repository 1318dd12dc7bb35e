// Addresses of callers (S14): every spelling of one address is one address, and what is none is none.
import { BlockList, isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callerAddress, callerNetwork } from "../../src/access/addresses.ts";
import { isWithin, parseAddress } from "../../src/distribution/ip.ts";

const byte = fc.integer({ min: 0, max: 255 });
const four = fc.array(byte, { minLength: 4, maxLength: 4 }).map((parts) => parts.join("."));
const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const six = fc.array(group, { minLength: 8, maxLength: 8 });

/** Every way to write eight groups: padded or not, in either case, with any run of zeros left out, with IPv4 in it. */
function spellingsOf(groups: readonly number[]): string[] {
  const plain = groups.map((value) => value.toString(16));
  const padded = plain.map((word) => word.padStart(4, "0"));
  const quad = groups.slice(6).flatMap((value) => [value >> 8, value & 255]);
  const withFour = [...plain.slice(0, 6), quad.join(".")];
  const whole = [plain, padded, withFour].map((words) => words.join(":"));
  const shortened: string[] = [];
  for (let start = 0; start < 8; start += 1) {
    for (let end = start + 1; end <= 8 && groups[end - 1] === 0; end += 1) {
      shortened.push(`${plain.slice(0, start).join(":")}::${plain.slice(end).join(":")}`);
    }
  }
  return [...whole, ...shortened].flatMap((text) => [text, text.toUpperCase()]);
}

describe("S14: an address", () => {
  it("of IPv6 is the same in all its spellings", () => {
    fc.assert(
      fc.property(six, (groups) => {
        const bits = groups.reduce((sum, value) => (sum << 16n) | BigInt(value), 0n);
        fc.pre(bits >> 32n !== 0xffffn);
        for (const text of spellingsOf(groups)) {
          expect(isIPv6(text), text).toBe(true);
          expect(parseAddress(text), text).toEqual({ family: 6, bits });
        }
      }),
    );
  });

  it("of IPv4 is the same in IPv6", () => {
    fc.assert(
      fc.property(four, (text) => {
        const address = parseAddress(text);
        expect(address?.family).toBe(4);
        expect(parseAddress(`::ffff:${text}`)).toEqual(address);
        expect(parseAddress(`0:0:0:0:0:FFFF:${text}`)).toEqual(address);
      }),
    );
  });

  it("is what Node takes for one, but for zones", () => {
    const odd = fc
      .array(
        fc.constantFrom(":", "::", ".", "0", "00", "1", "a", "F", "ffff", "10000", "255", "256", "1.2.3.4"),
        {
          maxLength: 17,
        },
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(odd, (text) => {
        expect(parseAddress(text) !== undefined, text).toBe(isIPv4(text) || isIPv6(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.4.",
    "1.2.3.4.5",
    "01.2.3.4",
    "0x1.2.3.4",
    "16909060",
    "1.2.3.4:80",
    "1.2.3.4, 5.6.7.8",
    " 1.2.3.4",
    "[::1]",
    "::1%eth0",
    "::1/64",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4::5:6:7:8",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::12345",
    ":1:2:3:4:5:6:7",
  ])("is not %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it("is within a network as Node's BlockList has it", () => {
    const family = (text: string): "ipv4" | "ipv6" => (isIPv4(text) ? "ipv4" : "ipv6");
    const near = fc.tuple(
      fc.constantFrom("192.0.2.0", "192.0.2.129", "2001:db8::", "2001:db8:0:1::", "::"),
      fc.constantFrom("192.0.2.1", "192.0.3.1", "2001:db8::1", "2001:db8:0:2::1", "ffff::"),
      fc.integer({ min: 0, max: 128 }),
    );
    fc.assert(
      fc.property(near, ([base, text, bits]) => {
        // For Node, an IPv4 address is in every IPv6 network of ::ffff:0:0; here the two families stand apart.
        fc.pre(family(base) === family(text));
        const length = Math.min(bits, isIPv4(base) ? 32 : 128);
        const list = new BlockList();
        list.addSubnet(base, length, family(base));
        const [network, address] = [parseAddress(base), parseAddress(text)];
        if (network === undefined || address === undefined) throw new TypeError("no address");
        expect(isWithin(address, { ...network, length })).toBe(list.check(text, family(text)));
      }),
    );
  });
});

it("S14: no IPv4 address is within an IPv6 network, not even of all", () => {
  const [all, address] = [parseAddress("::"), parseAddress("192.0.2.1")];
  if (all === undefined || address === undefined) throw new TypeError("no address");
  expect(isWithin(address, { ...all, length: 0 })).toBe(false);
});

describe("S14: the caller", () => {
  const of = (headers: Record<string, string>): string => callerNetwork(new Headers(headers));

  it.each<[string, Record<string, string>]>([
    ["no header", {}],
    ["no address", { "CF-Connecting-IP": "unknown" }],
    ["two addresses", { "CF-Connecting-IP": "192.0.2.1, 192.0.2.2" }],
    ["the address of a Worker", { "CF-Connecting-IP": "2a06:98c0:3600::103" }],
    ["a request that a Worker sent", { "CF-Connecting-IP": "192.0.2.1", "CF-Worker": "example.com" }],
    ["another proxy's word", { "X-Forwarded-For": "192.0.2.1", "X-Real-IP": "192.0.2.1" }],
  ])("%s: has no address, and is of the one network of all without", (_, headers) => {
    expect(callerAddress(new Headers(headers))).toBeUndefined();
    expect(of(headers)).toBe("none");
  });

  it("is one with his IPv6 /64, and alone with his IPv4 address, however they are written", () => {
    const networks = [
      ["192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"],
      ["192.0.2.2"],
      ["2001:db8:0:1::1", "2001:DB8:0:1:ffff:ffff:ffff:ffff"],
      ["2001:db8:0:2::1"],
      ["2a06:98c0:3601::1"],
      ["::192.0.2.1"],
    ];
    const names = networks.map((all) => new Set(all.map((text) => of({ "CF-Connecting-IP": text }))));
    expect(names.map((name) => name.size)).toEqual(networks.map(() => 1));
    expect(new Set(names.flatMap((name) => [...name])).size).toBe(networks.length);
  });
});
