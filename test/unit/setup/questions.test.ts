// setup asks in English: each of its questions is in the table of both languages that says what it means, and no other is.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ROOT } from "../repository.ts";

const FOLDER = join(ROOT, "scripts/setup");
const YES_OR_NO = " [y/N]";

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** What a question looks like, as it is printed: one pattern for each that an expression can be. */
function patternsOf(node: ts.Expression, source: ts.SourceFile): string[] {
  if (ts.isStringLiteralLike(node)) return [escaped(node.text)];
  if (ts.isTemplateExpression(node))
    return [
      escaped(node.head.text) + node.templateSpans.map((span) => `.+${escaped(span.literal.text)}`).join(""),
    ];
  if (ts.isConditionalExpression(node))
    return [...patternsOf(node.whenTrue, source), ...patternsOf(node.whenFalse, source)];
  if (ts.isIdentifier(node)) {
    const found: string[] = [];
    const look = (inner: ts.Node): void => {
      const isIt = ts.isVariableDeclaration(inner) && inner.name.getText(source) === node.text;
      if (isIt && inner.initializer !== undefined) found.push(...patternsOf(inner.initializer, source));
      ts.forEachChild(inner, look);
    };
    look(source);
    if (found.length > 0) return found;
  }
  throw new Error(`${source.fileName}: what is asked cannot be read: ${node.getText(source)}`);
}

/** The questions of a script: `agrees(terminal, …)`, `terminal.ask(…)` and `terminal.askHidden(…)`. */
function questionsIn(name: string, text: string): string[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node)) {
      const [first, second] = node.arguments;
      const called = node.expression.getText(source);
      if (called === "agrees" && second !== undefined)
        found.push(...patternsOf(second, source).map((one) => one + escaped(YES_OR_NO)));
      else if (/\bterminal\.ask(?:Hidden)?$/.test(called) && first !== undefined)
        found.push(...patternsOf(first, source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The first cells of the table of questions. */
function rowsOf(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  return [...text.matchAll(/^\| `([^`]+(?:\[y\/N\]|:))` +\|/gm)].map(([, question = ""]) => question);
}

const QUESTIONS = readdirSync(FOLDER).flatMap((name) =>
  questionsIn(name, readFileSync(join(FOLDER, name), "utf8")),
);

describe.each(["docs/deploy.md", "docs/zh-CN/deploy.md"])("%s", (page) => {
  const rows = rowsOf(page);

  it.each([...new Set(QUESTIONS)])("has the question %s", (pattern) => {
    expect(rows.filter((row) => new RegExp(`^${pattern}$`).test(row))).toHaveLength(1);
  });

  it("has no question that setup does not ask", () => {
    const isAsked = (row: string): boolean => QUESTIONS.some((one) => new RegExp(`^${one}$`).test(row));
    expect(rows.filter((row) => !isAsked(row))).toEqual([]);
    expect(rows.length).toBeGreaterThan(8);
  });
});

it("a question is found whichever way it is written", () => {
  const script =
    'const b = `B ${x}?`; await agrees(terminal, isThere ? "A?" : b); await world.terminal.ask("C (d):"); ' +
    "await terminal.askHidden(`D`); await asker.ask(path);";
  expect(questionsIn("x.ts", script)).toEqual([
    String.raw`A\? \[y/N\]`,
    String.raw`B .+\? \[y/N\]`,
    String.raw`C \(d\):`,
    "D",
  ]);
  expect(() => questionsIn("x.ts", "agrees(terminal, f())")).toThrow("cannot be read: f()");
});
