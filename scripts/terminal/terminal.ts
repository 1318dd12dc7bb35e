// Whoever sits at the terminal: told things, and asked.

import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { printable } from "./printable.ts";

/** A person, or nobody. */
export interface Terminal {
  /** True where there is somebody to answer. */
  readonly isInteractive: boolean;
  /** A line, on one line whatever is in it. */
  say(line: string): void;
  /** The same, where it is what went wrong. */
  complain(line: string): void;
  /** What was answered, without blanks around it; empty where the input ended. */
  ask(question: string): Promise<string>;
  /** The same without showing it, blanks and all. */
  askHidden(question: string): Promise<string>;
  /** Leaves the keyboard to a program that is started now. */
  release(): void;
}

/** The terminal that this process was started at. */
export function processTerminal(): Terminal {
  let hidden = false;
  let open: Interface | undefined;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!hidden) process.stdout.write(chunk);
      done();
    },
  });
  const keyboard = (): Interface => {
    if (open !== undefined) return open;
    const fresh = createInterface({ input: process.stdin, output, terminal: true });
    // In a terminal's raw mode nobody else hears Ctrl-C.
    fresh.on("SIGINT", () => {
      fresh.close();
      process.stdout.write("\n");
      process.exit(130);
    });
    open = fresh;
    return fresh;
  };
  /** @param shown what is asked; readline clears the line that it writes it on */
  const answer = async (shown: string): Promise<string> => {
    const asked = keyboard();
    const ended = new Promise<string>((resolve) => {
      asked.once("close", () => {
        open = undefined;
        resolve("");
      });
    });
    return Promise.race([asked.question(shown), ended]);
  };
  return {
    isInteractive: process.stdin.isTTY && process.stdout.isTTY,
    say: (line) => {
      console.log(printable(line));
    },
    complain: (line) => {
      console.error(printable(line));
    },
    async ask(question) {
      return (await answer(`${printable(question)} `)).trim();
    },
    async askHidden(question) {
      process.stdout.write(`${printable(question)} `);
      hidden = true;
      try {
        return await answer("");
      } finally {
        hidden = false;
        process.stdout.write("\n");
      }
    },
    release() {
      open?.close();
      open = undefined;
    },
  };
}

/** A yes; anything else, and no answer at all, is a no. */
export async function agrees(terminal: Terminal, question: string): Promise<boolean> {
  return /^(?:y|yes)$/i.test(await terminal.ask(`${question} [y/N]`));
}
