// Writing hosts into a file that has none of setup's: custom domains, the list for the page, a universal row.

import type { AST } from "toml-eslint-parser";
import { patternsOf } from "../check/domains.ts";
import { variablesOf, type Table } from "../check/files.ts";
import { findEntry, findSection, readDocument, type Document } from "./document.ts";
import {
  applyEdits,
  belowSection,
  below,
  belowTop,
  endOfList,
  insteadOf,
  isBelow,
  type Edit,
} from "./edits.ts";
import { Refused } from "./refused.ts";
import { MIRROR } from "./rows.ts";
import { namesOf, requireTable, variableEdit } from "./variables.ts";
import { titleOf, type State } from "./written.ts";

/**
 * A file with setup's hosts in it.
 * @param text without any of setup's hosts
 * @param wrangler the same, parsed
 * @throws Refused where the file is written in a way that cannot be continued, with the lines to write
 */
export function writeHosts(text: string, wrangler: Table, state: State): string {
  if (state.hosts.length === 0) return text;
  const document = readDocument(text);
  const edits = [
    ...routeEdits(document, wrangler, state.hosts),
    ...nameEdits(document, wrangler, state.hosts),
    ...(state.hasMirror ? [mirrorEdit(document)] : []),
  ];
  return applyEdits(document, "hosts", titleOf(state), edits);
}

/** Custom domains for those hosts that the owner's own routes do not have. */
function routeEdits(document: Document, wrangler: Table, hosts: readonly string[]): Edit[] {
  const patterns = patternsOf(wrangler);
  const there = new Set(
    patterns.map(({ text, isDomain }) =>
      isDomain ? text.toLowerCase() : text.toLowerCase().replace(/^https?:\/\/|\/\*$/g, ""),
    ),
  );
  const missing = hosts.filter((host) => !there.has(host));
  if (missing.length === 0) return [];
  if (wrangler["route"] !== undefined) throw new Refused(singular(document));
  const tables = document.sections.filter(({ path }) => path.length === 2 && path[0] === "routes");
  const last = tables.at(-1);
  if (last !== undefined) {
    const lines = missing.flatMap((host) => [
      "",
      "[[routes]]",
      `pattern = "${host}"`,
      "custom_domain = true",
    ]);
    return [{ place: belowSection(document, last), lines: lines.slice(1) }];
  }
  const entries = missing.map((host) => `{ pattern = "${host}", custom_domain = true },`);
  // Where the file does not say, wrangler turns workers.dev off with the first route.
  const isUnsaid = wrangler["workers_dev"] === undefined && patterns.length === 0;
  const own = isUnsaid ? ["workers_dev = true"] : [];
  const list = findEntry(document, "routes");
  if (list === undefined) {
    const indented = entries.map((entry) => `  ${entry}`);
    return [{ place: belowTop(document), lines: [...own, "routes = [", ...indented, "]"] }];
  }
  if (list.node.value.type !== "TOMLArray")
    throw new Refused("wrangler.toml, routes: is no list: write routes = [ … ]");
  return [
    inList(document, list.node, entries),
    ...(isUnsaid ? [{ place: belowTop(document), lines: own }] : []),
  ];
}

function singular(document: Document): string {
  const entry = findEntry(document, "route");
  const value = entry === undefined ? "{ pattern = … }" : document.text.slice(...entry.node.value.range);
  const shown = /[\r\n]/.test(value) ? "{ pattern = … }" : value;
  return `wrangler.toml has a single \`route\`, and wrangler takes either that or a list: write routes = [ ${shown} ] in its place, then run setup again`;
}

/** Items behind the last one of the owner's. */
function inList(document: Document, node: AST.TOMLKeyValue, items: readonly string[]): Edit {
  const { place, lacksComma } = endOfList(document, { path: [], node });
  return { place, lines: items.map((item, index) => (index === 0 && lacksComma ? `, ${item}` : item)) };
}

/** `HOSTS` with those that it does not have. */
function nameEdits(document: Document, wrangler: Table, hosts: readonly string[]): Edit[] {
  const said = variablesOf(wrangler)["HOSTS"];
  const there = namesOf(said);
  const missing = hosts.filter((host) => !there.some((name) => name.toLowerCase() === host));
  if (missing.length === 0) return [];
  const items = (names: readonly string[]): string[] => names.map((name) => `${JSON.stringify(name)},`);
  const list = (key: string, names: readonly string[]): string[] => [
    `${key} = [`,
    ...items(names).map((item) => `  ${item}`),
    "]",
  ];
  const entry = findEntry(document, "vars", "HOSTS");
  if (entry?.node.value.type === "TOMLArray") return [inList(document, entry.node, items(missing))];
  if (entry !== undefined) {
    const key = entry.node.parent.type === "TOMLTopLevelTable" ? "vars.HOSTS" : "HOSTS";
    const { place, before } = insteadOf(document, entry);
    return [{ place, lines: [...before, ...list(key, [...there, ...missing])] }];
  }
  requireTable(document, `HOSTS = ${JSON.stringify(missing)}`);
  return [variableEdit(document, (prefix) => list(`${prefix}HOSTS`, missing))];
}

/** A row that leads to every registry, behind the last row of the table. */
function mirrorEdit(document: Document): Edit {
  const table = findSection(document, "vars", "ROUTES");
  if (table !== undefined) return { place: belowSection(document, table), lines: [`${MIRROR} = "*"`] };
  const inVariables = document.entries.findLast(({ path }) => isBelow(path, "vars", "ROUTES"));
  const parent = inVariables?.node.parent;
  if (inVariables !== undefined && parent?.type === "TOMLTopLevelTable") {
    return { place: below(document, inVariables.node.range[1]), lines: [`vars.ROUTES.${MIRROR} = "*"`] };
  }
  if (inVariables !== undefined && parent?.type === "TOMLTable" && parent.resolvedKey.length === 1) {
    return { place: below(document, inVariables.node.range[1]), lines: [`ROUTES.${MIRROR} = "*"`] };
  }
  const last = document.sections.findLast(({ path }) => isBelow(path, "vars", "ROUTES"));
  if (last !== undefined) {
    return { place: belowSection(document, last), lines: [`[vars.ROUTES.${MIRROR}]`, 'upstream = "*"'] };
  }
  throw new Refused(
    `the routes table stands in one value, to which setup adds no row: write ${MIRROR} = "*" into it yourself, ` +
      "then run setup again",
  );
}
