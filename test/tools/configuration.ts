// Reads the owner's wrangler.toml and .dev.vars, as `wrangler` would.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "smol-toml";

export const ROOT = join(import.meta.dirname, "../..");

/** A file of the owner's as it is written; empty where there is none. */
export function readOwnersText(name: string): string {
  const file = join(ROOT, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** The parsed wrangler.toml. @throws Error with the line and column where it is no TOML */
export function readWranglerToml(): Record<string, unknown> {
  return parse(readFileSync(join(ROOT, "wrangler.toml"), "utf8"));
}

/** The secrets of .dev.vars, if the owner has any on this machine. */
export function readDevVars(): Record<string, string> {
  const parsed = parseEnv(readOwnersText(".dev.vars"));
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value ?? ""]));
}
