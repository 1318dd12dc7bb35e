// Commands that documents and messages name: scripts of package.json with their options, and subcommands of wrangler.

import type { Fault } from "./finding.ts";
import type { Document } from "./markdown.ts";
import { linesOf } from "./blocks.ts";
import { likeName, type Command, type Repository } from "./repository.ts";

interface Line {
  readonly text: string;
  readonly line: number;
}

/** Words of a command up to where the shell, or a sentence, ends it. */
const WORDS = String.raw`((?: +[^\s|&;<>()"'\`]+)*)`;
const NPM = new RegExp(String.raw`\bnpm (run (?:--silent |-s )?|)([\w:.-]*[\w-])${WORDS}`, "g");
/** In code a command may stand alone; in a sentence it is one only with \`npx\` before it. */
const WRANGLER = new RegExp(
  String.raw`(?:^|[|;&(] *|\bnpx (?:--yes )?)wrangler(?:@\S+)?(?= |$)${WORDS}`,
  "g",
);
/** npm's own short words for scripts. */
const SHORT = ["test", "start", "stop", "restart"];

/** The commands of a document's shell blocks and inline code that do not exist. */
export function checkCommands({ blocks, code }: Document, repository: Repository): Fault[] {
  const shell = blocks.filter(({ language }) => language === "sh" || language === "bash");
  const lines = shell
    .flatMap(linesOf)
    .map(({ text, line }) => ({ text: text.replace(/(^|\s)#.*/, ""), line }));
  return checkLines([...lines, ...code], repository);
}

/** The same for comments and messages of a source file. */
export function checkMessages(text: string, repository: Repository): Fault[] {
  const lines = text.split("\n").map((one, index) => ({ text: one, line: index + 1 }));
  return checkLines(
    lines.filter((line) => /\bnpm |\bnpx /.test(line.text)),
    repository,
  );
}

function checkLines(lines: readonly Line[], repository: Repository): Fault[] {
  return lines.flatMap(({ text, line }) => {
    const scripts = [...text.matchAll(NPM)].flatMap(([, run = "", name = "", rest = ""]) =>
      run !== "" || SHORT.includes(name) ? scriptFaults(name, rest, repository) : [],
    );
    const wrangler = [...text.matchAll(WRANGLER)].flatMap(([, rest = ""]) =>
      wranglerFaults(words(rest), repository.wrangler),
    );
    return [...scripts, ...wrangler].map((fault) => ({ line, ...fault }));
  });
}

function scriptFaults(name: string, rest: string, { scripts, options }: Repository): Omit<Fault, "line">[] {
  if (!scripts.has(name)) {
    return [{ wrong: `package.json has no script ${name}`, instead: likeName(name, scripts) }];
  }
  const known = options.get(name);
  const [, own = ""] = rest.split(/(?<= )--(?= )/);
  if (known === undefined) return [];
  return optionsOf(words(own)).flatMap((option) =>
    known.includes(`--${option}`)
      ? []
      : [{ wrong: `npm run ${name} has no option --${option}`, instead: likeName(`--${option}`, known) }],
  );
}

function wranglerFaults(given: readonly string[], root: Command): Omit<Fault, "line">[] {
  let command = root;
  const path = ["wrangler"];
  for (const word of given) {
    const below = command.below.get(word);
    if (below === undefined) break;
    command = below;
    path.push(word);
  }
  const next = given[path.length - 1];
  if (!command.runs && next !== undefined && !next.startsWith("-")) {
    const instead = likeName(next, command.below.keys());
    return [{ wrong: `${path.join(" ")} has no command ${next}`, instead }];
  }
  return optionsOf(given)
    .filter((option) => !command.options.has(option) && !root.options.has(option))
    .map((option) => ({
      wrong: `${path.join(" ")} has no option --${option}`,
      instead: likeName(option, [...command.options, ...root.options]),
    }));
}

/** Without what a sentence puts behind a command. */
function words(text: string): string[] {
  return text
    .split(" ")
    .map((word) => word.replace(/[,.:;]+$/, ""))
    .filter((word) => word !== "");
}

/** Long options without their dashes, values and the `no-` that yargs takes away. */
function optionsOf(given: readonly string[]): string[] {
  return given.flatMap((word) => {
    const [, name = ""] = /^--(?:no-)?([a-z][a-z0-9-]*)/i.exec(word) ?? [];
    return name === "" ? [] : [name];
  });
}
