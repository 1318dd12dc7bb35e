// Byte ranges of RFC 9110: single, suffix, open-ended and several.

/** First and last byte, both inclusive. */
export interface ByteRange {
  first: number;
  last: number;
}

const MOST_RANGES = 256;

/**
 * The satisfiable ranges of a Range header, "unsatisfiable" if there are none, or undefined if the header is to be
 * ignored (absent, another unit, malformed, too many).
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange[] | "unsatisfiable" | undefined {
  if (header === undefined || !header.startsWith("bytes=")) return undefined;
  const parts = header.slice("bytes=".length).split(",");
  if (parts.length > MOST_RANGES) return undefined;
  const ranges: ByteRange[] = [];
  for (const part of parts) {
    const match = /^(\d{0,15})-(\d{0,15})$/.exec(part.trim());
    const [from, to] = [match?.[1] ?? "", match?.[2] ?? ""];
    if (match === null || (from === "" && to === "")) return undefined;
    if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
    const first = from === "" ? Math.max(size - Number(to), 0) : Number(from);
    const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
    if (first <= last) ranges.push({ first, last });
  }
  return ranges.length === 0 ? "unsatisfiable" : ranges;
}

/** The body and Content-Type of a multipart/byteranges answer. */
export function multipart(
  body: Buffer,
  ranges: readonly ByteRange[],
  type: string,
): { type: string; body: Buffer } {
  const boundary = "registry_ferry_byteranges";
  const pieces = ranges.flatMap(({ first, last }) => [
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: ${type}\r\nContent-Range: bytes ${first}-${last}/${body.length}\r\n\r\n`,
    ),
    body.subarray(first, last + 1),
  ]);
  return {
    type: `multipart/byteranges; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  };
}
