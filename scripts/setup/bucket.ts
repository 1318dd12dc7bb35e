// A bucket that keeps images: made, bound, and kept from growing without end (docs/recipes.md).

import { agrees } from "../terminal/terminal.ts";
import { variablesOf } from "../check/files.ts";
import { bucketOf, planBucket } from "./additions.ts";
import { change } from "./change.ts";
import { codeOf, reasonOf } from "./cloudflare.ts";
import { parseToml } from "./plan.ts";
import type { World } from "./world.ts";

const USUAL_NAME = "registry-ferry-blobs";
const NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const RULE = "end-old";
/** Cloudflare's code where a bucket of that name is the account's own already. */
const BUCKET_EXISTS = 10004;
/** What all keys of the proxy begin with. */
const PREFIX = "public/";
const DAYS = 90;

/** Asks for a bucket, unless there is one. */
export async function offerBucket(world: World, isClosed: boolean): Promise<void> {
  const { file, terminal } = world;
  const bound = bucketOf(file.read());
  if (bound !== undefined) {
    terminal.say(`A bucket: ${bound} is bound as BLOBS already.`);
    return;
  }
  if (!(await agrees(terminal, "Keep images in a bucket (R2, which must be enabled in the account)?")))
    return;
  const name = await askForName(world);
  if (name === undefined || !(await make(world, name)) || !(await limit(world, name))) return;
  const repositories = await askForRepositories(world, isClosed);
  const before = file.read();
  await change(world, before, planBucket(before, name, repositories), false);
}

async function askForName({ terminal }: World): Promise<string | undefined> {
  for (let tries = 0; tries < 5; tries += 1) {
    const name = (await terminal.ask(`Its name (empty: ${USUAL_NAME}):`)) || USUAL_NAME;
    if (NAME.test(name)) return name;
    terminal.complain("A bucket's name has 3 to 63 small letters, digits and hyphens.");
  }
  return undefined;
}

async function make(world: World, name: string): Promise<boolean> {
  const ended = await world.wrangler(["r2", "bucket", "create", name]);
  const isThere = ended.code !== 0 && codeOf(ended) === BUCKET_EXISTS;
  if (ended.code === 0 || isThere) {
    world.terminal.say(isThere ? `The bucket ${name} is there already.` : `The bucket ${name} is made.`);
    return true;
  }
  world.terminal.complain(`The bucket could not be made: ${reasonOf(ended)}`);
  return false;
}

/** The rule that removes what is old. Without it the bucket would not be bound: it would grow without end. */
async function limit(world: World, name: string): Promise<boolean> {
  const lifecycle = ["r2", "bucket", "lifecycle"];
  const rules = await world.wrangler([...lifecycle, "list", name]);
  if (rules.code === 0 && new RegExp(`^\\s*name:\\s*${RULE}\\s*$`, "m").test(rules.output)) {
    world.terminal.say(`Its lifecycle rule ${RULE} is there already.`);
    return true;
  }
  const ended = await world.wrangler([
    ...lifecycle,
    "add",
    name,
    RULE,
    PREFIX,
    "--expire-days",
    String(DAYS),
  ]);
  if (ended.code === 0)
    world.terminal.say(`What was written into it ${DAYS} days ago is removed (its rule ${RULE}).`);
  else world.terminal.complain(`Its lifecycle rule could not be added: ${reasonOf(ended)}`);
  return ended.code === 0;
}

/** What an open proxy's bucket keeps: strangers must not write the owner's bill. A closed one's keeps all. */
async function askForRepositories(
  { file, terminal }: World,
  isClosed: boolean,
): Promise<string[] | undefined> {
  const variables = variablesOf(parseToml(file.read()));
  if (isClosed || variables["BUCKET_REPOSITORIES"] !== undefined) return undefined;
  terminal.say(
    "The proxy is open, and its bucket keeps what you name, such as docker.io/library/* ghcr.io/acme/**",
  );
  const answer = await terminal.ask("Repositories, with blanks between them (empty: none yet):");
  const repositories = answer.split(/[\s,，、]+/).filter((item) => item !== "");
  return repositories.length === 0 ? undefined : repositories;
}
