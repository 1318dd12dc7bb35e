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
  /** What to do instead where the proxy is `npm start` on this machine, and nothing of Cloudflare's is in the way. */
  readonly adviceHere?: string;
}

export function ok(step: string, found: string): Finding {
  return { step, isOk: true, found };
}

export function failed(step: string, found: string, advice: string, adviceHere?: string): Finding {
  return { step, isOk: false, found, advice, ...(adviceHere !== undefined && { adviceHere }) };
}

/** The finding with the one advice that is right for a proxy on this machine. */
export function asFoundHere({ adviceHere, ...finding }: Finding): Finding {
  return adviceHere === undefined ? finding : { ...finding, advice: adviceHere };
}

/** Where the proxy's own log is read. */
export const LOG = "npx wrangler tail shows the proxy's own line about it";
export const LOG_HERE = "the terminal of `npm start` shows the proxy's own line about it";

/** How the command is written with an image in it. */
export const WITH_IMAGE = "npm run doctor -- <address> <image>";

const WIDEST = "challenge".length;

/** The lines of a finding. What came from the network is without control characters, and of bounded length. */
export function linesOf({ advice, found, isOk, step }: Finding): string[] {
  const first = `${isOk ? "ok    " : "FAILED"}  ${step.padEnd(WIDEST)}  ${excerpt(found)}`;
  return advice === undefined ? [first] : [first, `${" ".repeat(WIDEST + 10)}${excerpt(advice, 800)}`];
}
