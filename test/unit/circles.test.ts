// No file of the Worker imports itself, whatever the way round.
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { preProcessFile } from "typescript";
import { describe, expect, it } from "vitest";
import { FILES, isOfSrc, ROOT } from "./repository.ts";

/** The files that a text imports by relative paths, types included. */
function importsOf(path: string, text: string): string[] {
  return preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(path), name));
}

/** The first way that leads from a file back to itself. */
function circleIn(imports: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  function visit(path: string, way: readonly string[]): string[] | undefined {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of imports.get(path) ?? []) {
      const circle = visit(next, [...way, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  }
  for (const path of imports.keys()) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("no file of src/ imports itself", () => {
  it("by whatever way round, types included", () => {
    const files = FILES.filter(isOfSrc);
    const imports = new Map(
      files.map((path) => [path, importsOf(path, readFileSync(join(ROOT, path), "utf8"))]),
    );
    expect([...imports.values()].flat().length).toBeGreaterThan(files.length);
    expect([...imports.values()].flat().filter((path) => !imports.has(path))).toEqual([]);
    expect(circleIn(imports)).toBeUndefined();
  });

  it.each([
    'import { b } from "./b.ts";',
    'import type { B } from "./b.ts";',
    'export * from "./b.ts";',
    'export type { B } from "./b.ts";',
    'await import("./b.ts");',
    'type B = import("./b.ts").B;',
  ])("and a planted circle is found: %s", (text) => {
    const imports = new Map([
      ["src/a.ts", importsOf("src/a.ts", text)],
      ["src/b.ts", importsOf("src/b.ts", 'import type { C } from "./c/c.ts";')],
      ["src/c/c.ts", importsOf("src/c/c.ts", 'import { a } from "../a.ts";')],
    ]);
    expect(circleIn(imports)).toEqual(["src/a.ts", "src/b.ts", "src/c/c.ts", "src/a.ts"]);
    expect(circleIn(new Map([...imports].slice(0, 2)))).toBeUndefined();
  });
});
