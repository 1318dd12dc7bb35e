// The owner's files as text, and what the checks say of them.
import { parseEnv } from "node:util";
import { parse } from "smol-toml";
import type { Files } from "../../../scripts/check/files.ts";
import { reportOn, type Report } from "../../../scripts/check/report.ts";

/** A routes table with one row, for the end of a file. */
export const TABLE = '\n[vars.ROUTES]\ndocker = "https://registry-1.docker.io"\n';

export function filesOf(toml: string, secrets = ""): Files {
  const parsed = Object.entries(parseEnv(secrets)).map(([name, value]) => [name, value ?? ""]);
  return { wrangler: parse(toml), secrets: Object.fromEntries(parsed) as Record<string, string> };
}

/** What is said of a wrangler.toml, and of a .dev.vars beside it. */
export function reportOf(toml: string, secrets = ""): Report {
  return reportOn(filesOf(toml, secrets));
}
