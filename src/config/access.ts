// Access variables, of which this version keeps none: one that is there closes the proxy (S20).

import { ACCESS_VARIABLES, objectionToName } from "./variables.ts";
import { isFalse, isTrue } from "./values.ts";

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
        `${closes}: remove${otherwise} (${kindOf(value)})`,
    });
  }
}

/** Reports the names that are none of ours and may be meant as one. */
export function checkNames(variables: Readonly<Record<string, unknown>>, report: Report): void {
  for (const [variable, value] of Object.entries(variables)) {
    const reason = value === undefined ? undefined : objectionToName(variable);
    if (reason !== undefined) report({ variable, reason });
  }
}

function kindOf(value: unknown): string {
  if (typeof value === "string") {
    if (value === "") return "it is there, and empty";
    return value.trim() === "" ? "it is there, and blank" : "it is set to a text";
  }
  if (value === null) return "it is there, and null";
  if (typeof value === "object") return Array.isArray(value) ? "it is set to a list" : "it is set to a table";
  return `it is set to a ${typeof value}`;
}
