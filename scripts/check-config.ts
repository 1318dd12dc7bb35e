// `npm run check-config`: says what is wrong with wrangler.toml and .dev.vars, and what they come to.

import { readDevVars, readWranglerToml } from "../test/tools/configuration.ts";
import type { Files } from "./check/files.ts";
import { reportOn } from "./check/report.ts";

const files = readFiles();
if (files !== undefined) {
  const { faults, warnings, effective } = reportOn(files);
  for (const line of [...faults, ...warnings]) console.error(printable(line));
  if (faults.length > 0) {
    console.error(`The configuration has ${faults.length} fault(s).`);
    process.exitCode = 1;
  } else {
    console.log("The configuration is right.");
    for (const line of effective) console.log(printable(line));
  }
}

function readFiles(): Files | undefined {
  try {
    return { wrangler: readWranglerToml(), secrets: readDevVars() };
  } catch (error) {
    // The first line alone: the others show a piece of the file.
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    console.error(`wrangler.toml or .dev.vars cannot be read: ${reason}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** On one line, whatever an owner's file has in it. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, "?");
}
