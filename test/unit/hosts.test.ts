// What a request may call us, and which hosts are never reached from outside.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAddress, isLocalName, isLoopback, parseHost } from "../../src/distribution/hosts.ts";

describe("a Host header", () => {
  it.each([
    ["docker.example.com", "docker.example.com", "docker.example.com"],
    ["Docker.Example.COM", "docker.example.com", "docker.example.com"],
    ["docker.example.com:8787", "docker.example.com", "docker.example.com:8787"],
    ["docker.example.com.", "docker.example.com", "docker.example.com"],
    ["docker.example.com.:443", "docker.example.com", "docker.example.com:443"],
    ["localhost:8787", "localhost", "localhost:8787"],
    ["127.0.0.1:8787", "127.0.0.1", "127.0.0.1:8787"],
    ["[::1]", "[::1]", "[::1]"],
    ["[::1]:8787", "[::1]", "[::1]:8787"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["a", "a", "a"],
  ])("%s is %s at %s", (text, name, authority) => {
    expect(parseHost(text)).toEqual({ name, authority });
  });

  it.each([
    "",
    ".",
    ":80",
    "a:",
    "a:port",
    "a:123456",
    "a b",
    "a/b",
    "a@b",
    "user:pw@a",
    "a?b",
    "a#b",
    "a\\b",
    'a"b',
    "a<b>",
    "a,b",
    "a\n",
    "a\r\nX: y",
    "-a",
    "a-",
    "a..",
    "[::1",
    "::1",
    "[zz]",
    "caf\u00e9.example",
    "a%2eb",
    "a".repeat(300),
  ])("is not %j", (text) => {
    expect(parseHost(text)).toBeUndefined();
  });

  it("that is taken can stand in the address of a realm, and throws for no input whatsoever", () => {
    const letters = fc.string({ unit: fc.constantFrom(...Array.from('aZ0.-:[]/@?#\\" _')) });
    fc.assert(
      fc.property(fc.oneof(letters, fc.string({ unit: "binary" })), (text) => {
        const host = parseHost(text);
        if (host === undefined) return;
        expect(host.authority).toMatch(/^[a-z0-9._:[\]-]+$/);
        expect(host.authority.startsWith(host.name)).toBe(true);
        expect(parseHost(host.authority)).toEqual(host);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["a", "a.", "a-", "-", ".", "[", ":1"])("of a long row of %j takes linear time (S17)", (part) => {
    expect(parseHost(`${part.repeat(200_000)}!`)).toBeUndefined();
  });
});

/** The host name as a URL has it. */
const hostname = (host: string): string => new URL(`https://${host}/`).hostname;

describe("loopback", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "127.1",
    "127.255.0.9",
    "0x7f.1",
    "2130706433",
    "[::1]",
    "[0:0::1]",
  ])("is %s", (host) => {
    expect(isLoopback(hostname(host))).toBe(true);
  });

  it.each([
    "localhost.example.com",
    "127.0.0.1.example.com",
    "128.0.0.1",
    "[::2]",
    "0.0.0.0",
    "[::]",
    "a.localhost",
  ])("is not %s", (host) => {
    expect(isLoopback(hostname(host))).toBe(false);
  });
});

describe("an address (S5)", () => {
  it.each([
    "10.0.0.1",
    "1",
    "0x0a.1",
    "017.0.0.1",
    "3232235521",
    "1.2.3.4.",
    "[fe80::1]",
    "[::ffff:10.0.0.1]",
    "[::]",
  ])("is %s in any spelling", (host) => {
    expect(isAddress(hostname(host))).toBe(true);
  });

  it.each(["example.com", "1.2.3.4.example.com", "localhost", "a1.b2"])("is not %s", (host) => {
    expect(isAddress(hostname(host))).toBe(false);
  });
});

describe("a local name (S5)", () => {
  it.each([
    "localhost",
    "localhost.",
    "localhost..",
    "a.localhost",
    "router",
    "router.",
    "nas.local",
    "nas.local.",
    "a.b.internal",
    "LOCAL",
  ])("is %s", (host) => {
    expect(isLocalName(hostname(host))).toBe(true);
  });

  it.each(["example.com", "local.example.com", "notlocal.example", "x.mylocal", "internal.example"])(
    "is not %s",
    (host) => {
      expect(isLocalName(hostname(host))).toBe(false);
    },
  );
});
