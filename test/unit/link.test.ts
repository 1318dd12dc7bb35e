// The Link header, by which lists lead to their next page.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatLink, parseLinks, type Link } from "../../src/distribution/link.ts";

function parsed(header: string | null): [string, Record<string, string>][] {
  return parseLinks(header).map(({ target, parameters }) => [target, Object.fromEntries(parameters)]);
}

describe("a header", () => {
  it.each<[string, string | null, [string, Record<string, string>][]]>([
    ["that is missing", null, []],
    ["that is empty", "", []],
    [
      "as distribution writes it",
      '</v2/a/tags/list?last=b&n=2>; rel="next"',
      [["/v2/a/tags/list?last=b&n=2", { rel: "next" }]],
    ],
    [
      "as quay writes it",
      '</v2/a/tags/list?n=2&next_page=g%3D%3D>; rel="next"',
      [["/v2/a/tags/list?n=2&next_page=g%3D%3D", { rel: "next" }]],
    ],
    [
      "with an absolute address",
      "<https://r.example/v2/_catalog?n=1>;rel=next",
      [["https://r.example/v2/_catalog?n=1", { rel: "next" }]],
    ],
    [
      "with spaces around everything",
      ' <a> ; rel = "next" ; title = x ',
      [["a", { rel: "next", title: "x" }]],
    ],
    [
      "with two links",
      '<a>; rel="prev", <b>; rel="next"',
      [
        ["a", { rel: "prev" }],
        ["b", { rel: "next" }],
      ],
    ],
    [
      "with a comma and a bracket in quotes",
      '<a>; title="x, <b>; y"; rel=next',
      [["a", { title: "x, <b>; y", rel: "next" }]],
    ],
    ["with a comma in the address", '<a,b;c>; rel="next"', [["a,b;c", { rel: "next" }]]],
    ["with escaped quotes", '<a>; title="x\\"y\\\\z"', [["a", { title: 'x"y\\z' }]]],
    ["with names in upper case", '<a>; REL="next"', [["a", { rel: "next" }]]],
    ["with a repeated parameter", "<a>; rel=first; rel=second", [["a", { rel: "first" }]]],
    ["with a parameter without value", "<a>; crossorigin; rel=next", [["a", { rel: "next" }]]],
    ["with an empty address", "<>; rel=next", [["", { rel: "next" }]]],
    ["without parameters", "<a>", [["a", {}]]],
    ["with an address that never ends", "<abc", []],
    ["with a quote that never ends", '<a>; rel="next', [["a", { rel: "next" }]]],
    [
      "with stray signs",
      "<a>;;=;,=,<b>;=x",
      [
        ["a", {}],
        ["b", {}],
      ],
    ],
    ["of prose", "see the next page", []],
  ])("%s", (_, header, expected) => {
    expect(parsed(header)).toEqual(expected);
  });

  it("longer than 16 KiB has none (S17)", () => {
    expect(parseLinks(`<${"a".repeat(16 * 1024)}>`)).toEqual([]);
  });

  it.each([';a="', "<", ">", "<>", "<>;", '"', "=", ";", "<a>;b", "a=", " ", ",", "\\"])(
    "of 16 KiB of %j takes linear time (S17)",
    (part) => {
      for (const before of ["", "<a>; ", '<a>; rel="']) {
        const header = (before + part.repeat(16 * 1024)).slice(0, 16 * 1024);
        for (let times = 0; times < 10; times += 1) expect(Array.isArray(parseLinks(header))).toBe(true);
      }
    },
  );
});

describe("parsing and formatting", () => {
  const target = fc.string({ unit: "binary" }).map((text) => text.replaceAll(">", ""));
  const name = fc.stringMatching(/^[a-z0-9*_-]{1,8}$/);
  const value = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.constantFrom('"', "\\", ", <b>", ";"),
  );
  const link: fc.Arbitrary<Link> = fc.record({
    target,
    parameters: fc.array(fc.tuple(name, value), { maxLength: 4 }).map((entries) => new Map(entries)),
  });

  it("are inverse for every list of links", () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 4 }), (links) => {
        expect(parseLinks(links.map(formatLink).join(", "))).toEqual(links);
      }),
      { numRuns: 1000 },
    );
  });

  it("throw for no input whatsoever, and what was understood once is understood again", () => {
    const pieces = fc.constantFrom("<", ">", ";", "=", '"', ",", " ", "a", "\\", "\ud800", "rel");
    const anything = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(anything, (header) => {
        const once = parseLinks(header);
        expect(parseLinks(once.map(formatLink).join(", "))).toEqual(once);
      }),
      { numRuns: 2000 },
    );
  });
});
