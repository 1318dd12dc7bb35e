// The difference as its owner is shown it, without what is secret.

import { createTwoFilesPatch } from "diff";
import { withoutLabels } from "../../src/config/key-rows.ts";
import { printable } from "../terminal/printable.ts";
import { readDocument } from "./document.ts";

const FILE = "wrangler.toml";
const SECRETS = ["ACCESS_USERS", "TOKEN_KEY", "UPSTREAM_CREDENTIALS"];

/**
 * A unified diff of two texts of the file, line by line.
 * @param labels of rows that let in by them, which stand in no line (S16)
 */
export function difference(before: string, after: string, labels: ReadonlySet<string>): string[] {
  const [old, now] = [before, after].map((text) => withoutSecrets(text).replace(/\r(?=\n)/g, ""));
  const patch = createTwoFilesPatch(FILE, FILE, old ?? "", now ?? "", "as it is", "as it will be", {
    context: 2,
  });
  return patch
    .trimEnd()
    .split("\n")
    .filter((line) => !/^(?:=+$|Index: )/.test(line))
    .map((line) => printable(withoutLabels(line.replace(/\t/g, "  "), labels)));
}

/** The text with stars for values that are nobody's to read, who may look over a shoulder. */
function withoutSecrets(text: string): string {
  const bare = text.replace(/^\uFEFF/, "");
  const { entries } = readDocument(bare);
  const values = entries
    .filter(({ path }) => path.some((key) => SECRETS.includes(String(key).toUpperCase())))
    .map(({ node }) => node.value.range)
    .sort(([one], [other]) => other - one);
  return values.reduce((rest, [from, to]) => `${rest.slice(0, from)}***${rest.slice(to)}`, bare);
}
