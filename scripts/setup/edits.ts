// Where a block may stand in a file, and putting it there.

import { findBlocks, formatBefore, formatBlock, type Kind } from "./blocks.ts";
import {
  isPath,
  lineNumber,
  lineStart,
  nextLine,
  topEntries,
  type Document,
  type Entry,
  type Section,
} from "./document.ts";
import { Refused } from "./refused.ts";

/** A place between lines, or within one. */
export interface Place {
  readonly from: number;
  /** Beyond `from` where lines of the owner's are replaced. */
  readonly to: number;
  /** True where no line begins at `from`. */
  readonly cut: boolean;
  readonly indent: string;
}

/** A block to be written. */
export interface Edit {
  readonly place: Place;
  readonly lines: readonly string[];
}

/** Below a line: that of a position. */
export function below(document: Document, at: number): Place {
  const { text } = document;
  const next = nextLine(text, at);
  // A block that stands around it is not to have another in it.
  const around = findBlocks(document).find(({ from, to }) => from < next && next < to);
  return placeAt(text, around?.to ?? next);
}

function placeAt(text: string, at: number): Place {
  return { from: at, to: at, cut: at > 0 && text[at - 1] !== "\n", indent: "" };
}

/** Below the last key above all tables; at the very top where there is none. */
export function belowTop(document: Document): Place {
  const last = topEntries(document).at(-1);
  return last === undefined ? placeAt(document.text, 0) : below(document, last.node.range[1]);
}

/** Below a table's own keys. */
export function belowSection(document: Document, { node }: Section): Place {
  return below(document, node.body.at(-1)?.range[1] ?? node.key.range[1]);
}

/** Above a table's line, and above the comments that stand directly over it. */
export function aboveSection(document: Document, { node }: Section): Place {
  const { text } = document;
  const comments = new Set(document.comments.map(({ range }) => range[0]));
  let at = lineStart(text, node.range[0]);
  while (at > 0) {
    const line = lineStart(text, at - 1);
    const first = line + text.slice(line).search(/\S/);
    if (!comments.has(first) || first >= at || /^# (?:>>>|<<<) npm run setup/.test(text.slice(first))) break;
    at = line;
  }
  const around = findBlocks(document).find(({ from, to }) => from < at && at < to);
  return placeAt(text, around?.from ?? at);
}

/** Behind everything. */
export function atEnd({ text }: Document): Place {
  return placeAt(text, text.length);
}

/** The end of a list, before its bracket, and whether a comma is missing there. */
export function endOfList(document: Document, { node }: Entry): { place: Place; lacksComma: boolean } {
  const { text, tokens } = document;
  const end = node.value.range[1] - 1;
  const start = lineStart(text, end);
  const isWithin = text.slice(start, end).trim() !== "";
  const elements = node.value.type === "TOMLArray" ? node.value.elements : [];
  const last = elements.at(-1)?.range[1];
  const lacksComma =
    last !== undefined &&
    !tokens.some(({ range: [from], value }) => value === "," && from >= last && from < end);
  const from = isWithin ? end : start;
  return { place: { from, to: from, cut: isWithin, indent: "  " }, lacksComma };
}

/**
 * In place of an entry's lines, which stay as comments.
 * @throws Refused where their ends are not the file's: they could not be put back as they were
 */
export function insteadOf(document: Document, { node }: Entry): { place: Place; before: string[] } {
  const { eol, text } = document;
  const from = lineStart(text, node.range[0]);
  const to = nextLine(text, node.range[1]);
  const lines = text.slice(from, to);
  if ([...lines.matchAll(/\r?\n/g)].some(([end]) => end !== eol)) {
    throw new Refused(
      `wrangler.toml, line ${lineNumber(text, from)}: lines of this file end in two ways, CRLF and LF: save it with one, then run setup again`,
    );
  }
  return {
    place: { from, to, cut: !lines.endsWith("\n"), indent: "" },
    before: formatBefore(lines.replace(/\r?\n$/, "")),
  };
}

/** Puts blocks into a text; those of one place stand in the order that they come in. */
export function applyEdits(document: Document, kind: Kind, title: string, edits: readonly Edit[]): string {
  const { text, eol } = document;
  // What is put in before a line comes before what is put in its place.
  const ordered = [...edits].sort(
    ({ place: one }, { place: other }) => one.from - other.from || one.to - other.to,
  );
  return ordered.reduceRight((rest, { place, lines }) => {
    const { from, to, cut, indent } = place;
    const block = formatBlock({ kind, title, lines, indent, cut }, eol);
    return rest.slice(0, from) + (cut && from === to ? eol : "") + block + rest.slice(to);
  }, text);
}

/** True of a path below another. */
export function isBelow(path: readonly (string | number)[], ...start: string[]): boolean {
  return path.length > start.length && isPath(path.slice(0, start.length), start);
}
