// `--port N` of the scripts that listen: read once, and taken out of what is passed on.

import { mistypedDash } from "./dashes.ts";
import { optionName } from "./option-name.ts";
import { putBack, takenByNpm, type Environment } from "./npm.ts";

/** What was read of a script's arguments. */
export interface PortWords {
  /** Undefined where none was given. */
  readonly port: number | undefined;
  /** All other words, in their order. */
  readonly rest: readonly string[];
}

const LARGEST = 65_535;

/**
 * Takes `--port N`, or `--port=N`, out of a script's words.
 * @throws Error with what to write instead, where there is no number, none of a port, two ports, or a dash that is none
 */
export function takePort(words: readonly string[]): PortWords {
  const dash = mistypedDash(words, "--port 9000");
  if (dash !== undefined) throw new Error(dash);
  const rest: string[] = [];
  let port: number | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word !== "--port" && !word.startsWith("--port=")) {
      rest.push(word);
      continue;
    }
    if (port !== undefined) throw new Error("--port is there twice: write the one port that you want");
    if (word === "--port") at += 1;
    port = readPort(word === "--port" ? words[at] : word.slice("--port=".length));
  }
  return { port, rest };
}

/** A script that listens, and what it takes beside `--port N`. */
export interface Listener {
  /** How it is started, such as `npm run demo`. */
  readonly command: string;
  /** Its switches, each with its dashes. */
  readonly flags: readonly string[];
  /** Its other options that people give it and that have a value. */
  readonly valued?: readonly string[];
}

/** @throws Error where npm took options for itself, with what to write instead */
export function refuseLost(
  { command, flags, valued = [] }: Listener,
  words: readonly string[],
  environment: Environment,
): void {
  const all = ["--port", ...valued];
  const instead = putBack({ command, valued: all }, words, environment);
  const taken = takenByNpm({ flags, valued: all, instead }, words, environment);
  if (taken !== undefined) throw new Error(taken);
}

/**
 * Takes `--port N` and the switches that a script has, and nothing else.
 * @throws Error that names the options that there are, and where npm took some for itself
 */
export function takeOptions(script: Listener, words: readonly string[], environment: Environment): PortWords {
  refuseLost(script, words, environment);
  const { flags } = script;
  const taken = takePort(words);
  const unknown = taken.rest.find((word) => !flags.includes(word));
  if (unknown === undefined) return taken;
  throw new Error(
    `${JSON.stringify(optionName(unknown))} is not an option here: there are ${[...flags, "--port N"].join(" and ")}`,
  );
}

function readPort(text: string | undefined): number {
  const port = /^\d{1,5}$/.test(text ?? "") ? Number(text) : 0;
  if (port >= 1 && port <= LARGEST) return port;
  const what =
    text === undefined || text.startsWith("-") ? "has no number" : `is ${JSON.stringify(text.slice(0, 60))}`;
  throw new Error(`--port ${what}: write a number from 1 to ${LARGEST}, such as --port 9000`);
}
