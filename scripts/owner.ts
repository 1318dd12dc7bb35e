// What the programs know of the owner's files that speak of his hosts, whatever state the files are in.

import { withoutLabels } from "../src/config/key-rows.ts";
import { readDevVars, readOwnersText, readWranglerToml } from "../test/tools/configuration.ts";
import { variablesOf } from "./check/files.ts";
import { labelsIn, likelyLabels } from "./check/labels.ts";
import { masked } from "./terminal/masked.ts";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";

/** This process's terminal, without the label of any row with `key` (S16). The files are read as they are at the beginning. */
export function ownersTerminal(): Terminal {
  const labels = readLabels();
  return masked(processTerminal(), (line) => withoutLabels(line, labels));
}

/** Where a file cannot be read, whoever needs it says so: here it may still have a key in it. */
function readLabels(): ReadonlySet<string> {
  try {
    return labelsIn({ wrangler: readWranglerToml(), secrets: readDevVars() });
  } catch {
    return likelyLabels(readOwnersText("wrangler.toml") + readOwnersText(".dev.vars"));
  }
}

/** `[vars.ROUTES]`, which says what is behind a host; undefined where it cannot be read, and is done without. */
export function ownersRoutes(): unknown {
  try {
    return variablesOf(readWranglerToml())["ROUTES"];
  } catch {
    return undefined;
  }
}
