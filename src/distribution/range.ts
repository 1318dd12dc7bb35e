// Range (RFC 9110, section 14.2): one range of bytes, which is all that clients of registries need from a whole.

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

/** A Range header, in our own words. */
export type Ranges =
  /** None, or nothing that a server must heed. */
  | { readonly kind: "none" }
  /** @param isWhole true of `bytes=0-` */
  | { readonly kind: "one"; readonly words: string; readonly isWhole: boolean }
  | { readonly kind: "several"; readonly words: string };

const MAX_HEADER = 8 * 1024;

/** Reads a Range header and writes it anew: units in lower case, no spaces, no leading zeros. */
export function readRanges(header: string | null): Ranges {
  const text = header?.trim() ?? "";
  if (text.length > MAX_HEADER || !/^bytes\s*=/i.test(text)) return { kind: "none" };
  const parts = text.slice(text.indexOf("=") + 1).split(",");
  const ranges = parts.map((part) => /^\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/.exec(part)?.slice(1, 3));
  const words = ranges.map((range) => {
    const [first = "", last = ""] = range ?? [];
    return first + last === "" ? undefined : `${plain(first)}-${plain(last)}`;
  });
  if (words.includes(undefined)) return { kind: "none" };
  const [only = ""] = words;
  if (words.length > 1) return { kind: "several", words: `bytes=${words.join(",")}` };
  return { kind: "one", words: `bytes=${only}`, isWhole: only === "0-" };
}

function plain(digits: string): string {
  return digits === "" ? "" : String(Number(digits));
}
