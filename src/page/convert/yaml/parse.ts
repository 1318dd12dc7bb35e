// YAML (1.2.2, with JSON in it) as nodes with their places. What is rare and read differently by the libraries of
// different clients is a fault here, and so are `?` before a key and properties on several lines: nothing is changed
// in a text that they might not agree on.

import { enter, hasAny, inline, isKey } from "./flow.ts";
import { nodeAt, nothing, type Document, type Node } from "./nodes.ts";
import { DASH, Reader, WHITE, type Properties } from "./reader.ts";
import { block } from "./scalars.ts";

const NONE: Properties = { tag: "", anchor: "" };

/** The documents of a text, and where its fault is if it has one: the last document is broken then. */
export function parseYaml(text: string): {
  readonly documents: readonly Document[];
  readonly faultAt: number | undefined;
} {
  const reader = new Reader(text);
  const documents: Document[] = [];
  reader.toWords();
  while (reader.charAt() !== "") {
    const isMarked = reader.indentation === -1;
    // Directives, and the end of a document.
    if (reader.take(isMarked ? /\.{3}/y : /%[^\r\n]*/y) !== "") {
      reader.endLine();
      continue;
    }
    if (isMarked) reader.at += 3;
    reader.anchors = new Map();
    const root = blockNode(reader, -1, !isMarked, false);
    if (reader.indentation !== -1) reader.failAt();
    documents.push({ root, isBroken: reader.faultAt !== undefined });
  }
  return { documents, faultAt: reader.faultAt };
}

/**
 * A value in block style, from behind what it belongs to up to the first character of the line behind it.
 * @param around the indentation of the collection that it is in
 * @param fresh whether a collection may begin on this line
 * @param beside whether a sequence may have the indentation of the collection around it
 */
function blockNode(reader: Reader, around: number, fresh: boolean, beside: boolean): Node {
  const white = reader.take(WHITE);
  let start = reader.at;
  let inner = reader.readProperties();
  let outer = NONE;
  // A collection that begins behind a tab has no indentation that all would agree on.
  let canBegin = fresh && !white.includes("\t");
  if (reader.isAtEnd()) {
    reader.toWords();
    const isBeside = beside && reader.indentation === around && reader.sees(DASH);
    if (reader.indentation <= around && !isBeside) return reader.withProperties(nothing(start), inner);
    start = reader.at;
    outer = inner;
    inner = reader.readProperties();
    canBegin = true;
  }
  if (reader.sees(DASH)) {
    if (!canBegin || hasAny(inner)) reader.failAt();
    return collection(reader, outer, reader.column);
  }
  // Behind properties on a line of their own stands what has none itself, nor within its first key.
  if (hasAny(outer) && (hasAny(inner) || reader.sees(/[*[{]/y))) reader.failAt();
  const { lineStart } = reader;
  const node = reader.sees(/[|>]/y)
    ? reader.withProperties(block(reader, around), inner)
    : inline(reader, around, inner);
  if (node.quote !== "|" && isKey(reader, start, lineStart)) {
    if (!canBegin) reader.failAt(start);
    return collection(reader, outer, start - lineStart, node);
  }
  reader.endLine();
  if (hasAny(outer)) reader.withProperties(node, outer);
  // What is followed by something that is not understood is not understood itself.
  return reader.faultAt === undefined ? node : nothing(start);
}

/** A mapping from the colon behind its first key, or a sequence from its first dash. */
function collection(reader: Reader, properties: Properties, column: number, first?: Node): Node {
  const isList = first === undefined;
  const node = reader.withProperties(nodeAt(reader.at, { isList }), properties);
  if (!enter(reader)) return node;
  let key = first;
  for (;;) {
    reader.at += 1;
    reader.add(node, key, blockNode(reader, column, isList, !isList));
    if (reader.indentation !== column || (isList && !reader.sees(DASH))) break;
    if (!isList) key = blockKey(reader, column);
  }
  if (reader.indentation > column) reader.failAt();
  reader.nesting -= 1;
  return node;
}

function blockKey(reader: Reader, column: number): Node {
  const { at, lineStart } = reader;
  const key = inline(reader, column, reader.readProperties());
  if (!isKey(reader, at, lineStart)) reader.failAt(at);
  return key;
}
