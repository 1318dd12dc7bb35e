// The rule that imports point one way: each import by a path is held to the table of floors, those of types too.
import { posix } from "node:path";
import { choiceOf, objection, pathOf, roomOf } from "./rooms.js";

/** @type {import("eslint").Rule.RuleModule} */
export const oneWay = {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      homeless: "{{path}} is in no room of lint/floors.js. A new place gets its floor there, on purpose.",
      forbidden:
        "{{from}} may not import {{to}}, {{why}}. Beside its own files it may import: {{choice}} (lint/floors.js).",
      unknown: "{{from}} may not import {{path}}, which is in no room of lint/floors.js.",
      absolute: "Files of this repository are imported by a relative path.",
      computed: "What is imported must be a plain string, or nobody can say which room it is in.",
    },
  },
  create(context) {
    const path = pathOf(context.filename);
    const from = roomOf(path);
    if (from === undefined) {
      return { Program: (node) => context.report({ node, messageId: "homeless", data: { path } }) };
    }

    /** @param {{ source: import("estree").Expression }} node */
    const check = ({ source }) => {
      const name = plainString(source);
      if (name === undefined) return context.report({ node: source, messageId: "computed" });
      if (/^(\/|file:)/.test(name)) return context.report({ node: source, messageId: "absolute" });
      if (!/^\.\.?(\/|$)/.test(name)) return;
      const target = posix.join(posix.dirname(path), name);
      const to = roomOf(target);
      if (to === undefined) {
        return context.report({ node: source, messageId: "unknown", data: { from, path: target } });
      }
      const why = objection(from, to);
      if (why === undefined) return;
      const data = { from, to, why, choice: choiceOf(from) };
      context.report({ node: source, messageId: "forbidden", data });
    };

    return {
      "ImportDeclaration, ExportNamedDeclaration[source], ExportAllDeclaration, ImportExpression, TSImportType":
        check,
    };
  },
};

/**
 * @param {import("estree").Expression} source
 * @returns {string | undefined}
 */
function plainString(source) {
  if (source.type === "Literal" && typeof source.value === "string") return source.value;
  if (source.type === "TemplateLiteral" && source.expressions.length === 0) {
    return source.quasis[0]?.value.cooked ?? undefined;
  }
  return undefined;
}
