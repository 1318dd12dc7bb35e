// `npm run setup` from its arguments to its end.

import { agrees } from "../terminal/terminal.ts";
import type { Wanted } from "./arguments.ts";
import { change, refuseMisplaced } from "./change.ts";
import { goOnline } from "./online.ts";
import { DNS } from "./notes.ts";
import { planHosts, type Plan } from "./plan.ts";
import { Refused } from "./refused.ts";
import type { World } from "./world.ts";

/**
 * Writes the hosts, and goes on to the account where somebody is there to say so.
 * @returns false where something is left to be done that was asked for
 * @throws Refused where nothing was written, with what to do
 */
export async function setUp(wanted: Wanted, world: World): Promise<boolean> {
  const { domain } = wanted;
  const { file, terminal } = world;
  if (domain?.written !== undefined) {
    terminal.say(`${domain.written} is ${domain.name} in the DNS, and is written so.`);
  }
  const before = file.read();
  if (!wanted.undo) refuseMisplaced(world, before);
  const plan = planHosts(before, wanted);
  if (!(await isMeant(world, plan, wanted))) return true;
  for (const note of plan.notes) terminal.say(`Note: ${note}.`);
  switch (await change(world, before, plan.text, wanted.yes)) {
    case "nobody to ask":
      terminal.complain(
        "Nothing was written, since nobody is at a terminal to say yes: add --yes behind `npm run setup --`, or run it there.",
      );
      return false;
    case "declined":
      terminal.say("Nothing was written.");
      return true;
    case "unchanged":
      terminal.say("wrangler.toml: nothing to change.");
      break;
    case "written":
      terminal.say("wrangler.toml is written.");
  }
  if (wanted.undo) sayUndone(world, plan);
  else if (wanted.yes || !terminal.isInteractive || !(await goOnline(world, plan.hosts)))
    sayNext(world, plan);
  return true;
}

/** A host that was given for a domain would get hosts below it. @throws Refused where nobody can be asked */
async function isMeant(
  { terminal }: World,
  { hosts, likelier }: Plan,
  { domain, yes }: Wanted,
): Promise<boolean> {
  if (likelier === undefined || domain === undefined) return true;
  const { name } = domain;
  const what = `the first host below it would be ${hosts[0] ?? ""}`;
  const instead = `npm run setup -- ${likelier}`;
  if (yes || !terminal.isInteractive) {
    throw new Refused(
      `Is your domain ${likelier}? ${name} begins like a host: ${what}. Write ${instead}; or, if ${name} is meant, ` +
        "run this at a terminal without --yes, which asks",
    );
  }
  const question = `${name} begins like a host: ${what}. Go on with ${name}, and not with ${likelier}?`;
  if (await agrees(terminal, question)) return true;
  terminal.say(`Nothing was written. For ${likelier}: ${instead}`);
  return false;
}

function sayNext({ terminal }: World, { hosts }: Plan): void {
  const [first = ""] = hosts;
  for (const line of [
    "What is left to do:",
    "  npm run deploy                     (and before it, once, `npx wrangler login` or CLOUDFLARE_API_TOKEN)",
    `  npm run doctor -- https://${first}`,
    ...DNS.map((line) => `  ${line}`),
  ]) {
    terminal.say(line);
  }
}

function sayUndone({ terminal }: World, { hosts }: Plan): void {
  if (hosts.length === 0) return;
  terminal.say(`Taken out: ${hosts.join(", ")}.`);
  terminal.say(
    "`npm run deploy` takes them off Cloudflare while another custom domain is left in `routes`. With none left it leaves " +
      "them as they are: remove them in the dashboard, at the Worker's Settings, Domains & Routes.",
  );
}
