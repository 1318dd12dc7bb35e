// Names, tags and digests against the grammar of the OCI specifications.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  algorithmOf,
  formatReference,
  parseDigest,
  parseRepositoryName,
  parseTag,
  type Reference,
} from "../../src/distribution/reference.ts";

const HEX64 = "0123456789abcdef".repeat(4);

describe("a repository name", () => {
  it.each([
    "nginx",
    "library/nginx",
    "a/b/c/d/e",
    "0/1",
    "a.b_c__d-e---f",
    "ghcr.io/owner/image",
    "auth",
    "tags/list",
    "a/manifests/b",
    "blobs/uploads",
    "xn--bcher-kva/x",
    "a".repeat(255),
  ])("may be %s", (name) => {
    expect(parseRepositoryName(name)).toBe(name);
  });

  it.each([
    ["is empty", ""],
    ["is too long", "a".repeat(256)],
    ["has upper case", "GHCR.IO/x"],
    ["begins with a slash", "/a"],
    ["ends with a slash", "a/"],
    ["has an empty part", "a//b"],
    ["is a dot", "."],
    ["has a dot segment", "a/../b"],
    ["has three underscores", "a___b"],
    ["has two dots", "a..b"],
    ["mixes separators", "a._b"],
    ["begins with a separator", "-a"],
    ["ends with a separator", "a/b-"],
    ["has an escaped slash", "a%2fb"],
    ["has an escaped null", "a%00"],
    ["has a colon", "localhost:5000/a"],
    ["has a space", "a b"],
    ["has a backslash", "a\\b"],
    ["ends with a line feed", "a\n"],
    ["has a null", "a\0"],
    ["has letters beyond ASCII", "caf\u00e9"],
    ["has a letter that folds to ASCII", "doc\u212aer"],
  ])("is none that %s", (_, name) => {
    expect(parseRepositoryName(name)).toBeUndefined();
  });

  it("agrees with the specification's expression on every short text", () => {
    const component = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";
    const specification = new RegExp(`^${component}(/${component})*$`);
    const text = fc.string({ unit: fc.constantFrom(...Array.from("ab1._-/A%:")), maxLength: 12 });
    fc.assert(
      fc.property(text, (name) => (parseRepositoryName(name) !== undefined) === specification.test(name)),
    );
  });

  it.each(["a-", "a.", "a_", "a/", "-", "__", "aa"])(
    "is judged in linear time, though long (S17): %s",
    (part) => {
      expect(parseRepositoryName(part.repeat(100_000))).toBeUndefined();
      expect(parseRepositoryName(`${part.repeat(120)}!`)).toBeUndefined();
    },
  );
});

describe("a tag", () => {
  it.each(["latest", "1.27-alpine", "_", "V1", "a..b", "sha256-abc.sig", "a".repeat(128)])(
    "may be %s",
    (tag) => {
      expect(parseTag(tag)).toBe(tag);
    },
  );

  it.each(["", ".a", "-a", "a/b", "a:b", "a b", "a%20", "a\n", "a".repeat(129), "\u00e9", "a\0", ".."])(
    "may not be %j",
    (tag) => {
      expect(parseTag(tag)).toBeUndefined();
    },
  );
});

describe("a digest", () => {
  it.each([
    `sha256:${HEX64}`,
    `sha384:${HEX64.slice(0, 32)}${HEX64}`,
    `sha512:${HEX64}${HEX64}`,
    "blake3:abcdef",
    "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
    "a.b-c_d+e:x=",
    "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
  ])("may be %s", (digest) => {
    expect(parseDigest(digest)).toBe(digest);
    expect(digest.startsWith(`${algorithmOf(parseDigest(digest) ?? ("" as never))}:`)).toBe(true);
  });

  it.each([
    ["has no algorithm", `:${HEX64}`],
    ["has no hash", "sha256:"],
    ["has no colon", "sha256"],
    ["is short", `sha256:${HEX64.slice(1)}`],
    ["is long", `sha256:${HEX64}0`],
    ["has upper-case digits", `sha256:${HEX64.toUpperCase()}`],
    ["has an upper-case algorithm", `SHA256:${HEX64}`],
    ["is of sha384 with sha256's length", `sha384:${HEX64}`],
    ["is of sha512 with sha256's length", `sha512:${HEX64}`],
    ["has a slash", "blake3:a/b"],
    ["has dots for a hash", "blake3:.."],
    ["has two colons", "a:b:c"],
    ["ends with a line feed", "blake3:a\n"],
    ["is too long", `blake3:${"a".repeat(300)}`],
  ])("is none that %s", (_, digest) => {
    expect(parseDigest(digest)).toBeUndefined();
  });

  it.each(["constructor", "valueof", "tostring", "proto"])(
    "of the unknown algorithm %s passes like any unknown one",
    (algorithm) => {
      expect(parseDigest(`${algorithm}:abc`)).toBe(`${algorithm}:abc`);
    },
  );

  it.each(["a.", "a+", "a:", "a=", "a-_"])("is judged in linear time, though long (S17): %s", (part) => {
    expect(parseDigest(part.repeat(100_000))).toBeUndefined();
  });
});

describe("a reference", () => {
  it("stands in a path as it is", () => {
    const tag: Reference = { kind: "tag", tag: "v1" as never };
    const digest: Reference = { kind: "digest", digest: `sha256:${HEX64}` as never };
    expect(formatReference(tag)).toBe("v1");
    expect(formatReference(digest)).toBe(`sha256:${HEX64}`);
  });
});

describe("the grammars", () => {
  it("throw for no input whatsoever", () => {
    const anything = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    });
    fc.assert(
      fc.property(anything, (text) => {
        for (const parsed of [parseRepositoryName(text), parseTag(text), parseDigest(text)]) {
          expect([text, undefined]).toContain(parsed);
        }
      }),
    );
  });
});
