// The terminal of the programs that speak of the owner's hosts: no label of a row with `key` is shown there (S16).

import { withoutLabels } from "../src/config/key-rows.ts";
import { readDevVars, readWranglerToml } from "../test/tools/configuration.ts";
import { labelsIn } from "./check/labels.ts";
import { masked } from "./terminal/masked.ts";
import { processTerminal, type Terminal } from "./terminal/terminal.ts";

/** What this process was started at. The owner's files are read once, as they are at the beginning. */
export function ownersTerminal(): Terminal {
  const labels = readLabels();
  return masked(processTerminal(), (line) => withoutLabels(line, labels));
}

/** None where a file cannot be read: whoever needs it says so, and shows nothing of it. */
function readLabels(): ReadonlySet<string> {
  try {
    return labelsIn({ wrangler: readWranglerToml(), secrets: readDevVars() });
  } catch {
    return new Set();
  }
}
