// The lines that setup wrote stand between two marker lines, by which they are found and taken away again.

import { lineNumber, lineStart, nextLine, type Document } from "./document.ts";
import { Refused } from "./refused.ts";

/** What a block is about: hosts, which `--undo` takes away; what closes the proxy; a bucket. */
export type Kind = "hosts" | "access" | "bucket";

/** A block as it stands in a file. */
export interface Block {
  readonly kind: Kind;
  /** What stands behind the kind in its first line. */
  readonly title: string;
  /** Its lines between the markers, without their ends. */
  readonly lines: readonly string[];
  /** The number of its first line. */
  readonly line: number;
  /** Where it begins, and ends, with all that setup added. */
  readonly from: number;
  readonly to: number;
  /** The owner's lines that stood in its place. */
  readonly before: string;
}

const BEGIN = "# >>> npm run setup: ";
const END = "# <<< npm run setup";
/** A block within a line, or behind a last line without an end, has brought the end of the line before it. */
const CUT = `${END} (what stands below stood on the line above)`;
const WAS = "# was: ";

const TITLE = /^(hosts|access|bucket)\b(.*)$/;

/** Marker lines and what stands between them, with the file's ends of lines. */
export function formatBlock(
  block: { kind: Kind; title: string; lines: readonly string[]; indent?: string; cut?: boolean },
  eol: string,
): string {
  const { kind, title, lines, indent = "", cut = false } = block;
  const all = [`${BEGIN}${kind}${title}`, ...lines, cut ? CUT : END];
  return all.map((line) => (line === "" ? eol : indent + line + eol)).join("");
}

/** The owner's lines as comments, to be put back by `--undo`. */
export function formatBefore(before: string): string[] {
  return before.split(/\r?\n/).map((line) => WAS + line);
}

/**
 * All blocks of a file, in order.
 * @throws Refused where a marker is without the other, or was edited
 */
export function findBlocks(document: Document): Block[] {
  const { text } = document;
  const markers = document.comments.filter(({ value }) => /^\s*(?:>>>|<<<)\s*npm run setup\b/.test(value));
  const blocks: Block[] = [];
  for (let at = 0; at < markers.length; at += 2) {
    const [begin, end] = markers.slice(at, at + 2).map(({ range: [from, to] }) => ({
      from,
      line: text.slice(from, to).trimEnd(),
      isAlone: text.slice(lineStart(text, from), from).trim() === "",
    }));
    if (begin === undefined) break;
    const title = begin.line.startsWith(BEGIN) ? TITLE.exec(begin.line.slice(BEGIN.length)) : null;
    const isEnd = end !== undefined && end.isAlone && (end.line === END || end.line === CUT);
    if (title === null || !isEnd || !begin.isAlone) throw broken(lineNumber(text, begin.from));
    const [, kind, rest = ""] = title;
    blocks.push(
      blockOf(text, {
        kind: kind as Kind,
        title: rest,
        begin: begin.from,
        end: end.from,
        cut: end.line === CUT,
      }),
    );
  }
  return blocks;
}

function blockOf(
  text: string,
  found: { kind: Kind; title: string; begin: number; end: number; cut: boolean },
): Block {
  const { kind, title, begin, end, cut } = found;
  const start = lineStart(text, begin);
  const inner = text.slice(nextLine(text, begin), lineStart(text, end));
  const all = inner.split(/(?<=\n)/);
  const isBefore = (line: string): boolean => line.trimStart().startsWith(WAS);
  const before = all.filter(isBefore).map((line) => line.slice(line.indexOf(WAS) + WAS.length));
  // The end of the line that was there last, and had none.
  const restored = cut ? before.join("").replace(/\r?\n$/, "") : before.join("");
  const isWithin = cut && before.length === 0;
  return {
    kind,
    title,
    lines: all.filter((line) => !isBefore(line)).map((line) => line.trim()),
    line: lineNumber(text, begin),
    from: isWithin ? start - (/\r?\n$/.exec(text.slice(0, start))?.[0].length ?? 0) : start,
    to: nextLine(text, end),
    before: restored,
  };
}

function broken(line: number): Refused {
  return new Refused(
    `wrangler.toml, line ${line}: the marker lines of setup (# >>> npm run setup: … and # <<< npm run setup) are no longer ` +
      "as they were, so that nobody can tell which lines are setup's. Remove those lines and their markers by hand, then run setup again",
  );
}

/** The text without some of its blocks: what stood there before they were written. */
export function withoutBlocks(text: string, blocks: readonly Block[]): string {
  return blocks.reduceRight(
    (rest, { from, to, before }) => rest.slice(0, from) + before + rest.slice(to),
    text,
  );
}
