// The difference as its owner is shown it, without what is secret.

import { createTwoFilesPatch } from "diff";
import { withoutLabels } from "../../src/config/key-rows.ts";
import { printable } from "../terminal/printable.ts";
import { readDocument, type Entry } from "./document.ts";

const FILE = "wrangler.toml";
const SECRETS = ["ACCESS_USERS", "TOKEN_KEY", "UPSTREAM_CREDENTIALS"];

/**
 * A unified diff of two texts of the file, line by line.
 * @param labels of rows that let in by them, which stand in no line (S16)
 */
export function difference(before: string, after: string, labels: ReadonlySet<string>): string[] {
  const [old, now] = [before, after].map((text) => withoutSecrets(text, labels).replace(/\r(?=\n)/g, ""));
  const patch = createTwoFilesPatch(FILE, FILE, old ?? "", now ?? "", "as it is", "as it will be", {
    context: 2,
  });
  return patch
    .trimEnd()
    .split("\n")
    .filter((line) => !/^(?:=+$|Index: )/.test(line))
    .map((line) => printable(withoutLabels(line.replace(/\t/g, "  "), labels)));
}

/** The text with stars for what is nobody's to read, who may look over a shoulder. */
function withoutSecrets(text: string, labels: ReadonlySet<string>): string {
  const bare = text.replace(/^\uFEFF/, "");
  const { comments, entries, sections } = readDocument(bare);
  const isLabel = (key: string | number): boolean => labels.has(String(key).toLowerCase());
  const isSecret = (key: string | number): boolean => SECRETS.includes(String(key).toUpperCase());
  const hidden = [
    ...entries
      .filter(({ path, node }) => path.some(isSecret) || mayHide(path, node))
      .map(({ node }) => node.value.range),
    // By their places, and not by what they are called: a key may be written with escapes.
    ...[...entries, ...sections].filter(({ path }) => path.some(isLabel)).map(({ node }) => node.key.range),
    ...comments.filter(({ value }) => MAY_BE_SECRET.test(value)).map(({ range }) => range),
  ];
  const outermost = hidden.filter(
    (range) => !hidden.some((other) => other !== range && other[0] <= range[0] && range[1] <= other[1]),
  );
  outermost.sort(([one], [other]) => other - one);
  return outermost.reduce(
    (rest, [from, to]) => `${rest.slice(0, from)}${stars(rest[from])}${rest.slice(to)}`,
    bare,
  );
}

/** True of a value in which a row with `key`, or a secret, would have no line of its own. */
function mayHide(path: Entry["path"], { value }: Entry["node"]): boolean {
  const last = String(path.at(-1));
  if (value.type === "TOMLInlineTable") return path[0] === "env" || ["ROUTES", "vars"].includes(last);
  return value.type === "TOMLValue" && last === "ROUTES";
}

/** A row, the line in brackets above one, or a secret, that its owner made a comment of. */
const MAY_BE_SECRET = new RegExp(
  String.raw`\[[^\]]*\broutes\s*\.|\b(?:k\w?e?y\w?|${SECRETS.join("|")})["']?\s*=`,
  "i",
);

function stars(first: string | undefined): string {
  return first === "#" ? "# ***" : "***";
}
