// A terminal that shows nothing that it was told to hide.

import type { Terminal } from "./terminal.ts";

/** @param hide gives a line back without what nobody is to read in it */
export function masked(terminal: Terminal, hide: (line: string) => string): Terminal {
  return {
    isInteractive: terminal.isInteractive,
    say(line) {
      terminal.say(hide(line));
    },
    complain(line) {
      terminal.complain(hide(line));
    },
    ask: (question) => terminal.ask(hide(question)),
    askHidden: (question) => terminal.askHidden(hide(question)),
    release() {
      terminal.release();
    },
  };
}
