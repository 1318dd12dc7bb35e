// The scalars of YAML: plain ones, those in quotes, and blocks. Each function goes from a scalar's beginning to its end.

import { nodeAt, type Node } from "./nodes.ts";
import { MARKER, WHITE, type Reader } from "./reader.ts";

/** What begins no plain scalar. */
const NOT_PLAIN = /[-?](?![^ \t\r\n,[\]{}])|[,[\]{}#&*!|>'"%@`]/y;
/** Words of a plain scalar: a colon before a space ends it, and so does `#` behind one. */
const WORDS = /[ \t]*(?!#):*[^ \t\r\n:]+/y;
const WORDS_IN_FLOW = /[ \t]*(?!#):*[^ \t\r\n:,[\]{}]+/y;

function scalar(reader: Reader, quote: string, start: number, isVerbatim: boolean, end = reader.at): Node {
  return nodeAt(start, { isScalar: true, source: reader.text.slice(start, end), quote, isVerbatim });
}

/**
 * A scalar without quotes, over as many lines as it has.
 * @param around the indentation that its further lines must exceed
 */
export function plain(reader: Reader, around: number, inFlow: boolean): Node {
  const start = reader.at;
  const words = inFlow ? WORDS_IN_FLOW : WORDS;
  if (reader.sees(NOT_PLAIN) || reader.take(words) === "") return reader.failAt();
  let isVerbatim = true;
  for (;;) {
    while (reader.take(words) !== "");
    const { at, lineStart } = reader;
    reader.take(WHITE);
    if (!goesOn(reader, around) || reader.take(words) === "") {
      reader.at = at;
      reader.lineStart = lineStart;
      return scalar(reader, "", start, isVerbatim);
    }
    isVerbatim = false;
  }
}

/** From a line's end to the first word of the next line that has any: false where that belongs to something else. */
function goesOn(reader: Reader, around: number): boolean {
  let column = -1;
  while (reader.sees(/[\r\n]/y)) {
    reader.breakLine();
    column = reader.column === 0 && reader.sees(MARKER) ? -1 : reader.column;
    reader.take(WHITE);
  }
  return column > around;
}

/** A scalar in quotes of either kind. */
export function quoted(reader: Reader, around: number): Node {
  const quote = reader.charAt();
  const open = reader.at;
  const isSingle = quote === "'";
  let isVerbatim = true;
  reader.at += 1;
  for (;;) {
    reader.take(isSingle ? /[^'\r\n]*/y : /[^"\\\r\n]*/y);
    if (reader.take(isSingle ? /''/y : /\\[^\r\n]?/y) === "") {
      if (reader.charAt() === quote) break;
      if (!goesOn(reader, around)) return reader.failAt(open);
    }
    isVerbatim = false;
  }
  reader.at += 1;
  return scalar(reader, quote, open + 1, isVerbatim, reader.at - 1);
}

/**
 * A block: `|` or `>` and the lines below it that are indented, up to the end of the last one.
 * @param around the indentation that its lines must exceed
 */
export function block(reader: Reader, around: number): Node {
  const open = reader.at;
  const header = reader.take(/[|>](?:[-+]?[1-9]?|[1-9][-+])(?![^ \t\r\n])/y);
  if (header === "" || !reader.isAtEnd()) return reader.failAt(open);
  const digit = /\d/.exec(header)?.[0];
  let indent = digit === undefined ? undefined : Math.max(around, 0) + Number(digit);
  let [start, end, count, blank] = [reader.at, reader.at, 0, -1];
  while (reader.charAt() !== "") {
    reader.breakLine();
    const { column } = reader;
    if (reader.sees(/[\r\n]|$/y) && column <= (indent ?? column)) {
      if (count === 0) blank = Math.max(blank, column);
      continue;
    }
    if (column > around) indent ??= column;
    if (column < (indent ?? Infinity) || (column === 0 && reader.sees(MARKER))) break;
    if (count === 0) start = reader.lineStart + (indent ?? 0);
    count += 1;
    reader.take(/[^\r\n]*/y);
    end = reader.at;
  }
  // What is deeper than the first line cannot be empty.
  if (blank > (indent ?? blank)) return reader.failAt();
  reader.at = end;
  // An empty line at the beginning is a part of the value.
  return scalar(reader, "|", start, count === 1 && blank === -1);
}
