// Queries stay as they came, byte for byte, except for the parts that are mapped (S8).
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { joinQuery, queryPart, splitQuery } from "../../src/distribution/query.ts";

describe("a query", () => {
  it.each<[string, [string, string][]]>([
    ["", []],
    ["?", []],
    [
      "?a&&b",
      [
        ["a", ""],
        ["", ""],
        ["b", ""],
      ],
    ],
    ["?ns=docker.io", [["ns", "docker.io"]]],
    ["ns=docker.io", [["ns", "docker.io"]]],
    [
      "?a=b&a=c",
      [
        ["a", "b"],
        ["a", "c"],
      ],
    ],
    ["?a", [["a", ""]]],
    ["?a=", [["a", ""]]],
    ["?=a", [["", "a"]]],
    ["?a=b=c", [["a", "b=c"]]],
    ["?a=b+c%2Bd", [["a", "b c+d"]]],
    [
      "?digest=sha256%3Aab&from=a%2Fb",
      [
        ["digest", "sha256:ab"],
        ["from", "a/b"],
      ],
    ],
    ["?%6es=docker.io", [["ns", "docker.io"]]],
    ["?ns=docker.io%00", [["ns", "docker.io\0"]]],
    ["?n%=%zz", [["n%", "%zz"]]],
    ["?a=%ff", [["a", "%ff"]]],
    ["??a=b", [["?a", "b"]]],
    ["?__proto__=x", [["__proto__", "x"]]],
  ])("%s is split and decoded", (search, expected) => {
    expect(splitQuery(search).map(({ name, value }) => [name, value])).toEqual(expected);
  });

  it.each([
    "?_state=a+b%2f%2F~'()&X=%zz",
    "?n=2&last=%E4",
    "?a&b=&=c",
    "?sig=a%3d%3D&se=2026-01-01T00:00:00Z",
  ])("%s is joined byte for byte (S8)", (search) => {
    expect(joinQuery(splitQuery(search))).toBe(search);
  });

  it("loses exactly the parts that are taken out (S8)", () => {
    const rest = splitQuery("?a=%2f&%6es=docker.io&b=+&ns=x").filter(({ name }) => name !== "ns");
    expect(joinQuery(rest)).toBe("?a=%2f&b=+");
    expect(joinQuery(splitQuery("?ns=x").filter(({ name }) => name !== "ns"))).toBe("");
  });

  it("is the same after splitting and joining, whatever it holds (S8)", () => {
    const unit = fc.constantFrom(...Array.from("ab=%25&+?#/ \u00e9"));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit })), (text) => {
        expect(joinQuery(splitQuery(`?${text}`))).toBe(text === "" ? "" : `?${text}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("is read as the platform reads it, where it decodes", () => {
    const pair = fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const parts = splitQuery(`?${new URLSearchParams(pairs).toString()}`);
        expect(parts.map(({ name, value }) => [name, value])).toEqual(pairs);
      }),
    );
  });

  it.each(["&", "a=", "%", "a=b&", "="])("of a long text of %j takes linear time (S17)", (part) => {
    expect(Array.isArray(splitQuery(part.repeat(200_000)))).toBe(true);
  });
});

describe("a part made here", () => {
  it("keeps slashes and colons readable", () => {
    expect(queryPart("from", "library/nginx").raw).toBe("from=library/nginx");
    expect(queryPart("digest", "sha256:ab").raw).toBe("digest=sha256:ab");
  });

  it("is read back as it was made, and cannot grow into two", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("&", "=", "+", "%2F", "%252F", "#", "a b"),
    );
    fc.assert(
      fc.property(text, text, (name, value) => {
        expect(splitQuery(joinQuery([queryPart(name, value)]))).toEqual([queryPart(name, value)]);
      }),
      { numRuns: 1000 },
    );
  });
});
