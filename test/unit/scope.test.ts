// Scopes of the token protocol.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatScope, isRepositoryScope, parseScopes, type Scope } from "../../src/distribution/scope.ts";

describe("a scope", () => {
  it.each<[string, Scope[]]>([
    ["", []],
    ["   ", []],
    ["repository:a/b:pull", [{ type: "repository", name: "a/b", actions: ["pull"] }]],
    ["repository:a/b:pull,push", [{ type: "repository", name: "a/b", actions: ["pull", "push"] }]],
    ["repository(plugin):a/b:pull", [{ type: "repository(plugin)", name: "a/b", actions: ["pull"] }]],
    [
      "repository:localhost:5000/a:pull",
      [{ type: "repository", name: "localhost:5000/a", actions: ["pull"] }],
    ],
    ["repository:ghcr.io/a/b:pull", [{ type: "repository", name: "ghcr.io/a/b", actions: ["pull"] }]],
    ["registry:catalog:*", [{ type: "registry", name: "catalog", actions: ["*"] }]],
    ["aws", [{ type: "aws", actions: [] }]],
    ["repository:a", [{ type: "repository:a", actions: [] }]],
    ["repository:a:", [{ type: "repository", name: "a", actions: [] }]],
    ["repository::pull", [{ type: "repository", name: "", actions: ["pull"] }]],
    ["::", [{ type: "", name: "", actions: [] }]],
    ["repository:a:pull,,push,", [{ type: "repository", name: "a", actions: ["pull", "push"] }]],
    [
      "repository:a:pull  repository:b:push\taws\n",
      [
        { type: "repository", name: "a", actions: ["pull"] },
        { type: "repository", name: "b", actions: ["push"] },
        { type: "aws", actions: [] },
      ],
    ],
  ])("%j is understood", (text, expected) => {
    expect(parseScopes(text)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    ["repository:a:pull", true],
    ["repository(plugin):a:pull", true],
    ["repository::pull", true],
    ["repository:a", false],
    ["repository", false],
    ["Repository:a:pull", false],
    ["repository(:a:pull", false],
    ["repositoryx:a:pull", false],
    ["xrepository:a:pull", false],
    ["registry:catalog:*", false],
    ["aws", false],
  ])("%s is about a repository: %s (S8)", (text, expected) => {
    expect(parseScopes(text).map(isRepositoryScope)).toEqual([expected]);
  });

  it("is read 65 times at most, and 8 KiB of it (S17)", () => {
    expect(parseScopes("repository:a:pull ".repeat(1000))).toHaveLength(65);
    const scopes = parseScopes(`a:${"b".repeat(100_000)}:c`);
    expect(scopes.map(formatScope).join(" ").length).toBeLessThanOrEqual(8 * 1024);
  });

  it.each([":", ",", " ", "a:b,", "a:"])("of a long text of %j takes linear time (S17)", (part) => {
    expect(parseScopes(part.repeat(500_000)).length).toBeLessThanOrEqual(65);
  });
});

describe("parsing and formatting", () => {
  const text = (more: string): fc.Arbitrary<string> =>
    fc.string({ unit: fc.constantFrom(...Array.from(`ab/.-_()*${more}`)), maxLength: 10 });
  const scope: fc.Arbitrary<Scope> = fc.oneof(
    fc.record({
      type: text(""),
      name: text(":"),
      actions: fc.array(
        text("").filter((action) => action !== ""),
        { maxLength: 3 },
      ),
    }),
    text("")
      .filter((type) => type !== "")
      .map((type) => ({ type, actions: [] })),
  );

  it("are inverse for every list of scopes", () => {
    fc.assert(
      fc.property(fc.array(scope, { maxLength: 5 }), (scopes) => {
        expect(parseScopes(scopes.map(formatScope).join(" "))).toEqual(scopes);
      }),
      { numRuns: 1000 },
    );
  });

  it("throw for no input whatsoever, and what was understood once is understood again", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), text(": ,")), (input) => {
        const once = parseScopes(input);
        expect(parseScopes(once.map(formatScope).join(" "))).toEqual(once);
      }),
      { numRuns: 1000 },
    );
  });
});
