// Why a file cannot be read, without what stands in it: there may be a secret.

import { TomlError } from "smol-toml";
import { printable } from "./printable.ts";

const QUOTES = "true and false are written without quotes, text in double quotes";

/** One line with the place and the reason, and no piece of the file. */
export function whyUnreadable(file: string, error: unknown): string {
  // The message's first line alone: the others show a piece of the file.
  const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}: ` : "";
  const hint = /invalid value|in numeric literal/.test(reason) ? `: ${QUOTES}` : "";
  return `${file} cannot be read: ${place}${printable(reason)}${hint}`;
}
