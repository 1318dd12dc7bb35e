// Reads the owner's wrangler.toml and .dev.vars, as `wrangler` would.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "smol-toml";

export const ROOT = join(import.meta.dirname, "../..");

/** The parsed wrangler.toml. @throws Error with the line and column where it is no TOML */
export function readWranglerToml(): Record<string, unknown> {
  return parse(readFileSync(join(ROOT, "wrangler.toml"), "utf8"));
}

/** The secrets of .dev.vars, if the owner has any on this machine. */
export function readDevVars(): Record<string, string> {
  const file = join(ROOT, ".dev.vars");
  const parsed = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value ?? ""]));
}
