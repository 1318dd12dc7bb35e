// The options of this repository's own scripts, by their names in package.json; a test holds the scripts' files to it.

export const SCRIPT_OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["setup", ["--mirror", "--yes", "--undo", "--help"]],
  ["doctor", ["--user", "--password-stdin", "--help"]],
  ["start", ["--help", "--port"]],
  ["demo", ["--keep", "--port", "--help"]],
  ["cluster-policy", ["--kind", "--help"]],
  ["check-config", ["--online", "--help"]],
]);
