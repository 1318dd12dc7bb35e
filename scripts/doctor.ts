// `npm run doctor -- https://docker.example.com [image]`: the way of a pull, step by step, each with what to do where it fails.

import { text } from "node:stream/consumers";
import { readArguments, USAGE, type Question } from "./doctor/arguments.ts";
import { diagnose } from "./doctor/diagnose.ts";
import { linesOf } from "./doctor/finding.ts";
import { knowNamesBelowLocalhost } from "./doctor/localhost.ts";
import { takenByNpm } from "./terminal/npm.ts";
import { ownersRoutes, ownersTerminal } from "./owner.ts";
import { endNow } from "./terminal/end.ts";

const OPTIONS = { flags: ["--password-stdin"], valued: ["--user"], instead: () => USAGE };

const terminal = ownersTerminal();
knowNamesBelowLocalhost();
try {
  const words = process.argv.slice(2);
  if (words.includes("--help")) terminal.say(`usage: ${USAGE}`);
  else await examine(words);
} catch (error) {
  terminal.complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  terminal.release();
}
// A server that never ends an answer would keep this process for minutes behind its last line.
endNow();

/** @throws Error with what is wrong with the arguments */
async function examine(words: readonly string[]): Promise<void> {
  const taken = takenByNpm(OPTIONS, words, process.env);
  if (taken !== undefined) throw new Error(taken);
  const question = readArguments(words);
  const means = { routes: ownersRoutes(), password: () => passwordOf(question) };
  for await (const finding of diagnose(question, means)) {
    for (const line of linesOf(finding)) terminal.say(line);
    if (!finding.isOk) process.exitCode = 1;
  }
}

/** By the terminal, where it is not shown, or by standard input. */
async function passwordOf({ isPiped, user = "" }: Question): Promise<string> {
  if (isPiped) return (await text(process.stdin)).replace(/\r?\n$/, "");
  if (terminal.isInteractive) return terminal.askHidden(`Password of ${user}:`);
  throw new Error("nobody is at a terminal to write the password: give it by --password-stdin");
}
