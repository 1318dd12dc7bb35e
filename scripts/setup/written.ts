// What setup has written into a file so far, read from its blocks: nothing is kept anywhere else.

import { parse } from "smol-toml";
import { isTable } from "../../src/config/values.ts";
import { findBlocks, withoutBlocks, type Block } from "./blocks.ts";
import type { Document } from "./document.ts";
import { readHostName } from "./domain.ts";
import { Refused } from "./refused.ts";
import { namesOf } from "./variables.ts";

/** Hosts that setup added, and for which domains. */
export interface State {
  readonly domains: readonly string[];
  /** Those of `routes` and of `HOSTS`, each once. */
  readonly hosts: readonly string[];
  /** True where it added a universal row. */
  readonly hasMirror: boolean;
}

export const NOTHING: State = { domains: [], hosts: [], hasMirror: false };

/** The first line of a block of hosts, behind its kind. */
export function titleOf({ domains }: State): string {
  const [only] = domains;
  const argument = domains.length === 1 ? `${only} ` : "";
  return ` of ${domains.join(", ")} (npm run setup -- ${argument}--undo takes these lines away)`;
}

/** Lines of such a block that name no host. */
const OTHER_LINES = [
  "",
  "routes = [",
  "]",
  "[[routes]]",
  "custom_domain = true",
  "workers_dev = true",
  "[vars]",
  "HOSTS = [",
  "vars.HOSTS = [",
  'upstream = "*"',
];
const MIRROR_LINES = [
  'mirror = "*"',
  'ROUTES.mirror = "*"',
  'vars.ROUTES.mirror = "*"',
  "[vars.ROUTES.mirror]",
];
const ROUTE = /^(?:, )?\{ pattern = "([^"\\]+)", custom_domain = true \},$|^pattern = "([^"\\]+)"$/;
const NAME = /^(?:, )?("(?:[^"\\]|\\.)*"),$/;

/**
 * Takes setup's hosts out of a file.
 * @returns the file as it was without them, and what they are
 * @throws Refused where the blocks were edited by hand, so that something of the owner's would be lost
 */
export function takeHosts(document: Document): { readonly text: string; readonly state: State } {
  const blocks = findBlocks(document).filter(({ kind }) => kind === "hosts");
  const domains = new Set<string>();
  const hosts = new Set<string>();
  let hasMirror = false;
  for (const block of blocks) {
    const own = domainsOf(block);
    const owners = namesBefore(block);
    for (const domain of own) domains.add(domain);
    for (const line of block.lines) {
      if (OTHER_LINES.includes(line)) continue;
      const host = hostIn(line);
      if (MIRROR_LINES.includes(line)) hasMirror = true;
      // An owner's list that could not be continued stands in the block once more: no host of it is setup's (S16).
      else if (host !== undefined && owners.includes(host) && NAME.test(line)) continue;
      else if (host !== undefined && domainOfHost(host, own) !== undefined) hosts.add(host);
      else throw edited(block);
    }
  }
  return {
    text: withoutBlocks(document.text, blocks),
    state: { domains: [...domains], hosts: [...hosts], hasMirror },
  };
}

function domainsOf(block: Block): string[] {
  const [, list = ""] = /^ of ([a-z0-9., -]+) \(/.exec(block.title) ?? [];
  const domains = list.split(", ");
  if (domains.every((domain) => readHostName(domain) === domain)) return domains;
  throw new Refused(
    `wrangler.toml, line ${block.line}: this marker of setup was edited, and does not say whose hosts stand below it. ` +
      "Remove the lines up to `# <<< npm run setup` by hand, then run setup again",
  );
}

/** The host that a line names; undefined for one that names none. */
function hostIn(line: string): string | undefined {
  const [, entry, pattern] = ROUTE.exec(line) ?? [];
  const [, name] = NAME.exec(line) ?? [];
  return entry ?? pattern ?? (name === undefined ? undefined : (JSON.parse(name) as string));
}

/** The owner's list that a block stands in the place of, by its value: in its text a name may be written with escapes. */
function namesBefore(block: Block): readonly string[] {
  if (block.before === "") return [];
  try {
    const { HOSTS, vars } = parse(block.before);
    return namesOf(HOSTS ?? (isTable(vars) ? vars["HOSTS"] : undefined));
  } catch {
    throw edited(block);
  }
}

function edited({ line }: Block): Refused {
  return new Refused(
    `wrangler.toml, between the marker lines of setup that begin in line ${line}: something was added or changed that is ` +
      "not setup's, and would be lost. Move your own lines out of the markers, then run setup again",
  );
}

/** Which of the domains a host was written for: that of which it has a label before it, else the nearest above it. */
export function domainOfHost(host: string, domains: readonly string[]): string | undefined {
  const above = domains.filter((domain) => host === domain || host.endsWith(`.${domain}`));
  const direct = host.slice(host.indexOf(".") + 1);
  return above.includes(direct) ? direct : above.sort((one, other) => other.length - one.length)[0];
}
