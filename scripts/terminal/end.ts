// The end of a program that has asked hosts which may never end an answer.

/** Ends this process as soon as what was printed is out, whatever is still under way. */
export function endNow(): void {
  process.stdout.write("", () => process.exit());
}
