// What a YAML text is made of, each with its place.

import type { Plan } from "../types.ts";

/** Anything that can be a value. An alias is what it names: the same object stands in several places. */
export interface Node {
  /** Where its content begins; what stands in front of it (quotes, an anchor, a tag) does not belong to it. */
  readonly start: number;
  /** Whether it is a text, a number, or nothing. */
  readonly isScalar: boolean;
  /** Whether it is a sequence; what is neither that nor a scalar is a mapping. */
  readonly isList: boolean;
  /** A scalar as it is written, without quotes around it; a collection with its brackets. */
  source: string;
  /** The quote in front of a scalar; `|` before a block, and nothing before a plain one. */
  readonly quote: string;
  /** Whether its value is what is written: it has no escapes, and one line. */
  readonly isVerbatim: boolean;
  /** Keys and values. Repeated keys and merge keys are pairs as others are; items have an empty key. */
  readonly pairs: [key: string, value: Node][];
  /** As it is written: `!!str`; empty without one. */
  tag: string;
  /** Whether aliases may name it: what is changed here is changed there too. */
  isAnchored: boolean;
  /** The pairs by their keys, once it was asked for one. */
  byKey?: ReadonlyMap<string, Node>;
  /** The places that an anchored value was taken for: it is gone over once for each. */
  knownAs?: Set<unknown>;
  /** What becomes of a scalar, by each of its places; undefined where it is no image. */
  plans?: (Plan | undefined)[];
}

/** One of the documents of a text. */
export interface Document {
  readonly root: Node;
  /** Whether it is only what stands in front of a fault. */
  readonly isBroken: boolean;
}

/** Merged mappings that are looked at for one key. */
const MOST_MERGED = 50;

/** A new value: a mapping, but for what is said of it. */
export function nodeAt(start: number, more: Partial<Node> = {}): Node {
  return {
    start,
    isScalar: false,
    isList: false,
    source: "",
    quote: "",
    isVerbatim: true,
    tag: "",
    isAnchored: false,
    pairs: [],
    ...more,
  };
}

/** A value that is not there. */
export function nothing(start: number): Node {
  return nodeAt(start, { isScalar: true });
}

/** What a key says, as far as letters go. Of one over several lines it is not what YAML makes of it. */
export function nameOf({ source, quote }: Node): string {
  if (quote !== '"') return source;
  return source.replace(
    /\\(?:x(..)|u(....)|U0000(....)|.)/g,
    (whole, two?: string, four?: string, eight?: string) => {
      const code = two ?? four ?? eight;
      return code === undefined ? whole : String.fromCharCode(parseInt(code, 16));
    },
  );
}

/** Numbers and other words that are no text without quotes. */
const NO_TEXT = /^(?:~|null|true|false|\d+(?:\.\d*)?(?:e-?\d+)?|0o[0-7]+|0x[\da-f]+)$/i;

/** What a scalar says, and undefined for what is no text, or an empty one. */
export function textOf(node: Node | undefined): string | undefined {
  if (node?.isScalar !== true || node.source === "") return undefined;
  const isPlain = node.quote === "" && node.tag === "";
  return isPlain && NO_TEXT.test(node.source.slice(0, 400)) ? undefined : node.source;
}

/** The value of a key, of the mapping itself or of those that are merged into it. */
export function find(node: Node | undefined, name: string, budget = { left: MOST_MERGED }): Node | undefined {
  if (node === undefined || budget.left-- <= 0) return undefined;
  // What many merge is not read anew for each of them.
  node.byKey ??= new Map(node.pairs);
  const own = node.byKey.get(name);
  if (own !== undefined) return own;
  const merged = node.byKey.get("<<");
  const all = merged?.isList === true ? merged.pairs.slice(0, MOST_MERGED) : [["", merged] as const];
  for (const [, one] of all) {
    const found = find(one, name, budget);
    if (found !== undefined) return found;
  }
  return undefined;
}
