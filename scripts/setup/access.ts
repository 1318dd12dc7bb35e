// Closing the proxy: a user with a fresh password, as secrets of the Worker, and a line that keeps it closed.

import { readUsers } from "../../src/config/users.ts";
import { freshKey } from "../check/fresh-key.ts";
import { agrees } from "../terminal/terminal.ts";
import { isMarkedClosed, planClosed } from "./additions.ts";
import { change } from "./change.ts";
import { codeOf, secretsThere } from "./cloudflare.ts";
import { unlessRefused } from "./refused.ts";
import type { World } from "./world.ts";

const USERS = "ACCESS_USERS";
const KEY = "TOKEN_KEY";

/** What became of it: `failed` where the owner wanted it closed, or nobody knows, and it may be open. */
export type Guard = "closed" | "failed" | "open";

/**
 * Asks whether only people with a password are to get in, and sees to it.
 * @param host by which somebody logs in
 */
export async function offerAccess(world: World, host: string): Promise<Guard> {
  const { terminal } = world;
  const secrets = await secretsThere(world);
  if (secrets === undefined) {
    terminal.complain(
      "Who gets in: the Worker's secrets could not be listed, so that nothing is changed there.",
    );
    return isMarkedClosed(world.file.read()) ? "closed" : "failed";
  }
  const isThere = secrets.includes(USERS);
  if (isThere)
    terminal.say(
      `Who gets in: ${USERS} is a secret of the Worker already. To put it anew replaces everybody in it.`,
    );
  const wanted = await agrees(
    terminal,
    isThere
      ? "Replace everybody by one new user?"
      : "Close the proxy, so that only people with a password get in?",
  );
  if (!wanted && !isThere) return "open";
  if (wanted) {
    const put = await putUser(world, host, secrets.includes(KEY));
    if (put !== "put" && !isThere) return put === "failed" ? "failed" : "open";
  }
  await markClosed(world);
  return "closed";
}

/** Puts the secrets. The password is shown once it is at Cloudflare, and never again. */
async function putUser(world: World, host: string, hasKey: boolean): Promise<"failed" | "nobody" | "put"> {
  const { terminal } = world;
  const user = await askForUser(world);
  if (user === undefined) return "nobody";
  const password = freshKey();
  // Users first: a key without them is a fault, and the proxy would answer 500 in between.
  if (!(await put(world, USERS, `${user}:${password}`))) return "failed";
  terminal.say(`User ${user}, password ${password}`);
  terminal.say("It is shown this once, and kept nowhere but at Cloudflare: write it down. To log in:");
  terminal.say(`  docker login ${host} -u ${user}`);
  // Another one would end every login that there is.
  if (!hasKey) await put(world, KEY, freshKey());
  return "put";
}

async function askForUser({ terminal }: World): Promise<string | undefined> {
  for (;;) {
    const user = await terminal.ask("Name of the user (empty: none after all):");
    if (user === "") return undefined;
    const objections: string[] = [];
    readUsers(`${user}:${"x".repeat(16)}`, (reason) => objections.push(reason));
    // With a colon a part of it would be taken for the password.
    if (objections.length === 0 && !/[\s:]/.test(user)) return user;
    terminal.complain(
      "That is no name here: write up to 64 letters and digits, with . _ - + @ between them.",
    );
  }
}

async function put(world: World, name: string, value: string): Promise<boolean> {
  const ended = await world.wrangler(["secret", "put", name], value);
  if (ended.code === 0) {
    world.terminal.say(`${name} is put.`);
    return true;
  }
  // What wrangler says may repeat what it was given, whole or in part.
  const code = codeOf(ended);
  const reason = code === undefined ? "wrangler failed" : `Cloudflare refused it with code ${code}`;
  world.terminal.complain(`${name} could not be put: ${reason}. By hand: npx wrangler secret put ${name}`);
  return false;
}

/** `CLOSED = true`: where the secrets are lost, the proxy answers 500 and does not open. */
async function markClosed(world: World): Promise<void> {
  const before = world.file.read();
  if (isMarkedClosed(before)) return;
  world.terminal.say("CLOSED = true in wrangler.toml keeps it closed if those secrets are ever lost:");
  // Where that cannot be, the secrets are put all the same, and what closes the proxy stands.
  await unlessRefused(world.terminal, () => change(world, before, planClosed(before), false));
}
