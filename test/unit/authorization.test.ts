// The Authorization header, as clients write it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBasic, parseAuthorization, type Authorization } from "../../src/distribution/authorization.ts";

const NONE: Authorization = { kind: "none" };
const OTHER: Authorization = { kind: "other" };
const basic = (user: string, password: string): Authorization => ({ kind: "basic", user, password });

describe("an Authorization header", () => {
  it.each<[string | null, Authorization]>([
    [null, NONE],
    ["", NONE],
    ["  ", NONE],
    ["Basic", NONE],
    ["Basic ", NONE],
    [`Basic ${btoa(":")}`, NONE],
    [`Basic ${btoa("alice:secret")}`, basic("alice", "secret")],
    [`basic ${btoa("alice:secret")}`, basic("alice", "secret")],
    [`BASIC   ${btoa("alice:secret")}  `, basic("alice", "secret")],
    [`Basic ${btoa("alice:a:b:c")}`, basic("alice", "a:b:c")],
    [`Basic ${btoa("alice:")}`, basic("alice", "")],
    [`Basic ${btoa(":secret")}`, basic("", "secret")],
    [`Basic ${btoa("ghcr.io/alice:secret")}`, basic("ghcr.io/alice", "secret")],
    [`Basic ${btoa("<token>:secret")}`, basic("<token>", "secret")],
    [`Basic ${btoa("alice:\xc3\xa9")}`, basic("alice", "\xc3\xa9")],
    [`Basic ${btoa("alice")}`, OTHER],
    ["Basic !!!", OTHER],
    ["Bearer abc", { kind: "bearer", token: "abc" }],
    ["bearer abc", { kind: "bearer", token: "abc" }],
    ["BEARER  a.b-c ", { kind: "bearer", token: "a.b-c" }],
    ["Bearer", OTHER],
    ["Bearer ", OTHER],
    ["Digest username=x", OTHER],
    ["abc", OTHER],
    [btoa("alice:secret"), OTHER],
  ])("%j is understood", (header, expected) => {
    expect(parseAuthorization(header)).toEqual(expected);
  });

  it("of Basic is read back as it was made, whatever bytes it holds", () => {
    const text = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    const user = text.map((name) => name.replaceAll(":", ""));
    fc.assert(
      fc.property(user, text, (name, password) => {
        fc.pre(name !== "" || password !== "");
        expect(parseAuthorization(formatBasic(name, password))).toEqual(basic(name, password));
      }),
    );
  });

  it("throws for no input whatsoever", () => {
    const anything = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(fc.constantFrom("", "Basic ", "Bearer "), anything, (scheme, text) => {
        expect(["none", "basic", "bearer", "other"]).toContain(parseAuthorization(scheme + text).kind);
      }),
    );
  });
});
