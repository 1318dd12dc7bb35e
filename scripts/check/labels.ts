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
    ...tables.flatMap(({ ROUTES }) => [...secretLabels(readTable(ROUTES, () => undefined))]),
    ...namesOfKeyRows(wrangler),
  ]);
}

function namesOfKeyRows(table: Table): string[] {
  return Object.entries(table)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((each) => [name, each] as const))
    .flatMap(([name, value]) => {
      if (!isTable(value)) return [];
      return [...(hasKeyOption(value) ? [name.toLowerCase()] : []), ...namesOfKeyRows(value)];
    });
}
