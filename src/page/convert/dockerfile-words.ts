// The words of one instruction of a Dockerfile, with the quotes and escapes that BuildKit's parser knows.

import type { Region } from "./variables.ts";

/** A word, with its quotes. */
export interface Word extends Region {
  /** True of the last one, where a quote in it is not closed. */
  readonly isOpen: boolean;
}

/** What stands where lines were joined: a word that has it in its midst goes over several lines. */
export const JOINT = "\n";

/** A text as it reads without its joints. */
export function joined(text: string): string {
  return text.replaceAll(JOINT, "");
}

/**
 * All words of a text, with quotes counted.
 * @param start where the text stands in the file
 * @param from where in the text the first word is looked for
 * @param escape what takes its meaning from a quote or a blank that follows
 */
export function wordsOf(text: string, start: number, from: number, escape: string): Word[] {
  const words: Word[] = [];
  let quote = "";
  let first = from;
  let end = from;
  const add = (): void => {
    if (end > first) words.push({ at: start + first, text: text.slice(first, end), isOpen: quote !== "" });
  };
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === JOINT) {
      if (first === at) first++;
      continue;
    }
    // Nothing is escaped within single quotes.
    if (character === escape && quote !== "'") at++;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if ("\"'".includes(character)) quote = character;
    else if (" \t\v\f\r".includes(character)) {
      add();
      first = at + 1;
      continue;
    }
    end = at + 1;
  }
  add();
  return words;
}

/**
 * What is within the quotes around a word, or the word where it has none. Undefined, where quotes or escapes are
 * anywhere else, or several lines, so that the word says something else than it looks like.
 */
export function unquoted({ at, text }: Region, escape: string): Region | undefined {
  const [, quote = "", inner] = /^(["']?)([^"'\n]*)\1$/.exec(text) ?? [];
  // Within single quotes a variable is none.
  if (inner === undefined || inner.includes(escape) || (quote === "'" && inner.includes("$")))
    return undefined;
  return { at: at + quote.length, text: inner };
}

/** A part of a region, from an offset in it. */
export function partOf({ at, text }: Region, from: number, to?: number): Region {
  return { at: at + from, text: text.slice(from, to) };
}

const HEREDOC = /^\d*<<(-?)([^<]+)$/;

/**
 * The line after the heredocs that an instruction begins; undefined, where one does not end. As in BuildKit they must be
 * words of their own (`cat<<EOF` begins none), the escape is a backslash whatever the file's is, and where a quote is not
 * closed there are none at all. All words of a JSON array are quoted, so that none is found there either.
 * @param from the line after the instruction
 */
export function afterHeredocs(file: string, from: number, instruction: string): number | undefined {
  const words = wordsOf(instruction, 0, 0, "\\");
  let at = from;
  if (words.at(-1)?.isOpen === true) return at;
  for (const { text } of words) {
    const [, dash, quoted = ""] = HEREDOC.exec(text) ?? [];
    const name = quoted.replace(/\\(.)|["']/g, "$1");
    for (let isOpen = name !== ""; isOpen;) {
      if (at >= file.length) return undefined;
      const line = lineFrom(file, at);
      isOpen = line.replace(dash === "-" ? /^\t+|\r$/g : /\r$/, "") !== name;
      at += line.length + 1;
    }
  }
  return at;
}

/** The line that begins at an offset, without its line feed. */
export function lineFrom(file: string, from: number): string {
  const end = file.indexOf("\n", from);
  return file.slice(from, end === -1 ? undefined : end);
}
