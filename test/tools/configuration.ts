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

/** What the Worker's `env` would be: variables of wrangler.toml, secrets of .dev.vars over them. */
export function readEnvironment(): Record<string, unknown> {
  const secrets = join(ROOT, ".dev.vars");
  const vars = readWranglerToml()["vars"];
  return {
    ...(typeof vars === "object" ? vars : {}),
    ...(existsSync(secrets) ? parseEnv(readFileSync(secrets, "utf8")) : {}),
  };
}
