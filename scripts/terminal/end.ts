// The end of a program that may still have something open: a host that never ends an answer, a server that listens.

/** Ends this process as soon as what was printed is out, whatever is still under way. */
export function endNow(): void {
  process.stdout.write("", () => process.exit());
}
