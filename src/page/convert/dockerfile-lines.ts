// A Dockerfile's instructions, as BuildKit's parser reads them (frontend/dockerfile/parser): directives, comments,
// continuation lines and heredocs.

import { afterHeredocs, JOINT, lineFrom, wordsOf, type Word } from "./dockerfile-words.ts";
import type { Region } from "./variables.ts";

/** An instruction with its lines joined. */
export interface Instruction {
  /** In lower case; of `ONBUILD COPY` it is `copy`. */
  readonly keyword: string;
  readonly isOnbuild: boolean;
  /** What follows the keyword. */
  readonly words: readonly Word[];
}

/** What a Dockerfile consists of. */
export interface Dockerfile {
  readonly escape: string;
  /** The image of the syntax directive. */
  readonly syntax: Region | undefined;
  readonly instructions: readonly Instruction[];
  /** The line from which on it is no Dockerfile. */
  readonly stopped: Region | undefined;
}

const KEYWORD =
  /^\s*(onbuild\s+)?(add|arg|cmd|copy|entrypoint|env|expose|from|healthcheck|label|maintainer|run|shell|stopsignal|user|volume|workdir)(?!\S)/i;

/** Directives stand first, and end at the first line that is none, be it a comment or empty. */
const DIRECTIVE = /([^\S\n]*#[^\S\n]*([a-z][a-z\d]*)[^\S\n]*=[^\S\n]*)(\S+)[^\n]*\n?/giy;
/** A comment, or nothing. */
const SKIPPED = /^\s*(?:#|$)/;

/** Reads a Dockerfile. */
export function readDockerfile(file: string): Dockerfile {
  const directives = new Map<string, Region>();
  for (const { index, 1: before = "", 2: name = "", 3: text = "" } of file.matchAll(DIRECTIVE)) {
    const key = name.toLowerCase();
    if (!directives.has(key)) directives.set(key, { at: index + before.length, text });
  }
  const escape = directives.get("escape")?.text.startsWith("`") === true ? "`" : "\\";
  const instructions: Instruction[] = [];
  const result = { escape, syntax: directives.get("syntax"), instructions };
  for (let at = 0; at < file.length;) {
    const start = at;
    const line = lineFrom(file, start);
    // Lines that go on can have nothing in them either.
    const text = SKIPPED.test(line) ? "" : joinLines(file, start, escape);
    at += Math.max(text.length, line.length + 1);
    if (text.trim() === "") continue;
    const stopped = { at: start, text: line.trim() };
    const [before, onbuild, keyword] = KEYWORD.exec(text) ?? [];
    // Not one more: what follows may be anything, with words in it that only look like instructions.
    if (before === undefined || keyword === undefined) return { ...result, stopped };
    const words = wordsOf(text, start, before.length, escape);
    instructions.push({ keyword: keyword.toLowerCase(), isOnbuild: onbuild !== undefined, words });
    const after = /^(?:add|copy|run)$/i.test(keyword) ? afterHeredocs(file, at, text) : at;
    if (after === undefined) return { ...result, stopped };
    at = after;
  }
  return { ...result, stopped: undefined };
}

/**
 * Joins a line and those that continue it. What is left out is filled up, so that all else stands as far from the
 * start as in the file. Comments and empty lines between them end nothing.
 */
function joinLines(file: string, start: number, escape: string): string {
  let text = "";
  for (let goesOn = true; goesOn && start + text.length < file.length;) {
    const line = lineFrom(file, start + text.length);
    const isSkipped = text !== "" && SKIPPED.test(line);
    const last = line.lastIndexOf(escape);
    // Two of them are no continuation: the first escapes the second.
    const isJoined = last !== -1 && /^[ \t]*\r?$/.test(line.slice(last + 1)) && line[last - 1] !== escape;
    const kept = isSkipped ? "" : isJoined ? line.slice(0, last) : line;
    text += kept.padEnd(line.length + 1, JOINT);
    goesOn = isSkipped || isJoined;
  }
  return text;
}
