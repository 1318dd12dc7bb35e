// The labels by which rows with `key` let in, wherever the owner's files have them: nothing that is printed shows one (S16).

import { hasKeyOption, secretLabels } from "../../src/config/key-rows.ts";
import { readTable } from "../../src/config/routes-table.ts";
import { isTable } from "../../src/config/values.ts";
import { environmentOf, variablesOf, type Files, type Table } from "./files.ts";

/**
 * In lower case: of the routes tables of wrangler.toml, of its environments and of .dev.vars, and of rows that TOML took into
 * another table.
 */
export function labelsIn(files: Files): ReadonlySet<string> {
  const { wrangler } = files;
  const environments = isTable(wrangler["env"]) ? Object.values(wrangler["env"]).filter(isTable) : [];
  const tables = [environmentOf(files), variablesOf(wrangler), ...environments.map(variablesOf)];
  return new Set([
    ...tables.flatMap(({ ROUTES }) => [...labelsOfTable(ROUTES)]),
    ...namesOfKeyRows(wrangler),
  ]);
}

/** Of a table that cannot be read, whatever may be one. */
function labelsOfTable(value: unknown): Iterable<string> {
  const rows = readTable(value, () => undefined);
  return rows.length === 0 && typeof value === "string" ? likelyLabels(value) : secretLabels(rows);
}

/** All words of a text that are as long and as plain as such a label. */
export function likelyLabels(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[a-z0-9_-]{16,}/g) ?? []);
}

function namesOfKeyRows(table: Table): string[] {
  return Object.entries(table)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, each] as const))
    .flatMap(([name, value]) => {
      if (!isTable(value)) return [];
      const isRow = Object.hasOwn(value, "upstream") && hasKeyOption(value);
      return [...(isRow ? [name.toLowerCase()] : []), ...namesOfKeyRows(value)];
    });
}
