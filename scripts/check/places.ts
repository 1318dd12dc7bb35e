// What stands in the wrong table of wrangler.toml, where nothing reads it, and what a tutorial left there.

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
  return Object.entries(wrangler).flatMap(([name, value]) => {
    if (name === "vars" || name === "env") return [];
    return isOurs(name) ? [fault(belongsToVariables(name))] : misplacedIn(name, value);
  });
}

function misplacedIn(path: string, value: unknown): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item) => misplacedIn(path, item));
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = `[${path}], ${name}`;
    if (isOurs(name)) return [fault(belongsToVariables(place))];
    if (TOP_LEVEL.includes(name) && !ELSEWHERE_TOO.includes(name)) return [fault(`${place}: ${MOVE_UP}`)];
    return misplacedIn(`${path}.${name}`, inner);
  });
}

/** True of a variable of ours, misspelt or not. wrangler's own settings are in lower case. */
function isOurs(name: string): boolean {
  return VARIABLES.includes(name) || (/^[A-Z][A-Z0-9_]*$/.test(name) && objectionToName(name) !== undefined);
}

function belongsToVariables(place: string): string {
  return `${place}: the proxy reads variables below [vars] only, so that it does not see this one: move it there`;
}

/** What becomes of `[env.*]`: nobody deploys it, and with `--env` it is a Worker that has nothing of the top's. */
export function checkEnvironments(wrangler: Table): Finding[] {
  const environments = isTable(wrangler["env"]) ? wrangler["env"] : {};
  return Object.entries(environments).flatMap(([name, value]) => {
    const environment = isTable(value) ? value : {};
    const variables = variablesOf(environment);
    const lost = Object.keys(variables).filter(
      (each) => ACCESS_VARIABLES.includes(each) || objectionToName(each) !== undefined,
    );
    return [
      warning(`[env.${name}]: ${whatBecomesOf(name, wrangler, environment, variables)}`),
      ...lost.map((each) => fault(belongsToVariables(`[env.${name}.vars], ${each}`))),
    ];
  });
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
