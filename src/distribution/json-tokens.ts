// The words of JSON in bytes: strings, numbers, literals and the space between them (RFC 8259).
//
// Each function takes the position where something begins and gives the one behind it, or `FAULT`. They are plain
// loops over bytes with few calls, since an isolate that has just begun runs code as it stands, and calls cost most then.

/** Where there is not what was looked for. */
export const FAULT = -1;

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
const LOWER_E = 0x65;
const LOWER_U = 0x75;
/** Capital letters of ASCII with this bit are small ones. */
const LOWER_CASE = 0x20;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const tableOf = (holds: (byte: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, byte) => (holds(byte) ? 1 : 0));
const tableOfAll = (text: string): Uint8Array => tableOf((byte) => text.includes(String.fromCharCode(byte)));

/** By their first bytes. */
const LITERALS = new Map(["true", "false", "null"].map((word) => [word.charCodeAt(0), bytesOf(word)]));
const WHITE = tableOfAll(" \t\n\r");
const DIGIT = tableOfAll("0123456789");
const HEX = tableOfAll("0123456789abcdefABCDEF");
/** What may follow a backslash, `u` aside. */
const ESCAPED = tableOfAll('"\\/bfnrt');
/** Bytes of a string that need no second look. */
const PLAIN = tableOf((byte) => byte >= SPACE && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH);

/** The byte at a position. Behind the last is a 0, which is nowhere in JSON. */
export function byteAt(bytes: Uint8Array, at: number): number {
  return at < bytes.length ? (bytes[at] ?? 0) : 0;
}

/** @param end what lies behind is not looked at */
export function afterSpace(bytes: Uint8Array, at: number, end: number): number {
  return afterAll(WHITE, bytes, at, end);
}

/** A string in quotes: well-formed UTF-8 without controls. Half a surrogate pair is legal as an escape. */
export function afterString(bytes: Uint8Array, at: number): number {
  if (byteAt(bytes, at) !== QUOTE) return FAULT;
  let position = at + 1;
  for (;;) {
    position = afterAll(PLAIN, bytes, position, bytes.length);
    const byte = byteAt(bytes, position);
    if (byte === QUOTE) return position + 1;
    position = byte === BACKSLASH ? afterEscape(bytes, position) : afterCharacter(bytes, position);
    if (position === FAULT) return FAULT;
  }
}

/** A value that is none of a string, an object and a list. */
export function afterWord(bytes: Uint8Array, at: number): number {
  const literal = LITERALS.get(byteAt(bytes, at));
  if (literal === undefined) return afterNumber(bytes, at);
  for (let index = 0; index < literal.length; index += 1) {
    if (byteAt(bytes, at + index) !== literal[index]) return FAULT;
  }
  return at + literal.length;
}

function afterAll(table: Uint8Array, bytes: Uint8Array, at: number, end: number): number {
  let position = at;
  while (position < end && table[bytes[position] ?? 0] === 1) position += 1;
  return position;
}

function afterEscape(bytes: Uint8Array, at: number): number {
  const letter = byteAt(bytes, at + 1);
  if (letter !== LOWER_U) return ESCAPED[letter] === 1 ? at + 2 : FAULT;
  const end = at + 6;
  return end <= bytes.length && afterAll(HEX, bytes, at + 2, end) === end ? end : FAULT;
}

/** One character of two to four bytes: no overlong form, no surrogate, none above U+10FFFF (RFC 3629, section 4). */
function afterCharacter(bytes: Uint8Array, at: number): number {
  const first = byteAt(bytes, at);
  if (first < 0xc2 || first > 0xf4) return FAULT;
  const second = byteAt(bytes, at + 1);
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return FAULT;
  if (first < 0xe0) return at + 2;
  if (!isContinuation(byteAt(bytes, at + 2))) return FAULT;
  if (first < 0xf0) return at + 3;
  return isContinuation(byteAt(bytes, at + 3)) ? at + 4 : FAULT;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte <= 0xbf;
}

function afterNumber(bytes: Uint8Array, at: number): number {
  let position = byteAt(bytes, at) === MINUS ? at + 1 : at;
  // A zero in front stands alone: what follows it in `01` is the fault of whoever reads on.
  position = byteAt(bytes, position) === ZERO ? position + 1 : afterDigits(bytes, position);
  if (position !== FAULT && byteAt(bytes, position) === POINT) position = afterDigits(bytes, position + 1);
  if (position === FAULT || (byteAt(bytes, position) | LOWER_CASE) !== LOWER_E) return position;
  const sign = byteAt(bytes, position + 1);
  return afterDigits(bytes, sign === PLUS || sign === MINUS ? position + 2 : position + 1);
}

/** One digit or more. */
function afterDigits(bytes: Uint8Array, at: number): number {
  const end = afterAll(DIGIT, bytes, at, bytes.length);
  return end > at ? end : FAULT;
}
