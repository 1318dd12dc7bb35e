// A change of wrangler.toml with its owner's consent: judged, shown, asked for, written.

import { labelsIn } from "../check/labels.ts";
import { reportOn } from "../check/report.ts";
import { agrees } from "../terminal/terminal.ts";
import { difference } from "./difference.ts";
import { judge, parseToml } from "./plan.ts";
import { Refused } from "./refused.ts";
import type { World } from "./world.ts";

/** What became of a change. */
export type Outcome = "declined" | "nobody to ask" | "unchanged" | "written";

/**
 * Shows what is to be written and writes it.
 * @param yes true where nobody is to be asked
 * @throws Refused where the new text would have faults that the old one has not
 */
export async function change(world: World, before: string, after: string, yes: boolean): Promise<Outcome> {
  const { file, secrets, terminal } = world;
  if (after === before) return "unchanged";
  const { faults, warnings } = judge(before, after, secrets);
  if (faults.length > 0) {
    for (const line of faults) terminal.complain(line);
    throw new Refused("check-config would find these faults in the new file: nothing was written");
  }
  for (const line of difference(before, after, labelsIn({ wrangler: parseToml(before), secrets })))
    terminal.say(line);
  for (const line of summed(warnings)) terminal.complain(line);
  if (!yes && !terminal.isInteractive) return "nobody to ask";
  if (!yes && !(await agrees(terminal, "Write this to wrangler.toml?"))) return "declined";
  file.replace(before, after);
  return "written";
}

/**
 * Looks for lines of the owner's in the wrong table: what setup would write beside them would be there twice.
 * @throws Refused where there are some, which are shown
 */
export function refuseMisplaced({ secrets, terminal }: World, text: string): void {
  const { misplaced } = reportOn({ wrangler: parseToml(text), secrets });
  if (misplaced.length === 0) return;
  for (const line of misplaced) terminal.complain(line);
  throw new Refused(
    "wrangler.toml has lines in the wrong place, and nothing was written: move them, then run setup again",
  );
}

const EXAMPLE = /^(warning: routes, )"[^"]+"(: is an example)/;

/** Lines that say the same of each host, once. */
function summed(warnings: readonly string[]): string[] {
  return [...new Set(warnings.map((line) => line.replace(EXAMPLE, "$1each of these hosts$2")))];
}
