// A variable of the owner's file: where its lines go, and where they cannot.

import { readList } from "../../src/config/values.ts";
import { findEntry, findSection, topEntries, type Document } from "./document.ts";
import { aboveSection, below, isBelow, type Edit } from "./edits.ts";
import { Refused } from "./refused.ts";

/** The names of `HOSTS` as it is. @throws Refused where it is no list */
export function namesOf(said: unknown): readonly string[] {
  const names = readList(
    said,
    "",
    (reason) => {
      throw new Refused(`wrangler.toml, HOSTS: ${reason}. Mend that first`);
    },
    (item) => (typeof item === "string" ? item : undefined),
  );
  return names ?? [];
}

/** @throws Refused where the variables stand in one value, which lines cannot be added to */
export function requireTable(document: Document, line: string): void {
  if (findEntry(document, "vars") === undefined) return;
  throw new Refused(
    "wrangler.toml has its variables in one line, vars = { … }, to which setup adds nothing. " +
      `Write a line [vars] and each variable on a line below it, or add to it yourself: ${line}`,
  );
}

/**
 * A variable below `[vars]`, which is written where it is missing.
 * @param lines of the variable; told what stands before its name
 */
export function variableEdit(document: Document, lines: (prefix: string) => readonly string[]): Edit {
  const table = findSection(document, "vars");
  if (table !== undefined) return { place: below(document, table.node.key.range[1]), lines: lines("") };
  const dotted = topEntries(document).findLast(({ path }) => isBelow(path, "vars"));
  if (dotted !== undefined) return { place: below(document, dotted.node.range[1]), lines: lines("vars.") };
  const first = document.sections.find(({ path }) => isBelow(path, "vars"));
  if (first === undefined)
    throw new Refused("wrangler.toml has no [vars]: write that line, and [vars.ROUTES] below it");
  return { place: aboveSection(document, first), lines: ["[vars]", ...lines("")] };
}
