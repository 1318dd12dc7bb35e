// Numbers of the environment, and what was meant by one with a unit.

import { quote } from "./quote.ts";
import { unset, type ReportReason } from "./values.ts";

/** What a number counts, with the units that owners write for it. */
export interface Measure {
  readonly name: string;
  /** How many it is of one of each unit, in lower case. */
  readonly units: Readonly<Record<string, number>>;
}

const KIB = 1024;

export const SECONDS: Measure = {
  name: "seconds",
  units: {
    ...{ "": 1, s: 1, sec: 1, secs: 1, second: 1, seconds: 1 },
    ...{ m: 60, min: 60, mins: 60, minute: 60, minutes: 60 },
    ...{ h: 3600, hour: 3600, hours: 3600, d: 86400, day: 86400, days: 86400 },
  },
};

export const BYTES: Measure = {
  name: "bytes",
  units: {
    ...{ "": 1, b: 1, byte: 1, bytes: 1 },
    ...{ k: KIB, kib: KIB, m: KIB ** 2, mib: KIB ** 2, g: KIB ** 3, gib: KIB ** 3 },
    ...{ kb: 1e3, mb: 1e6, gb: 1e9 },
  },
};

/** A whole number from 0 to `most`, as a number or in digits; unset is the fallback. */
export function readNumber(
  value: unknown,
  measure: Measure,
  fallback: number,
  most: number,
  report: ReportReason,
): number {
  if (unset(value)) return fallback;
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  const isInRange = (one: unknown): one is number =>
    typeof one === "number" && Number.isSafeInteger(one) && one >= 0 && one <= most;
  if (isInRange(number)) return number;
  const meant = typeof value === "string" ? numberMeant(value, measure) : undefined;
  const write = isInRange(meant)
    ? `${meant} (${measure.name})`
    : `a whole number of ${measure.name}, from 0 to ${most}`;
  report(`is ${quote(value)}: write ${write}`);
  return fallback;
}

/** The number that a text with a unit stands for: 60 for `60s`, 2097152 for `2 MiB`. */
function numberMeant(text: string, { units }: Measure): number | undefined {
  const [, digits, unit = ""] = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
