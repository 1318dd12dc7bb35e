// What the owner's account says, by wrangler. Its answers are the network's: read with care, shown without control characters.

import { isTable } from "../../src/config/values.ts";
import { excerpt } from "../terminal/printable.ts";
import type { Ended, World } from "./world.ts";

/** True where wrangler is logged in and knows which account is meant; where it is not, it is said why. */
export async function isReady(world: World, hasAccountId: boolean): Promise<boolean> {
  const { terminal } = world;
  const ended = await world.wrangler(["whoami", "--json"]);
  const said = parseJson(ended.stdout);
  if (!isTable(said) || said["loggedIn"] !== true) {
    terminal.say(world.hasToken ? refusedToken(ended, isTable(said)) : NOT_LOGGED_IN);
    return false;
  }
  const accounts = Array.isArray(said["accounts"]) ? said["accounts"].filter(isTable) : [];
  if (accounts.length > 1 && !hasAccountId) {
    const ids = accounts.slice(0, 20).map(({ id }) => excerpt(String(id), 40));
    terminal.say(
      'wrangler is logged in to several accounts: write `account_id = "…"` at the top of wrangler.toml, or set ' +
        `CLOUDFLARE_ACCOUNT_ID, then run setup again. There are: ${ids.join(", ")}`,
    );
    return false;
  }
  return true;
}

const NOT_LOGGED_IN =
  "wrangler is not logged in: `npx wrangler login`, or set CLOUDFLARE_API_TOKEN, then run setup again to go on from here.";

/** @param isAnswer true where wrangler said no and nothing else */
function refusedToken(ended: Ended, isAnswer: boolean): string {
  const why = isAnswer ? "." : `: ${reasonOf(ended).replace(/\.$/, "")}.`;
  return (
    `Cloudflare did not accept CLOUDFLARE_API_TOKEN, or could not be reached${why} Mend that, ` +
    "then run setup again to go on from here."
  );
}

/** Names of the Worker's secrets; none where there is no Worker yet, undefined where nobody can tell. */
export async function secretsThere(world: World): Promise<readonly string[] | undefined> {
  const ended = await world.wrangler(["secret", "list", "--format", "json"]);
  if (ended.code !== 0) return NO_WORKER.test(withoutStyles(ended.output)) ? [] : undefined;
  const list = parseJson(ended.stdout);
  if (!Array.isArray(list)) return undefined;
  return list.filter(isTable).flatMap(({ name }) => (typeof name === "string" ? [name] : []));
}

/** wrangler's whole sentence for it, in which it says no code: anything else may be "not found" too. */
const NO_WORKER = /\[ERROR\] Worker "[^"\n]+" not found\.$/m;

/** The code by which Cloudflare's API refused, as wrangler marks it: a number in a message is none. */
export function codeOf({ output }: Ended): number | undefined {
  const [, code] = /\[code: (\d+)\]/.exec(output) ?? [];
  return code === undefined ? undefined : Number(code);
}

/** What a program said when it failed, in few words: of wrangler, the line that it marks. */
export function reasonOf({ output }: Ended): string {
  const [told = ""] = output.split(/^\s*If you think this is a bug/m, 1);
  const lines = told.split("\n").filter((line) => line.trim() !== "");
  const at = lines.findIndex((line) => /ERROR|✘/.test(line));
  return excerpt(withoutStyles(lines.slice(Math.max(at, 0), Math.max(at, 0) + 4).join(" ")), 400);
}

function withoutStyles(text: string): string {
  return text.replace(/\u001b\[[0-9;]*m/g, "");
}

/** JSON behind whatever a program prints before it. */
function parseJson(text: string): unknown {
  const start = text.search(/[[{]/);
  if (start === -1) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}
