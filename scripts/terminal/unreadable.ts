// Why a file cannot be read, without what stands in it: there may be a secret.

import { TomlError } from "smol-toml";
import { printable } from "./printable.ts";

const QUOTES = "true and false are written without quotes, text in double quotes";

/** What may be found at the place of a fault, counted from one: what is wrong there, and what to type. */
export type Look = (line: number, column: number) => string | undefined;

/**
 * One line with the place and the reason, and no piece of the file.
 * @param look at the file, where a parser says no more than that it is wrong
 */
export function whyUnreadable(file: string, error: unknown, look: Look = () => undefined): string {
  // The message's first line alone: the others show a piece of the file.
  const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  const at = error instanceof TomlError ? error : undefined;
  const place = at === undefined ? "" : `line ${at.line}, column ${at.column}: `;
  const found = at === undefined ? undefined : look(at.line, at.column);
  const hint = found ?? (/invalid value|in numeric literal/.test(reason) ? QUOTES : undefined);
  return printable(`${file} cannot be read: ${place}${reason}${hint === undefined ? "" : `: ${hint}`}`);
}
