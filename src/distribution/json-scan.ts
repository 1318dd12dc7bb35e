// JSON of strangers, looked over within bounds that are kept before anything is built (S11, S17).

import { afterSpace, afterString, afterWord, byteAt, FAULT } from "./json-tokens.ts";

/** How much of a document is looked at. */
export interface ScanBounds {
  readonly bytes: number;
  /** Keys of the outermost object. */
  readonly keys: number;
  /** Values of every kind at every level, the outermost object among them; keys are none. */
  readonly values: number;
  /** Objects and lists within each other; the outermost object is the first. */
  readonly depth: number;
}

/** A member of the outermost object. */
export interface Member {
  /** Its key without quotes and escapes. */
  readonly key: string;
  /** Where the first byte of its value is. */
  readonly start: number;
  /** Where the first byte behind its value is. */
  readonly end: number;
}

/** What a document is instead: "broken" for no JSON object, "beyond" for one that reaches a bound before a fault. */
export type Unscanned = "broken" | "beyond";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Scans an object (RFC 8259; UTF-8 without a byte order mark), as exactly as `JSON.parse` would. It goes over each byte
 * once and not past a bound: of a document that has too many bytes, only up to the first that is not a space. It builds
 * the keys of the outermost object and nothing else.
 * @returns the members of the outermost object in their order, repeated keys too
 */
export function scanObject(bytes: Uint8Array, bounds: ScanBounds): readonly Member[] | Unscanned {
  const start = afterSpace(bytes, 0, Math.min(bytes.length, bounds.bytes));
  // How it begins tells a page from an object, whatever its length.
  if (start < bounds.bytes && byteAt(bytes, start) !== OPEN_OBJECT) return "broken";
  if (bytes.length > bounds.bytes) return "beyond";
  return new ObjectScan(bytes, bounds).document(start);
}

/** One pass over a document. As with tokens, positions go in and come out. */
class ObjectScan {
  readonly #bytes: Uint8Array;
  readonly #bounds: ScanBounds;
  readonly #members: Member[] = [];
  #values = 0;
  /** Whether it was a bound that ended the scan. */
  #beyond = false;

  constructor(bytes: Uint8Array, bounds: ScanBounds) {
    this.#bytes = bytes;
    this.#bounds = bounds;
  }

  document(start: number): readonly Member[] | Unscanned {
    const end = this.#value(start, 0);
    if (end !== FAULT && this.#space(end) === this.#bytes.length) return this.#members;
    return this.#beyond ? "beyond" : "broken";
  }

  /** @param around how many objects and lists are around the value */
  #value(at: number, around: number): number {
    this.#values += 1;
    if (this.#values > this.#bounds.values) return this.#stop();
    const byte = byteAt(this.#bytes, at);
    if (byte === QUOTE) return afterString(this.#bytes, at);
    if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) return afterWord(this.#bytes, at);
    if (around === this.#bounds.depth) return this.#stop();
    return byte === OPEN_OBJECT ? this.#object(at, around + 1) : this.#list(at, around + 1);
  }

  #object(at: number, depth: number): number {
    const bytes = this.#bytes;
    let position = this.#space(at + 1);
    if (byteAt(bytes, position) === CLOSE_OBJECT) return position + 1;
    for (;;) {
      if (depth === 1 && this.#members.length === this.#bounds.keys) return this.#stop();
      const key = position;
      const keyEnd = afterString(bytes, key);
      if (keyEnd === FAULT) return FAULT;
      position = this.#space(keyEnd);
      if (byteAt(bytes, position) !== COLON) return FAULT;
      const start = this.#space(position + 1);
      const end = this.#value(start, depth);
      if (end === FAULT) return FAULT;
      if (depth === 1) this.#members.push({ key: this.#text(key, keyEnd), start, end });
      position = this.#space(end);
      const byte = byteAt(bytes, position);
      if (byte === CLOSE_OBJECT) return position + 1;
      if (byte !== COMMA) return FAULT;
      position = this.#space(position + 1);
    }
  }

  #list(at: number, depth: number): number {
    let position = this.#space(at + 1);
    if (byteAt(this.#bytes, position) === CLOSE_LIST) return position + 1;
    for (;;) {
      position = this.#value(position, depth);
      if (position === FAULT) return FAULT;
      position = this.#space(position);
      const byte = byteAt(this.#bytes, position);
      if (byte === CLOSE_LIST) return position + 1;
      if (byte !== COMMA) return FAULT;
      position = this.#space(position + 1);
    }
  }

  #space(at: number): number {
    return afterSpace(this.#bytes, at, this.#bytes.length);
  }

  /** What a string that was passed says. */
  #text(start: number, end: number): string {
    return JSON.parse(new TextDecoder().decode(this.#bytes.subarray(start, end))) as string;
  }

  #stop(): typeof FAULT {
    this.#beyond = true;
    return FAULT;
  }
}
