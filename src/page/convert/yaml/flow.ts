// Values of YAML that stand within lines: in quotes, in brackets, behind anchors and tags.

import { nodeAt, nothing, type Node } from "./nodes.ts";
import { MARKER, type Properties, type Reader } from "./reader.ts";
import { plain, quoted } from "./scalars.ts";

/** Collections within each other. */
const DEEPEST = 200;
/** Characters of a key with its value on the same line (YAML 1.2.2, section 7.4.2). */
const LONGEST_KEY = 1024;

/** True where a value has an anchor or a tag. */
export function hasAny({ tag, anchor }: Properties): boolean {
  return tag + anchor !== "";
}

/**
 * A value that ends before its line does, or has an end of its own.
 * @param around the indentation that its further lines must exceed
 */
export function inline(reader: Reader, around: number, properties: Properties, inFlow = false): Node {
  const first = reader.charAt();
  if (first === "*") {
    const word = reader.take(/\*[\w./-]+(?![^ \t\r\n,[\]{}])/y);
    const target = reader.anchors.get(word.slice(1));
    return target === undefined || hasAny(properties) ? reader.failAt() : target;
  }
  if (first === "[" || first === "{") return flow(reader, properties);
  const isQuoted = first === '"' || first === "'";
  return reader.withProperties(isQuoted ? quoted(reader, around) : plain(reader, around, inFlow), properties);
}

/** A collection in brackets or braces. */
function flow(reader: Reader, properties: Properties): Node {
  const isList = reader.charAt() === "[";
  const close = isList ? "]" : "}";
  const node = reader.withProperties(nodeAt(reader.at, { isList }), properties);
  if (!enter(reader)) return node;
  do {
    reader.at += 1;
    skipInFlow(reader);
    if (reader.charAt() === close) break;
    entry(reader, node);
    skipInFlow(reader);
  } while (reader.charAt() === ",");
  if (reader.charAt() !== close) reader.failAt();
  reader.at += 1;
  reader.nesting -= 1;
  node.source = reader.text.slice(node.start, reader.at);
  return node;
}

/** A pair of a mapping, or an item of a sequence, which may be a mapping of one pair without braces. */
function entry(reader: Reader, node: Node): void {
  const { at, lineStart } = reader;
  const key = flowNode(reader, "");
  // Behind quotes and brackets a colon needs no space: `{"a":1}`.
  const isClosed = "\"'}]".includes(reader.charAt(-1));
  const tooLong = reader.at - at > LONGEST_KEY;
  skipInFlow(reader);
  const isPair = reader.sees(isClosed ? /:/y : /:(?![^ \t\r\n,[\]{}])/y);
  if (!isPair) {
    if (node.isList) reader.add(node, undefined, key);
    else reader.add(node, key, nothing(at));
    return;
  }
  if (node.isList && (tooLong || reader.lineStart !== lineStart)) reader.failAt(at);
  reader.at += 1;
  skipInFlow(reader);
  const mapping = node.isList ? nodeAt(at) : node;
  reader.add(mapping, key, flowNode(reader, ",]}"));
  if (node.isList) reader.add(node, undefined, mapping);
}

/** @param ends what may stand there instead of a value */
function flowNode(reader: Reader, ends: string): Node {
  const properties = reader.readProperties();
  skipInFlow(reader);
  return (hasAny(properties) ? ",]}" : ends).includes(reader.charAt())
    ? reader.withProperties(nothing(reader.at), properties)
    : inline(reader, -1, properties, true);
}

/** Over spaces, comments and the ends of lines. */
function skipInFlow(reader: Reader): void {
  while (reader.isAtEnd() && reader.charAt() !== "") {
    reader.breakLine();
    if (reader.column === 0 && reader.sees(MARKER)) reader.failAt();
  }
}

/** Into a collection: false where that is too deep. */
export function enter(reader: Reader): boolean {
  reader.nesting += 1;
  if (reader.nesting > DEEPEST) reader.failAt();
  return reader.faultAt === undefined;
}

/** True at the colon behind a key on a line. */
export function isKey(reader: Reader, start: number, lineStart: number): boolean {
  const tooLong = reader.at - start > LONGEST_KEY;
  reader.take(/[ \t]*(?=:(?![^ \t\r\n]))/y);
  if (!reader.sees(/:(?![^ \t\r\n])/y)) return false;
  if (tooLong || reader.lineStart !== lineStart) reader.failAt(start);
  return true;
}
