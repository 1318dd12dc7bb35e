// Variables and bindings that do nothing: unknown ones, and a bucket under another name.

import { isLostKeyRow } from "../../src/config/key-rows.ts";
import { isOfTools, objectionToName, VARIABLES } from "../../src/config/variables.ts";
import { bindingsOf, environmentOf, type Files } from "./files.ts";
import { warning, type Finding } from "./findings.ts";

/** The file that a variable stands in, as a finding begins. */
export function sourceOf(files: Files, name: string): string {
  return Object.hasOwn(files.secrets, name) ? ".dev.vars" : "wrangler.toml";
}

/** Warnings for names that nothing reads; those that are too near to ours are faults already, and not repeated. */
export function checkVariables(files: Files): Finding[] {
  const bindings = new Map(bindingsOf(files.wrangler).map((binding) => [binding.name, binding]));
  return Object.entries(environmentOf(files)).flatMap(([name, value]) => {
    const place = `${sourceOf(files, name)}, ${name}`;
    if (VARIABLES.includes(name) || isOfTools(name) || objectionToName(name) !== undefined) return [];
    // A fault already, and its name is a secret.
    if (isLostKeyRow(value)) return [];
    if (bindings.get(name)?.section === "r2_buckets") {
      return [
        warning(
          `${place}: this bucket is not used: write binding = "BLOBS" for the proxy to keep layers in it`,
        ),
      ];
    }
    const meant = /BUCKET.*REPO|REPO.*BUCKET/i.test(name) ? ": did you mean BUCKET_REPOSITORIES?" : "";
    return [warning(`${place}: nothing reads it${meant}`)];
  });
}
