// What the checker of the documentation finds: where, what is wrong, and what is there instead.

import { printable } from "../terminal/printable.ts";

export interface Finding {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly wrong: string;
  /** What is there in its place; empty where there is nothing to say. */
  readonly instead: string;
}

/** The same without its file: for rules that look at one document. */
export type Fault = Omit<Finding, "file">;

/** One line for a terminal, whatever stands in the documents. */
export function lineOf({ file, line, wrong, instead }: Finding): string {
  return printable(`${file}:${line}: ${wrong}${instead === "" ? "" : `; ${instead}`}`);
}
