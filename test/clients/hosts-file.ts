// Lets the test's host names lead to this machine, by marked lines in /etc/hosts that are taken out again.

import { readFileSync, writeFileSync } from "node:fs";

const FILE = "/etc/hosts";
const MARK = "# registry-ferry client tests";

/** Adds the names; returns what takes them out again. */
export function addHosts(names: readonly string[]): () => void {
  removeHosts();
  const lines = names.map((name) => `127.0.0.1 ${name} ${MARK}\n`);
  const before = readFileSync(FILE, "utf8");
  writeFileSync(FILE, before.replace(/([^\n])$/, "$1\n") + lines.join(""));
  return removeHosts;
}

function removeHosts(): void {
  const lines = readFileSync(FILE, "utf8").split("\n");
  const kept = lines.filter((line) => !line.endsWith(MARK));
  if (kept.length < lines.length) writeFileSync(FILE, kept.join("\n"));
}
