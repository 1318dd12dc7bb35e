// Rows that let in by their label (`key = true`, S16). The label is what people must know: nothing shows it.

import { isWithin } from "./edits.ts";
import type { Written } from "./routes-table.ts";
import { isTable } from "./values.ts";

const LEAST_CHARACTERS = 20;
const LEAST_DIFFERENT = 10;

/** Tables within a row are faults; a full name without quotes makes some (`a.example.com = …`). */
const DEPTH = 16;

/** True of a row by which its owner wants to let people in, though it be misspelt or taken apart by TOML. */
export function mayBeKeyRow(entry: unknown, depth = DEPTH): boolean {
  if (!isTable(entry) || depth === 0) return false;
  return hasKeyOption(entry) || Object.values(entry).some((inner) => mayBeKeyRow(inner, depth - 1));
}

/** True of a table with an option `key`, though it be misspelt. */
export function hasKeyOption(table: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(table).some((option) => isWithin(1, option.toLowerCase(), "key"));
}

/** What to do with a key row that stands elsewhere than in the table. Its name is its label. */
export const LOST_KEY_ROW =
  "a row with `key` stands outside of the routes table, where it lets nobody in: move it below [vars.ROUTES]";

/** True of a variable, or of a setting of wrangler.toml, that is such a row: TOML takes it into the table above it. */
export function isLostKeyRow(value: unknown): boolean {
  return isTable(value) && Object.hasOwn(value, "upstream") && mayBeKeyRow(value);
}

/** The labels of such rows in lower case: of a full host name its first. */
export function secretLabels(rows: readonly Written[]): ReadonlySet<string> {
  return new Set(rows.filter(({ entry }) => mayBeKeyRow(entry)).map(({ key }) => firstLabel(key)));
}

/** True of a row's key, or of a host, that begins with such a label. */
export function isSecretHost(host: string, labels: ReadonlySet<string>): boolean {
  return labels.has(firstLabel(host));
}

/** What is wrong with the label of a key row; undefined for one that nobody will guess. */
export function objectionToLabel(key: string): string | undefined {
  if (key.includes("."))
    return "a row with `key` is a label, and has no dot: write the label alone, it is good on each of your domains";
  const advice = `write ${LEAST_CHARACTERS} random letters and digits at least`;
  if (key.length < LEAST_CHARACTERS)
    return `a key that lets in must not be guessed, and this has ${key.length} characters: ${advice}`;
  const different = new Set(key).size;
  return different < LEAST_DIFFERENT
    ? `a key that lets in must not be guessed, and this has ${different} different characters: ${advice}`
    : undefined;
}

/** A label has to be as long as this before it is looked for in a text: shorter ones are words, and faults anyway. */
export const LEAST_HIDDEN = 16;
/** As much of it as may be left where a text was cut short. */
const BEGINNING = 10;

/** A text of ours in which an owner's value may have brought such a label along: three stars stand for it. */
export function withoutLabels(text: string, labels: ReadonlySet<string>): string {
  let shown = text;
  for (const label of labels) {
    if (label.length < LEAST_HIDDEN) continue;
    const beginning = label.slice(0, BEGINNING).replace(/[^a-z0-9_-]/g, "\\$&");
    shown = shown.replace(new RegExp(`${beginning}[a-z0-9_-]*`, "gi"), "***");
  }
  return shown;
}

function firstLabel(host: string): string {
  return host.toLowerCase().split(".", 1)[0] ?? "";
}
