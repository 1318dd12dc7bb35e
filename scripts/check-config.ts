// `npm run check-config`: says what is wrong with wrangler.toml and .dev.vars, and what they come to.

import { TomlError } from "smol-toml";
import { readDevVars, readWranglerToml } from "../test/tools/configuration.ts";
import { reportOn } from "./check/report.ts";

const wrangler = read("wrangler.toml", readWranglerToml);
const secrets = read(".dev.vars", readDevVars);
if (wrangler !== undefined && secrets !== undefined) {
  const { faults, warnings, effective } = reportOn({ wrangler, secrets });
  for (const line of [...faults, ...warnings]) console.error(printable(line));
  for (const line of [summary(faults.length, warnings.length), ...effective]) console.log(printable(line));
  if (faults.length > 0) process.exitCode = 1;
}

function summary(faults: number, warnings: number): string {
  if (faults > 0) return `The configuration has ${faults} fault(s), and must not be deployed.`;
  return warnings > 0
    ? `The configuration has no fault, and ${warnings} warning(s).`
    : "The configuration is right.";
}

function read<T>(file: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    // The message's first line alone: the others show a piece of the file, in which there may be a secret.
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}: ` : "";
    console.error(`${file} cannot be read: ${place}${printable(reason)}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** On one line, whatever an owner's file has in it. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, "?");
}
