// What stands below a table of wrangler.toml and belongs elsewhere: TOML takes every line into the table above it.

import { isTable } from "./values.ts";
import { objectionToName, VARIABLES } from "./variables.ts";

/** Settings of wrangler.toml itself that its owner moves about. */
export const TOP_LEVEL: readonly string[] = [
  "account_id",
  "compatibility_date",
  "compatibility_flags",
  "keep_vars",
  "main",
  "name",
  "preview_urls",
  "route",
  "routes",
  "workers_dev",
];

export const MOVE_UP =
  "move it above the first table (the first line that begins with `[`), or TOML takes it into the table that it stands below";

const MOVE_OUT = "is a variable and not a row: move it to [vars], above [vars.ROUTES]";

/** True of a fault that is of a line's place, and not of what the line says. */
export function isOfPlace(fault: string): boolean {
  return fault.includes(MOVE_UP) || fault.includes(MOVE_OUT);
}

/** What to do with a row that is not one; undefined for what may be one. Values are not shown: they may be secrets. */
export function objectionToRow(key: string, entry: unknown): string | undefined {
  if (VARIABLES.includes(key)) return MOVE_OUT;
  if (leadsSomewhere(entry)) return undefined;
  if (TOP_LEVEL.includes(key)) return `is a setting of wrangler.toml and not a row: ${MOVE_UP}`;
  const objection = isTable(entry) ? undefined : objectionToName(key);
  if (objection === undefined) return undefined;
  return `is not an upstream's address, and not shown, since its key may be meant as a variable: it ${objection}`;
}

/** True of a variable that is wrangler's list of domains, and was to stand at the top of the file. */
export function isWranglerRoutes(variable: string, value: unknown): boolean {
  return (
    ["route", "routes"].includes(variable) && (Array.isArray(value) || (isTable(value) && "pattern" in value))
  );
}

function leadsSomewhere(entry: unknown): boolean {
  if (isTable(entry)) return "upstream" in entry;
  return typeof entry === "string" && (entry === "*" || /^https?:\/\/[^/*]+\/?$/.test(entry));
}
