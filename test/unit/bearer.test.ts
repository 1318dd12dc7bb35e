// The bearers that we hand out: told apart from others, and bound to one registry.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ANONYMOUS_BEARER, readToken, wrapToken } from "../../src/access/bearer.ts";

describe("a wrapped token (S3)", () => {
  it("says its registry and keeps the registry's token byte for byte", () => {
    const host = fc.stringMatching(/^[a-z0-9]{1,10}(\.[a-z0-9-]{1,10}){1,3}(:[0-9]{1,5})?$/);
    const token = fc.oneof(
      fc.string({ minLength: 1, unit: "binary" }),
      fc.constantFrom("a.b.c", "ferry.x.y", ".", "a b"),
    );
    fc.assert(
      fc.property(host, token, (registry, inner) => {
        expect(readToken(wrapToken(registry, inner))).toEqual({ kind: "registry", registry, token: inner });
      }),
    );
  });

  it("of one registry is never that of another", () => {
    expect(wrapToken("docker.io", "t")).not.toBe(wrapToken("ghcr.io", "t"));
    expect(readToken(wrapToken("docker.io", wrapToken("ghcr.io", "t")))).toMatchObject({
      registry: "docker.io",
    });
  });
});

describe("a token", () => {
  it.each(["", "x", "eyJhbGciOiJFUzI1NiJ9.e30.sig", "ferry", "Ferry.x.y", " ferry.x.y", "xferry.x.y"])(
    "without our prefix is foreign: %j",
    (token) => {
      expect(readToken(token)).toEqual({ kind: "foreign" });
    },
  );

  it("that is anonymous is known exactly", () => {
    expect(readToken(ANONYMOUS_BEARER)).toEqual({ kind: "anonymous" });
    expect(readToken(`${ANONYMOUS_BEARER}.x`)).toEqual({ kind: "invalid" });
    expect(readToken(`${ANONYMOUS_BEARER} `)).toEqual({ kind: "invalid" });
  });

  it.each([
    "ferry.",
    "ferry..",
    "ferry..token",
    "ferry.ZG9ja2VyLmlv",
    "ferry.ZG9ja2VyLmlv.",
    "ferry.ZG9ja2VyLmlv=.token",
    "ferry.Zh.token",
    "ferry.Z.token",
    "ferry.a b.token",
    "ferry.ANONYMOUS",
  ])("with our prefix that we would not have made is invalid: %j (S2, S3)", (token) => {
    expect(readToken(token)).toEqual({ kind: "invalid" });
  });

  it("with our prefix is never foreign, whatever follows (S2)", () => {
    const rest = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[A-Za-z0-9_.-]*$/));
    fc.assert(
      fc.property(rest, (text) => {
        expect(readToken(`ferry.${text}`).kind).not.toBe("foreign");
      }),
    );
  });

  it("that reads as a registry's is exactly what we would have made", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_-]{0,6}\.[a-z.]{0,4}$/), (text) => {
        const read = readToken(`ferry.${text}`);
        if (read.kind === "registry") expect(wrapToken(read.registry, read.token)).toBe(`ferry.${text}`);
      }),
      { numRuns: 1000 },
    );
  });
});
