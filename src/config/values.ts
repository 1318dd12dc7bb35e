// One value of the environment: read, or reported as a fault. Nothing here throws.

import { quote, stateOf } from "./quote.ts";

/** Takes the reason why a value is none. */
export type ReportReason = (reason: string) => void;

/** Reads one value. `subject` is what a fault begins with: an option and its verb, such as "`mirrors` has". */
export type Read = (value: unknown, subject: string, report: ReportReason) => string | undefined;

/**
 * An array, or a string split at commas, spaces and line ends, each item once. Unset and blank is undefined, an empty
 * array is a choice.
 * @param option its name in faults; empty for a variable, whose name stands before them
 */
export function readList(
  value: unknown,
  option: string,
  report: ReportReason,
  read: Read,
): string[] | undefined {
  if (isBlank(value)) return undefined;
  const items = typeof value === "string" ? value.split(/[\s,]+/).filter((item) => item !== "") : value;
  const prefix = option === "" ? "" : `\`${option}\` `;
  if (!Array.isArray(items)) {
    report(`${prefix}is ${quote(value)}: write a list, or a text with commas or spaces between its items`);
    return undefined;
  }
  const good = items.map((item) => read(item, `${prefix}has`, report)).filter((item) => item !== undefined);
  return [...new Set(good)];
}

/**
 * The items of an access variable: an array, or a string split like a list's. Empty is no choice here (S20).
 * @param report told of what is no such list, and of nothing that is in it
 * @returns undefined where the variable is not there, and where it is no list
 */
export function readItems(value: unknown, report: ReportReason): readonly unknown[] | undefined {
  if (value === undefined) return undefined;
  const items: unknown =
    typeof value === "string" ? value.split(/[\s,]+/).filter((item) => item !== "") : value;
  if (Array.isArray(items) && items.length > 0) return items as unknown[];
  const advice = "write a list, or a text with commas or spaces between its items, or remove it";
  report(`${typeof value === "string" && !isBlank(value) ? "has only commas" : stateOf(value)}: ${advice}`);
  return undefined;
}

/** True or false of an access variable. Only what is not there is false without being said (S20). */
export function readSwitch(value: unknown, report: ReportReason): boolean {
  if (value === undefined || isFalse(value)) return false;
  if (!isTrue(value)) report(`${stateOf(value)}: write true or false, or remove it`);
  return true;
}

/** True or false of a variable that is not about access: of those, a blank one is unset. */
export function readFlag(value: unknown, report: ReportReason): boolean {
  if (isTrue(value)) return true;
  if (!isBlank(value) && !isFalse(value)) report(`is ${quote(value)}: write true or false`);
  return false;
}

export function readBoolean(value: unknown, option: string, report: ReportReason): boolean | undefined {
  if (unset(value)) return undefined;
  if (isTrue(value)) return true;
  if (isFalse(value)) return false;
  report(`\`${option}\` is ${quote(value)}: write true or false`);
  return undefined;
}

export function unset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

/** Unset, or nothing but white space. */
export function isBlank(value: unknown): boolean {
  return unset(value) || (typeof value === "string" && value.trim() === "");
}

export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

export function isFalse(value: unknown): boolean {
  return value === false || value === "false";
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
