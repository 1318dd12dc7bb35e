// Signals by which a script is asked to end: Ctrl-C, a service manager, a terminal that was closed.

import { constants } from "node:os";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The exit code of a process that a signal ended, as a shell tells it, at the first of these signals. Later ones do nothing: a
 * terminal sends Ctrl-C to npm and to the script, and npm sends it to the script once more, which must not end its clearing up.
 */
export async function askedToEnd(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of ENDING) {
      process.on(signal, () => {
        resolve(128 + constants.signals[signal]);
      });
    }
  });
}
