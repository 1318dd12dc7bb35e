// What a step of the doctor found, and how it is printed.

import { excerpt } from "../terminal/printable.ts";

/** One step: what was found, and where it failed what to do. */
export interface Finding {
  readonly step: string;
  readonly isOk: boolean;
  /** One line. */
  readonly found: string;
  /** What to do; only of a step that failed. */
  readonly advice?: string;
}

export function ok(step: string, found: string): Finding {
  return { step, isOk: true, found };
}

export function failed(step: string, found: string, advice: string): Finding {
  return { step, isOk: false, found, advice };
}

const WIDEST = "challenge".length;

/** The lines of a finding. What came from the network is without control characters, and of bounded length. */
export function linesOf({ advice, found, isOk, step }: Finding): string[] {
  const first = `${isOk ? "ok    " : "FAILED"}  ${step.padEnd(WIDEST)}  ${excerpt(found)}`;
  return advice === undefined ? [first] : [first, `${" ".repeat(WIDEST + 10)}${excerpt(advice, 800)}`];
}
