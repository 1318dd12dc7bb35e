// Access variables, of which this version keeps none: one that is there closes the proxy (S20).

import { isWranglerRoutes, MOVE_UP } from "./misplaced.ts";
import { kindOf } from "./quote.ts";
import { isFalse, isTrue } from "./values.ts";
import { ACCESS_VARIABLES, objectionToName } from "./variables.ts";

type Report = (fault: { variable: string; reason: string }) => void;

/** Those that say with `false` what is so without them. */
const MAY_BE_FALSE = ["READ_ONLY", "CLOSED"];

/**
 * Reports each access variable that is there, empty ones too: an owner who sets one wants a closed proxy, so that it
 * must not be served open. What it is set to is a secret, or may be: only its kind is told.
 */
export function checkAccess(variables: Readonly<Record<string, unknown>>, report: Report): void {
  for (const variable of ACCESS_VARIABLES) {
    const value = variables[variable];
    const mayBeFalse = MAY_BE_FALSE.includes(variable);
    if (value === undefined || (mayBeFalse && isFalse(value))) continue;
    const closes = variable === "CLOSED" && isTrue(value) ? "; so nobody could be admitted" : "";
    const otherwise = mayBeFalse ? " it, or write false" : " it";
    report({
      variable,
      reason:
        "access control is not part of this version, and the proxy is not opened in spite of it" +
        `${closes}: remove${otherwise} (${isSetTo(value)})`,
    });
  }
}

/** Reports the names that are none of ours and may be meant as one. */
export function checkNames(variables: Readonly<Record<string, unknown>>, report: Report): void {
  for (const [variable, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const setting = `is a setting of wrangler.toml and not a variable: ${MOVE_UP}`;
    const reason = isWranglerRoutes(variable, value) ? setting : objectionToName(variable);
    if (reason !== undefined) report({ variable, reason });
  }
}

function isSetTo(value: unknown): string {
  if (value === "") return "it is there, and empty";
  if (typeof value === "string" && value.trim() === "") return "it is there, and blank";
  return `it is set to ${kindOf(value)}`;
}
