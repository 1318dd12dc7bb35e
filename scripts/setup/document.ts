// wrangler.toml with the places of what is in it, so that lines can be put between others and nothing else is touched.

import { parseTOML, type AST } from "toml-eslint-parser";
import { typedAt } from "../check/full-width.ts";
import { Refused } from "./refused.ts";

/** A key with its value, and the whole path of it. */
export interface Entry {
  readonly path: readonly (string | number)[];
  readonly node: AST.TOMLKeyValue;
}

/** A table that begins with a line in brackets. */
export interface Section {
  readonly path: readonly (string | number)[];
  readonly node: AST.TOMLTable;
}

/** A file's text without a byte order mark, and what is where. */
export interface Document {
  readonly text: string;
  /** How a line ends here. */
  readonly eol: string;
  /** Keys above the first table, and those below tables, in order. */
  readonly entries: readonly Entry[];
  readonly sections: readonly Section[];
  readonly comments: readonly AST.Comment[];
  readonly tokens: readonly AST.Token[];
}

/** @throws Refused where the text is no TOML: with the place alone, since a piece of the text may be a secret */
export function readDocument(text: string): Document {
  const { comments, tokens, body } = parse(text);
  const [{ body: lines }] = body;
  const sections = lines
    .filter((node) => node.type === "TOMLTable")
    .map((node) => ({ path: node.resolvedKey, node }));
  const top = lines.filter((node) => node.type === "TOMLKeyValue").map((node) => entryOf([], node));
  return {
    text,
    eol: /\r?\n/.exec(text)?.[0] ?? "\n",
    entries: [...top, ...sections.flatMap(({ path, node }) => node.body.map((each) => entryOf(path, each)))],
    sections,
    comments,
    tokens,
  };
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text, { tomlVersion: "1.0" });
  } catch (error) {
    const { lineNumber = 0, column = 0 } = error as { lineNumber?: number; column?: number };
    const found = typedAt(text, lineNumber, column + 1);
    const place = `line ${lineNumber}, column ${column + 1}${found === undefined ? "" : `: ${found}`}`;
    throw new Refused(`wrangler.toml is no TOML: ${place}. Mend that first`);
  }
}

function entryOf(table: readonly (string | number)[], node: AST.TOMLKeyValue): Entry {
  const keys = node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  return { path: [...table, ...keys], node };
}

/** The entry of a path, such as `vars`, `HOSTS`. */
export function findEntry({ entries }: Document, ...path: string[]): Entry | undefined {
  return entries.find((entry) => isPath(entry.path, path));
}

/** The table whose line in brackets has this path. */
export function findSection({ sections }: Document, ...path: string[]): Section | undefined {
  return sections.find((section) => section.node.kind === "standard" && isPath(section.path, path));
}

/** The entries above the first table. */
export function topEntries({ entries }: Document): Entry[] {
  return entries.filter(({ node }) => node.parent.type === "TOMLTopLevelTable");
}

export function isPath(path: readonly (string | number)[], other: readonly string[]): boolean {
  return path.length === other.length && path.every((key, at) => key === other[at]);
}

/** Where the line of a position begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Where the line after a position begins; the text's end where none does. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

/** The number of a position's line, as editors count. */
export function lineNumber(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
