// What was asked of setup on its command line.

import { quote } from "../../src/config/quote.ts";
import { mistypedDash } from "../terminal/dashes.ts";
import { optionName } from "../terminal/option-name.ts";
import { takenByNpm } from "../terminal/npm.ts";
import { readDomain, type Domain } from "./domain.ts";
import { Refused } from "./refused.ts";
import { HOW_ROWS_ARE_NAMED } from "./rows.ts";

/** What is wanted, before the owner's file was looked at. */
export interface Wanted {
  /** Undefined where all of setup's hosts are to be taken away. */
  readonly domain: Domain | undefined;
  /** Rows that were named; empty for all. */
  readonly rows: readonly string[];
  /** True where a host of every registry is wanted, and a row for it. */
  readonly mirror: boolean;
  readonly undo: boolean;
  /** True where nobody is to be asked. */
  readonly yes: boolean;
}

export const USAGE =
  "npm run setup -- <domain> [row…] [--mirror] [--yes] [--undo], such as: npm run setup -- example.com --mirror";

/** The answer to `--help`. */
export const HELP: readonly string[] = [
  "npm run setup -- <domain> [row…] [options]",
  "",
  "Writes a host below the domain for each row of the routes table into wrangler.toml: shows the change, and asks. Then it offers",
  "a password, a bucket, the deployment and a look at the hosts. It can be run again at any time.",
  "",
  "  <domain>   yours, such as example.com: its hosts will be docker.example.com and so on",
  "  row…       only these rows, such as docker ghcr; those that are there already stay",
  "  --mirror   also a row and a host for every registry, mirror.example.com",
  "  --yes      writes without a question, and ends there",
  "  --undo     takes hosts out again: those of the rows, of the domain, or without a domain all that setup wrote",
  "  --help     these lines",
];

const OPTIONS = ["--mirror", "--yes", "--undo"];

/** @throws Refused where npm took options for itself, with what to write instead */
export function refuseTaken(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const options = OPTIONS.filter((option) => words.includes(option));
  const [domain, ...rows] = words.filter((word) => !word.startsWith("-"));
  // A row may be a key, which nothing shows (S16).
  const shown = domain === undefined ? [] : [/^[\w.-]{1,253}$/.test(domain) ? domain : "<domain>"];
  const taken = takenByNpm(
    {
      flags: ["--mirror", "--undo"],
      valued: [],
      instead: (flags) =>
        ["npm run setup --", ...shown, ...rows.map(() => "…"), ...flags, ...options].join(" "),
    },
    words,
    environment,
  );
  if (taken !== undefined) throw new Refused(taken);
}

/** @throws Refused for what cannot be meant, with what to write instead */
export function readArguments(words: readonly string[]): Wanted {
  const dash = mistypedDash(words, "--mirror");
  if (dash !== undefined) throw new Refused(dash);
  const unknown = words.find((word) => word.startsWith("-") && !OPTIONS.includes(word));
  if (unknown !== undefined) {
    throw new Refused(
      `${quote(optionName(unknown))} is not an option of setup: there are ${OPTIONS.join(", ")}. ${USAGE}`,
    );
  }
  const [domain, ...rows] = words.filter((word) => !word.startsWith("-"));
  // Not shown: a row may be a key (S16).
  const listed = rows.findIndex((row) => /[,;，；、]/.test(row));
  if (listed !== -1) {
    const what = `argument ${listed + 1} behind the domain has a comma in it: write docker ghcr, not docker,ghcr`;
    throw new Refused(`${what}. ${HOW_ROWS_ARE_NAMED}`);
  }
  const undo = words.includes("--undo");
  const mirror = words.includes("--mirror");
  if (undo && mirror) {
    throw new Refused("--undo takes no --mirror: name the row behind the domain, or no row to take all away");
  }
  if (domain === undefined && !undo) throw new Refused(`a domain is missing: ${USAGE}`);
  return {
    domain: domain === undefined ? undefined : readDomain(domain),
    rows: rows.map((row) => row.toLowerCase()),
    mirror,
    undo,
    yes: words.includes("--yes"),
  };
}
