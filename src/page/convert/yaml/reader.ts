// A position in a YAML text: lines, their indentation, comments, and where documents end.

import { nameOf, nothing, type Node } from "./nodes.ts";

/** Spaces and tabs. */
export const WHITE = /[ \t]*/y;
/** `-` before an item. */
export const DASH = /-(?![^ \t\r\n])/y;
/** `---` and `...` at a line's beginning. */
export const MARKER = /(?:---|\.\.\.)(?![^ \t\r\n])/y;
/** The rest of a line that has no more words. */
const BLANK = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y;
const ANCHOR = /&[\w./-]+(?![^ \t\r\n,[\]{}])[ \t]*/y;
const TAG = /![^ \t\r\n,[\]{}]*[ \t]*/y;

/** What can stand in front of a value: each is empty where it does not. */
export interface Properties {
  readonly tag: string;
  readonly anchor: string;
}

/** Goes over a text from left to right. A fault takes it to the end, so that whoever reads on finds nothing more. */
export class Reader {
  readonly text: string;
  at: number;
  /** Where the line of the position begins. */
  lineStart: number;
  /** The column of a line's first character while the position is there; -1 where a document ends. */
  indentation = -1;
  /** The first place that is not understood. */
  faultAt: number | undefined;
  /** What has an anchor in the document that is read. */
  anchors = new Map<string, Node>();
  /** How many collections the position is in. */
  nesting = 0;

  constructor(text: string) {
    this.text = text;
    this.at = text.startsWith("\ufeff") ? 1 : 0;
    this.lineStart = this.at;
  }

  /** A character at or near the position; empty behind the end. */
  charAt(ahead = 0): string {
    return this.text.charAt(this.at + ahead);
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  /** Gives what is read instead of what is not understood. */
  failAt(at = this.at): Node {
    this.faultAt ??= at;
    this.at = this.text.length;
    this.indentation = -1;
    return nothing(at);
  }

  /** Goes over what a sticky pattern finds at the position; gives an empty text where that is nothing. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /** True where a sticky pattern finds something. */
  sees(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }

  /** From a line's end to the next line's first character that is no space. */
  breakLine(): void {
    this.take(/\r?\n?/y);
    this.lineStart = this.at;
    this.take(/ */y);
  }

  /** Over spaces and a comment: true where the line ends behind them. */
  isAtEnd(): boolean {
    this.take(WHITE);
    // What stands at a word is no comment.
    if (" \t\r\n".includes(this.charAt(-1))) this.take(/#[^\r\n]*/y);
    return this.sees(/[\r\n]|$/y);
  }

  /** From the end of a value to the first character of the next line that has any. */
  endLine(): void {
    if (this.isAtEnd()) this.toWords();
    else this.failAt();
  }

  /** From a line's end, or its beginning, to the first character of the next line that has any. */
  toWords(): void {
    this.indentation = -1;
    while (this.take(BLANK) !== "") this.lineStart = this.at;
    this.take(/ */y);
    if (this.charAt() === "\t") this.failAt();
    else if (this.charAt() !== "" && (this.column > 0 || !this.sees(MARKER))) this.indentation = this.column;
  }

  /** Reads an anchor and a tag, in either order. */
  readProperties(): Properties {
    const anchor = this.take(ANCHOR);
    const tag = this.take(TAG).trim();
    return { tag, anchor: (anchor === "" ? this.take(ANCHOR) : anchor).slice(1).trim() };
  }

  /** A new value with its properties: those that come later can name it. */
  withProperties(node: Node, { tag, anchor }: Properties): Node {
    node.tag = tag;
    if (anchor !== "") {
      node.isAnchored = true;
      this.anchors.set(anchor, node);
    }
    return node;
  }

  /** Adds a pair to a mapping, or an item to a sequence. A key that is a value itself is one of them too. */
  add(node: Node, key: Node | undefined, value: Node): void {
    if (key?.isAnchored === true || key?.isScalar === false) node.pairs.push(["", key]);
    node.pairs.push([key === undefined ? "" : nameOf(key), value]);
  }
}
