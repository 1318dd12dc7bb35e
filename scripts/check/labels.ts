// The labels by which rows with `key` let in, wherever the owner's files have them: nothing that is printed shows one (S16).

import { hasKeyOption, LEAST_HIDDEN, secretLabels } from "../../src/config/key-rows.ts";
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

/** All words of a text that are so long that one would be hidden if it were a label, though it be written with escapes. */
export function likelyLabels(text: string): ReadonlySet<string> {
  const read = text.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(parseInt(code, 16)),
  );
  const words = read.toLowerCase().match(/[a-z0-9_-]+/g) ?? [];
  return new Set(words.filter((word) => word.length >= LEAST_HIDDEN));
}

/** Of rows wherever they stand; TOML takes a full name without quotes apart, so that the tables around one may have its label. */
function namesOfKeyRows(table: Table, around: readonly string[] = []): string[] {
  return Object.entries(table)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, each] as const))
    .flatMap(([name, value]) => {
      if (!isTable(value)) return [];
      const path = [...around, name.toLowerCase()];
      const isRow = hasKeyOption(value) && Object.hasOwn(value, "upstream");
      const names = path.filter((one, at) => one.length >= LEAST_HIDDEN || (isRow && at === path.length - 1));
      return [...(hasKeyOption(value) ? names : []), ...namesOfKeyRows(value, path)];
    });
}
