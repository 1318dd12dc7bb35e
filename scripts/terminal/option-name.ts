// An option as it may be repeated to who wrote it.

/** The name alone, whatever stands behind it: `--password=…` and `-p…` may have a password there. */
export function optionName(word: string): string {
  return /^--[\w-]+|^-\w/.exec(word)?.[0] ?? "that";
}
