// What is done in the owner's account after the file is written: each step asked for, none of it needed.

import { agrees } from "../terminal/terminal.ts";
import { understand } from "../check/access.ts";
import { offerAccess } from "./access.ts";
import { offerBucket } from "./bucket.ts";
import { isReady } from "./cloudflare.ts";
import { parseToml } from "./plan.ts";
import { DNS } from "./notes.ts";
import { unlessRefused } from "./refused.ts";
import type { World } from "./world.ts";

/** A host is looked at again so often, this many seconds apart: names and certificates take minutes. */
const TRIES = 30;
const APART = 20;

/**
 * Access, a bucket, the deployment, and whether the hosts answer.
 * @returns false where wrangler is not ready for any of it
 */
export async function goOnline(world: World, hosts: readonly string[]): Promise<boolean> {
  const { terminal } = world;
  const isNamed = typeof parseToml(world.file.read())["account_id"] === "string";
  if (!(await isReady(world, isNamed || world.hasAccountId))) return false;
  terminal.say(
    `wrangler is logged in. What follows is of the Worker ${workerOf(world)}; each of it can be left out, and done another time.`,
  );
  const [first = ""] = hosts;
  const guard = (await unlessRefused(terminal, () => offerAccess(world, first))) ?? "failed";
  const isClosed = guard === "closed" || isClosedByFiles(world);
  await unlessRefused(terminal, () => offerBucket(world, isClosed));
  for (const line of DNS) terminal.say(line);
  if (guard === "failed" && !isClosed) {
    // A deployment now would be open to everybody, and that was not what its owner said.
    terminal.complain(
      "Nothing is deployed: it would be open to everybody. docs/access.md has how to close it by hand; then: npm run deploy",
    );
    return true;
  }
  if (!(await agrees(terminal, "Deploy now (npm run deploy)?"))) {
    terminal.say(`Left to do: npm run deploy, and then npm run doctor -- https://${first}`);
    return true;
  }
  if (!(await world.deploy())) {
    terminal.complain(
      "The deployment failed; what wrangler said of it stands above. To try again: npm run deploy",
    );
    return true;
  }
  if (await agrees(terminal, `Look whether the ${hosts.length} host(s) answer?`)) await lookAt(world, hosts);
  return true;
}

/** As wrangler.toml names it: secrets and the deployment go to that one. */
function workerOf({ file }: World): string {
  const { name } = parseToml(file.read());
  return typeof name === "string" ? JSON.stringify(name) : "that has no name in wrangler.toml";
}

/** By what is deployed: `.dev.vars` is not. */
function isClosedByFiles({ file }: World): boolean {
  const { result } = understand({ wrangler: parseToml(file.read()), secrets: {} });
  return result.ok && result.config.access.isClosed;
}

/** Looks at each host until it answers; all of them together have so many tries. */
async function lookAt(world: World, hosts: readonly string[]): Promise<void> {
  const { terminal } = world;
  let left = TRIES;
  for (const host of hosts) {
    for (;;) {
      const failure = await world.examine(host);
      if (failure === undefined) {
        terminal.say(`ok      ${host}`);
        break;
      }
      left -= 1;
      if (left <= 0) {
        terminal.complain(`FAILED  ${host}: ${failure}`);
        terminal.complain(`It may take longer: npm run doctor -- https://${host}`);
        break;
      }
      terminal.say(
        `not yet ${host}: ${failure} (again in ${APART} s; Ctrl-C ends this, and nothing is lost)`,
      );
      await world.pause(APART);
    }
  }
}
