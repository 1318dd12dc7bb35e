// Range (RFC 9110, section 14): what a client asks for in our own words (S18), and one range of bytes of a whole.

/** What a Range header asks for. `words` is the header written anew. */
export type RangeRequest =
  | { readonly kind: "none" }
  | {
      readonly kind: "one";
      readonly words: string;
      /** From the first byte to the last, whatever the size: how some clients ask for every layer. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "several"; readonly words: string }
  /** Another unit, or what the grammar does not have: a server may ignore it, and it goes nowhere. */
  | { readonly kind: "odd" };

/** Several ranges travel up to here; the bound keeps parsing cheap, too. */
const MAX_HEADER = 8 * 1024;

/** Units do not differ by case (RFC 9110, section 14.1). */
const UNIT = /^bytes=(.*)$/i;
/** First byte and last, either of which may be missing. More digits than these are never a blob's. */
const SPEC = /^(\d{0,15})-(\d{0,15})$/;

/**
 * Reads a Range header and writes it anew: the unit in lower case, no space, no zeros in front, so that one wish has one
 * form, which `parseRange` reads. Ranges are not sorted or merged, and nothing is said about a size.
 * @param header null is none
 */
export function readRanges(header: string | null): RangeRequest {
  if (header === null) return { kind: "none" };
  const list = header.length > MAX_HEADER ? undefined : UNIT.exec(header.trim())?.[1];
  if (list === undefined) return { kind: "odd" };
  // Spaces are legal around the members of a list (RFC 9110, section 5.6.1); empty members are not written by anybody.
  const specs = list.split(",").map(formatSpec);
  if (specs.includes(undefined)) return { kind: "odd" };
  const words = `bytes=${specs.join(",")}`;
  if (specs.length > 1) return { kind: "several", words };
  return { kind: "one", words, isWhole: words === "bytes=0-" };
}

/** One range written anew; undefined for none, and for one that ends before it begins. */
function formatSpec(text: string): string | undefined {
  const match = SPEC.exec(text.trim());
  const [, first = "", last = ""] = match ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;
  return `${withoutZeros(first)}-${withoutZeros(last)}`;
}

function withoutZeros(digits: string): string {
  return digits === "" ? "" : String(Number(digits));
}

/** Both ends count, as in `Content-Range`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Parses a header for a body of a known size.
 * @returns the range; "unsatisfiable" for one beyond the end; undefined for what a server may ignore (none, another
 *   unit, several ranges, nonsense)
 */
export function parseRange(header: string | null, size: number): Range | "unsatisfiable" | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
