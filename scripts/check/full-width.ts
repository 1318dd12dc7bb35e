// Full-width punctuation, and quotes and dashes of typesetting: what an input method or an editor put where ASCII was meant.

import { parseTOML, type AST } from "toml-eslint-parser";
import { warning, type Finding } from "./findings.ts";

/** Those that are no ASCII moved by a fixed distance, as U+FF01 to U+FF5E are. */
const INSTEAD: Readonly<Record<string, string>> = {
  "\u3000": "a space",
  "、": ",",
  "。": ".",
  "｡": ".",
  "【": "[",
  "】": "]",
  "〔": "[",
  "〕": "]",
  "「": '"',
  "」": '"',
  "『": '"',
  "』": '"',
  "“": '"',
  "”": '"',
  "„": '"',
  "‘": "'",
  "’": "'",
  "–": "-",
  "—": "-",
};
const QUOTES = "“”„‘’「」『』＂＇";

const ANY = new RegExp(`[\uff01-\uff5e${Object.keys(INSTEAD).join("")}]`, "g");

/** A text for people, in which all of them may be meant. */
const FREE_TEXT = "OPERATOR";

/**
 * What is wrong with the place at which a TOML parser stopped, if it is this.
 * @param line counted from one, as the column
 * @returns what to type; nothing else of the text is in it, which may be a secret
 */
export function typedAt(text: string, line: number, column: number): string | undefined {
  const written = text.split("\n")[line - 1] ?? "";
  const there = written[column - 1] ?? "";
  if (asciiFor(there) !== undefined) return describe(there);
  // A text that was never ended is found at the line's end.
  const all = charactersIn(written);
  const likeliest = all.find((one) => QUOTES.includes(one)) ?? all[0];
  return likeliest === undefined ? undefined : describe(likeliest);
}

/** A variable whose value stands in quotes. */
const QUOTED = /^[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)/gm;

/**
 * The line of .dev.vars that divides a name from its value with the wrong character, so that both are lost.
 * @returns its number, and what to type
 */
export function unreadableLine(secrets: string): string | undefined {
  // A value may have lines of its own.
  const bare = secrets.replace(QUOTED, (value) => value.replace(/[^\n]+/g, "="));
  const lines = bare.split("\n");
  const at = lines.findIndex((line) => /^\s*(?:(?:export\s+)?\w+\s*[＝：]|＃)/.test(line));
  const [first = ""] = charactersIn(lines[at] ?? "");
  // A colon is no better in ASCII.
  const said = first === "：" ? `${nameOf(first)}: type = instead` : describe(first);
  return at === -1 ? undefined : `line ${at + 1}: ${said}`;
}

/** Warnings of what stands in the values of the two files, one for each line. Both can be read. */
export function checkFullWidth({ wrangler, secrets }: { wrangler: string; secrets: string }): Finding[] {
  return [
    ...inToml(wrangler).map((said) => warning(`wrangler.toml, ${said}`)),
    ...inVariables(secrets).map((said) => warning(`.dev.vars, ${said}`)),
  ];
}

function inToml(text: string): string[] {
  const tokens = tokensOf(text);
  const texts = tokens.filter(
    (_, at) => tokens[at - 1]?.value !== "=" || tokens[at - 2]?.value !== FREE_TEXT,
  );
  const lines = new Map<number, string>();
  for (const { value, loc } of texts) {
    for (const [after, line] of value.split("\n").entries()) {
      const number = loc.start.line + after;
      lines.set(number, (lines.get(number) ?? "") + line);
    }
  }
  return [...lines].flatMap(([number, line]) => describeLine(number, line));
}

/** None where this parser does not take what wrangler's took. */
function tokensOf(text: string): readonly AST.Token[] {
  try {
    return parseTOML(text.replace(/^\uFEFF/, ""), { tomlVersion: "1.1" }).tokens;
  } catch {
    return [];
  }
}

/** As a shell reads them: what stands behind a value is a comment. */
function inVariables(text: string): string[] {
  return text.split("\n").flatMap((line, at) => {
    if (/^\s*#/.test(line)) return [];
    const [, name, value] =
      /^\s*(?:export\s+)?([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|`[^`]*`|[^#]*)/.exec(line) ?? [];
    return name === FREE_TEXT ? [] : describeLine(at + 1, value ?? line);
  });
}

function describeLine(number: number, text: string): string[] {
  const all = [...new Set(charactersIn(text))];
  return all.length === 0 ? [] : [`line ${number}: ${all.map(describe).join("; ")}`];
}

function describe(character: string): string {
  return `${nameOf(character)}: type ${asciiFor(character) ?? ""} instead`;
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const kind = /[“”„‘’–—]/.test(character) ? "a typographic character" : "a full-width character";
  return `has ${character === "\u3000" ? "a blank" : character} (U+${code}), ${kind}`;
}

function charactersIn(text: string): readonly string[] {
  return text.match(ANY) ?? [];
}

/** What is typed for it on an English keyboard; undefined for all other characters. */
function asciiFor(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xff01 && code <= 0xff5e) return String.fromCodePoint(code - 0xfee0);
  return Object.hasOwn(INSTEAD, character) ? INSTEAD[character] : undefined;
}
