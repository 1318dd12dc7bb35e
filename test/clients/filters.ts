// What of the run is wanted, as its arguments say.

import { parseArgs } from "node:util";
import type { Operation } from "./operations.ts";
import type { Target } from "./targets.ts";

const option = { type: "string" } as const;
/**
 * Each filter keeps what has these words in its name: `--client docker --target direct --op push` of the table,
 * `--recipe podman` of docs/recipes.md. Filters of one leave the other out.
 */
const { values: filters } = parseArgs({
  options: { client: option, target: option, op: option, recipe: option },
});
const filtersTable = [filters.client, filters.target, filters.op].some((filter) => filter !== undefined);

export const wantsRecipes = filters.recipe !== undefined || !filtersTable;
/** True where everything is to be tried. */
export const wantsAll = Object.keys(filters).length === 0;
const wantsTable = filtersTable || filters.recipe === undefined;

export function isWantedClient(name: string): boolean {
  return wantsTable && matches(filters.client, name);
}

export function isWanted({ label }: Pick<Target, "label">): boolean {
  return wantsTable && matches(filters.target, label);
}

export function isWantedOperation({ name }: Operation): boolean {
  return matches(filters.op, name);
}

export function isWantedRecipe(title: string): boolean {
  return wantsRecipes && matches(filters.recipe, title);
}

function matches(filter: string | undefined, name: string): boolean {
  return filter === undefined || name.toLowerCase().includes(filter.toLowerCase());
}
