// What stands in the wrong table of wrangler.toml, where nothing reads it, and what a tutorial left there.

import { isLostKeyRow, LOST_KEY_ROW } from "../../src/config/key-rows.ts";
import { MOVE_UP, TOP_LEVEL } from "../../src/config/misplaced.ts";
import { isTable } from "../../src/config/values.ts";
import { ACCESS_VARIABLES, objectionToName, VARIABLES } from "../../src/config/variables.ts";
import { variablesOf, type Table } from "./files.ts";
import { fault, warning, type Finding } from "./findings.ts";

/** These two mean something in other tables as well. */
const ELSEWHERE_TOO = ["main", "name"];

/**
 * Settings and variables that TOML took into a table that they do not belong to. `[vars]` is left to the Worker's own
 * configuration, which sees it, and `[env.*]` to `checkEnvironments`.
 */
export function checkPlaces(wrangler: Table): Finding[] {
  const move = whereToMove(wrangler);
  return Object.entries(wrangler).flatMap(([name, value]) => {
    if (name === "vars" || name === "env") return [];
    if (isLostKeyRow(value)) return [fault(LOST_KEY_ROW)];
    if (name === "ROUTES") return [fault(ROUTES_ALONE)];
    if (isOurs(name)) return [fault(belongsToVariables(name, "above all tables", move.below))];
    return misplacedIn(name, value, move.above);
  });
}

function misplacedIn(path: string, value: unknown, move: string): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item) => misplacedInTable(path, `[[${path}]]`, item, move));
  return misplacedInTable(path, `[${path}]`, value, move);
}

function misplacedInTable(path: string, place: string, table: unknown, move: string): Finding[] {
  if (!isTable(table)) return [];
  return Object.entries(table).flatMap(([name, inner]) => {
    if (isLostKeyRow(inner)) return [fault(`${place}: ${LOST_KEY_ROW}`)];
    if (isOurs(name)) return [fault(belongsToVariables(name, `in ${place}`, move))];
    if (TOP_LEVEL.includes(name) && !ELSEWHERE_TOO.includes(name))
      return [fault(`${place}, ${name}: ${MOVE_UP}`)];
    return misplacedIn(`${path}.${name}`, inner, move);
  });
}

/** True of a variable of ours, misspelt or not. wrangler's own settings are in lower case. */
function isOurs(name: string): boolean {
  return VARIABLES.includes(name) || (/^[A-Z][A-Z0-9_]*$/.test(name) && objectionToName(name) !== undefined);
}

const ROUTES_ALONE =
  "wrangler.toml: [ROUTES] is a table of its own, which nothing reads. Write [vars.ROUTES]";

function belongsToVariables(name: string, where: string, move: string): string {
  return `wrangler.toml: ${name} stands ${where}, where nothing reads it. ${move}`;
}

/** What to do with a variable: what stands below a table may only want the line that begins the next. */
function whereToMove(wrangler: Table): { readonly above: string; readonly below: string } {
  const isThere = Object.keys(variablesOf(wrangler)).some((name) => name !== "ROUTES");
  if (isThere) return { above: "Move it below [vars]", below: "Move it below [vars]" };
  return {
    above: "Write a line `[vars]` above it, or uncomment `# [vars]`",
    below: "Move it below a line `[vars]`, above [vars.ROUTES]",
  };
}

/** What becomes of `[env.*]`: nobody deploys it, and with `--env` it is a Worker that has nothing of the top's. */
export function checkEnvironments(wrangler: Table): Finding[] {
  const environments = isTable(wrangler["env"]) ? wrangler["env"] : {};
  const { below } = whereToMove(wrangler);
  return Object.entries(environments).flatMap(([name, value]) => {
    const environment = isTable(value) ? value : {};
    const variables = variablesOf(environment);
    const lost = Object.keys(variables).filter(
      (each) =>
        ACCESS_VARIABLES.includes(each) ||
        objectionToName(each) !== undefined ||
        (each === "ROUTES" && hasKeyRow(variables[each])),
    );
    return [
      warning(`[env.${name}]: ${whatBecomesOf(name, wrangler, environment, variables)}`),
      ...lost.map((each) => fault(belongsToVariables(each, `in [env.${name}.vars]`, below))),
    ];
  });
}

function hasKeyRow(table: unknown): boolean {
  return isTable(table) && Object.values(table).some(isLostKeyRow);
}

function whatBecomesOf(name: string, wrangler: Table, environment: Table, variables: Table): string {
  const top = typeof wrangler["name"] === "string" ? wrangler["name"] : "registry-ferry";
  const second = typeof environment["name"] === "string" ? environment["name"] : `${top}-${name}`;
  const table = "ROUTES" in variables ? "" : ", so without a routes table: it answers 500";
  return (
    "`npm run deploy` and the button leave it out, domains and variables with it. " +
    `\`--env ${name}\` makes a second Worker of it, "${second}", without the variables and bindings of the top${table}. ` +
    "Move what you need to the top of the file, and remove the rest"
  );
}
