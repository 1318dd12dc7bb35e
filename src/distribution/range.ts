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
