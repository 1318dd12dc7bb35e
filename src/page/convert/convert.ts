// A pasted text to the same text with its images through this proxy: what it is, and what becomes of it.

import { hasOddCharacters } from "../../distribution/odd-characters.ts";
import { readCommand } from "./command.ts";
import { convertDockerfile } from "./dockerfile.ts";
import { applyEdits, excerpt } from "./edits.ts";
import type { Offer } from "./offer.ts";
import type { Kind, Left, Rewritten } from "./types.ts";
import { Uses } from "./uses.ts";
import { convertYaml } from "./yaml.ts";

/** What became of a text. */
export interface Conversion {
  /** Undefined, where it is nothing that is known here. */
  readonly kind: Kind | undefined;
  /** The text that comes out; empty, where nothing may be handed on. */
  readonly text: string;
  readonly rewritten: readonly Rewritten[];
  readonly left: readonly Left[];
  /** Why nothing is handed on: it is too long, or a line has more in it than a command that pulls. */
  readonly refused?: "too-long" | "not-one-command";
}

/** Characters (UTF-16 units) of the longest text that is read. */
export const LONGEST = 2 ** 20;

const NOTHING: Conversion = { kind: undefined, text: "", rewritten: [], left: [] };
/**
 * What an image's name may have in it that is not in a file. A shell makes nothing of these; what it makes of variables can be a
 * second command (`${PROMPT_COMMAND:=…}`).
 */
const HARMLESS = /^[\w./:@+[\]-]+$/;
const HARMLESS_COMMENT = /^#[\w ./:@=+,-]*$/;

/** The first line of what is taken for YAML or JSON. */
const YAML = /^(?:[{%]|\[(?![\da-f:]+\])|---|-\s)|:(?:\s|$)/i;

/**
 * Rewrites every image of a text so that it is pulled through this proxy, and nothing else.
 * @param input an image's name, a command that pulls (or several of them, a line each), a Dockerfile, YAML or JSON
 */
export function convert(input: string, offer: Offer): Conversion {
  if (input.length > LONGEST) return { ...NOTHING, refused: "too-long" };
  // The first that is neither empty nor a comment.
  const first = input.split("\n").find((line) => !/^\s*(?:#|$)/.test(line)) ?? "";
  const isDockerfile = /^\s*(?:from|arg)[ \t]/i.test(first);
  if (!isDockerfile && (!YAML.test(first.trimStart()) || readCommand(withoutPrompt(first)) !== undefined)) {
    return convertList(input, offer);
  }
  const { kind, edits, rewritten, left } = isDockerfile
    ? { kind: "dockerfile" as const, ...convertDockerfile(input, offer) }
    : convertYaml(input, offer);
  return kind === undefined ? NOTHING : { kind, text: applyEdits(input, edits), rewritten, left };
}

/** Names and commands, one a line. Nothing, where another line is among them. */
function convertList(input: string, offer: Offer): Conversion {
  const uses = new Uses(offer);
  let kind: "image" | "command" | undefined;
  let at = 0;
  for (const [index, whole] of input.split("\n").entries()) {
    const line = withoutPrompt(whole);
    const start = at + whole.lastIndexOf(line);
    at += whole.length + 1;
    if (line === "" || HARMLESS_COMMENT.test(line)) continue;
    const command = readCommand(line);
    const images = command ?? (/\s/.test(whole.trim()) ? [] : [{ at: 0, text: line }]);
    const lineKind = command === undefined ? "image" : "command";
    // A name in a line of its own among commands would be a command itself.
    const isMixed = kind !== undefined && kind !== lineKind;
    if (isMixed || images.length === 0) {
      return isMixed || lineKind === "command" ? refuse(line, index + 1) : NOTHING;
    }
    kind = lineKind;
    for (const { at: from, text } of images) {
      const region = { at: start + from, text };
      if (HARMLESS.test(text) || hasOddCharacters(text)) uses.add(region);
      else uses.leave(region, text.includes("$") ? "variable" : "invalid");
    }
  }
  if (kind === undefined) return NOTHING;
  const { edits, rewritten, left } = uses.result(input);
  const isBad = left.some(({ reason }) => reason !== "not-served" && reason !== "already");
  const lines = applyEdits(input, edits).split("\n").map(withoutPrompt);
  return { kind, text: isBad ? "" : lines.join("\n").trim(), rewritten, left };
}

function withoutPrompt(line: string): string {
  return line.trim().replace(/^\$[ \t]+/, "");
}

function refuse(line: string, number: number): Conversion {
  const left = [{ line: number, image: excerpt(line), reason: "syntax" as const }];
  return { ...NOTHING, kind: "command", left, refused: "not-one-command" };
}
