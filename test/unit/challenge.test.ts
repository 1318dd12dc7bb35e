// WWW-Authenticate as registries really write it.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatChallenge,
  isScheme,
  parseChallenges,
  type Challenge,
} from "../../src/distribution/challenge.ts";

/** Challenges as plain arrays, for comparing. */
function parsed(header: string | null): [string, Record<string, string>][] {
  return parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);
}

describe("a header", () => {
  it.each<[string, string | null, [string, Record<string, string>][]]>([
    ["that is missing", null, []],
    ["that is empty", "", []],
    ["of commas and spaces", " , ,, ", []],
    [
      "with spaces around the equals sign",
      'Bearer realm = "a" , service= b',
      [["Bearer", { realm: "a", service: "b" }]],
    ],
    ["with tabs", 'Bearer\trealm="a",\tservice="b"', [["Bearer", { realm: "a", service: "b" }]]],
    ["in upper case", 'BEARER REALM="A"', [["BEARER", { realm: "A" }]]],
    ["without commas", 'Bearer realm="a" service="b"', [["Bearer", { realm: "a", service: "b" }]]],
    ["of a scheme alone", "Negotiate", [["Negotiate", {}]]],
    [
      "with Basic before Bearer",
      'Basic realm="x", Bearer realm="y",service="z"',
      [
        ["Basic", { realm: "x" }],
        ["Bearer", { realm: "y", service: "z" }],
      ],
    ],
    [
      "with a bare scheme before Bearer",
      'Negotiate, Bearer realm="y"',
      [
        ["Negotiate", {}],
        ["Bearer", { realm: "y" }],
      ],
    ],
    [
      "with three challenges",
      'Bearer realm="a", Basic realm="b", Digest realm="c"',
      [
        ["Bearer", { realm: "a" }],
        ["Basic", { realm: "b" }],
        ["Digest", { realm: "c" }],
      ],
    ],
    [
      "with a comma in quotes",
      'Bearer scope="repository:a:pull,push",realm="r"',
      [["Bearer", { scope: "repository:a:pull,push", realm: "r" }]],
    ],
    [
      "with a challenge in quotes",
      'Bearer realm="a, Basic realm=b"',
      [["Bearer", { realm: "a, Basic realm=b" }]],
    ],
    ["with escaped quotes", 'Bearer realm="a\\"b\\\\c"', [["Bearer", { realm: 'a"b\\c' }]]],
    [
      "with an unquoted address",
      "Bearer realm=https://a.example/t?x=y,service=z",
      [["Bearer", { realm: "https://a.example/t?x=y", service: "z" }]],
    ],
    ["with an empty unquoted value", 'Bearer realm=,service="z"', [["Bearer", { realm: "", service: "z" }]]],
    ["with a repeated parameter", 'Bearer realm="first",Realm="second"', [["Bearer", { realm: "first" }]]],
    ["with a quote that never ends", 'Bearer realm="a, service=b', [["Bearer", { realm: "a, service=b" }]]],
    ["that ends in a backslash", 'Bearer realm="a\\', [["Bearer", { realm: "a" }]]],
    ["with empty members", 'Bearer realm="a",,service="b",', [["Bearer", { realm: "a", service: "b" }]]],
    [
      "with a parameter called like a method of objects",
      'Bearer __proto__="x",constructor=y',
      [
        [
          "Bearer",
          Object.fromEntries([
            ["__proto__", "x"],
            ["constructor", "y"],
          ]),
        ],
      ],
    ],
  ])("%s", (_, header, expected) => {
    expect(parsed(header)).toEqual(expected);
  });

  it("goes on after a token68, which registries do not use", () => {
    expect(parsed('Negotiate YWJjZA==, Bearer realm="r"').at(-1)).toEqual(["Bearer", { realm: "r" }]);
  });

  it("longer than 16 KiB is none (S17)", () => {
    expect(parsed(`Bearer realm="${"a".repeat(16 * 1024)}"`)).toEqual([]);
  });

  it("has at most 64 parameters to a challenge (S17)", () => {
    const many = Array.from({ length: 200 }, (_, index) => `p${index}="x"`).join(",");
    expect(parseChallenges(`Bearer ${many}`)[0]?.parameters.size).toBe(64);
  });

  it.each([';a="', '"', "a=", "a ", "a", "\\", 'a="\\', " ", ",", '="', 'a="b",', "é", "\0"])(
    "of 16 KiB of %j takes linear time (S17)",
    (part) => {
      for (const before of ["", "Bearer ", 'Bearer realm="']) {
        const header = (before + part.repeat(16 * 1024)).slice(0, 16 * 1024);
        for (let times = 0; times < 10; times += 1) expect(Array.isArray(parseChallenges(header))).toBe(true);
      }
    },
  );
});

const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const value = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: "binary" }),
  fc.constantFrom('"', "\\", '\\"', ", Basic realm=", "a=b", " "),
);
const challenge: fc.Arbitrary<Challenge> = fc.record({
  scheme: token,
  parameters: fc
    .array(
      fc.tuple(
        token.map((name) => name.toLowerCase()),
        value,
      ),
      { maxLength: 6 },
    )
    .map((entries) => new Map(entries)),
});

describe("parsing and formatting", () => {
  it("are inverse for every challenge", () => {
    fc.assert(
      fc.property(challenge, (each) => {
        expect(parseChallenges(formatChallenge(each))).toEqual([each]);
      }),
      { numRuns: 1000 },
    );
  });

  it("are inverse for a list of challenges on one line", () => {
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 4 }), (list) => {
        expect(parseChallenges(list.map(formatChallenge).join(", "))).toEqual(list);
      }),
    );
  });

  it("throw for no input whatsoever, and what was understood once is understood again", () => {
    const pieces = fc.constantFrom(
      "Bearer",
      "Basic",
      " ",
      ",",
      "=",
      '"',
      "\\",
      "realm",
      "scope",
      "a",
      "\ud800",
      "\t",
    );
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    const full = (each: Challenge): boolean => [...each.parameters.values()].every((text) => text !== "");
    fc.assert(
      fc.property(anything, (header) => {
        const once = parseChallenges(header).filter(full);
        expect(parseChallenges(once.map(formatChallenge).join(", "))).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a formatted challenge", () => {
  it("has quotes around every value and no empty parameter, for docker's and podman's parsers", () => {
    const parameters = new Map([
      ["realm", "https://a.example/v2/auth"],
      ["scope", ""],
      ["Service", "a"],
    ]);
    expect(formatChallenge({ scheme: "Bearer", parameters })).toBe(
      'Bearer realm="https://a.example/v2/auth",service="a"',
    );
  });

  it("without parameters is its scheme", () => {
    expect(formatChallenge({ scheme: "Basic", parameters: new Map([["realm", ""]]) })).toBe("Basic");
  });
});

describe("a scheme", () => {
  it.each(["bearer", "Bearer", "BEARER"])("%s is Bearer", (scheme) => {
    expect(isScheme({ scheme, parameters: new Map() }, "bearer")).toBe(true);
    expect(isScheme({ scheme, parameters: new Map() }, "basic")).toBe(false);
  });
});
