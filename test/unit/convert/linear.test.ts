// A text of a mebibyte takes no more than a moment, whatever it is made of, and never the stack.
import { describe, expect, it } from "vitest";
import { convertYaml } from "../../../src/page/convert/yaml.ts";
import { cpuTimeOf } from "../cpu-time.ts";
import { YAML_UNIVERSAL as UNIVERSAL } from "./offers.ts";

const MOST = 1 << 20;
/** Generous: what is quadratic takes minutes. */
const SECONDS = 10;

const full = (text: string, length = MOST): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

function lines(line: (index: number) => string, length = MOST): string {
  const all: string[] = [];
  for (let [index, size] = [0, 0]; size < length; index += 1) {
    all.push(line(index));
    size += all.at(-1)?.length ?? 1;
  }
  return all.join("");
}

const TEXTS: Readonly<Record<string, string>> = {
  brackets: full("["),
  braces: full("{"),
  dashes: full("- "),
  "question marks": full("? "),
  colons: full(": "),
  "ever deeper lines": lines((index) => `${" ".repeat(index)}-\n`),
  "an open quote": `a: "${full("x")}`,
  "an open quote over lines": `a: '${full("x\n ")}`,
  "doubled quotes": `a: '${full("''")}`,
  "a key of escapes": `"${full("\\u0041")}": 1`,
  "an endless block": `a: |\n${full("  image: nginx\n")}`,
  "a block of empty lines": `a: |\n${full(" \n")}`,
  "a plain scalar over lines": `a: ${full("x\n ")}`,
  "empty lines within flow": `[a${full("\n\n\n\n, ")}`,
  "empty lines": full("\n"),
  spaces: full(" "),
  tabs: `a:${full("\t")}`,
  documents: full("---\n"),
  "volumes that merge a large mapping": `x-b: &b\n${lines((index) => `  k${index}: 1\n`, MOST / 2 - 1000)}services:\n  a:\n    image: b\n    volumes:\n${lines(() => "      - {<<: *b}\n", MOST / 2 - 1000)}`,
  "a long name that many share": `r: &r ${"A".repeat(1100)}\nl:\n${lines(() => "  - image: {tag: 1, repository: *r}\n", MOST - 2000)}`,
  anchors: lines((index) => `a${index}: &a${index} nginx\nimage: *a${index}\n`),
  "aliases of one": `a: &a nginx\n${full("image: *a\n")}`,
  "a chain of merges": `a: &a0 {image: x}\n${lines((index) => `b: &a${index + 1} {<<: *a${index}}\n`)}`,
  "aliases of aliases": `a: &a0 [x]\n${lines((index) => `a: &a${index + 1} [*a${index}, *a${index}, *a${index}]\n`)}`,
  "one that many merge":
    `x-b: &b\n${lines((index) => `  k${index}: 1\n`, MOST / 2)}` +
    `services:\n${lines((index) => `  s${index}: {<<: *b}\n`, MOST / 2)}`,
  "a list that many merge":
    `x-a: &a {k: 1}\nx-l: &l [${full("*a, ", MOST / 2)}*a]\n` +
    `services:\n${lines((index) => `  s${index}: {<<: *l}\n`, MOST / 2)}`,
  "parts of one image": `a: &a "${full("x", MOST / 2)}"\nb:\n${full("- image: {registry: a, repository: *a}\n", MOST / 2)}`,
  "colons and a slash": `services:\n a:\n  build: .\n  image: "${full(":")}/"`,
  "lists of one list":
    `kind: List\napiVersion: v1\nitems:\n- kind: PodList\n  items: &b\n${full("  - {k: 1}\n", MOST / 2)}` +
    full("- {kind: PodList, items: *b}\n", MOST / 2),
  "JSON on one line": `{"apiVersion":"v1","kind":"List","items":[${full(
    '{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"nginx"}]}},',
  ).replace(/,[^,]*$/, "")}]}`,
  images: full("image: nginx\n"),
  "images within text": `apiVersion: v1\nkind: X\na: "${full("image: ")}"`,
  "commas and spaces within text": `a: "${full(",")}${full(" ")}"`,
  stages: `services:\n a:\n  build:\n   dockerfile_inline: |\n    FROM ${full("--a ")}`,
  "carriage returns": full("\r"),
};

describe("a mebibyte takes linear time", () => {
  it.each(Object.entries(TEXTS))("%s", (_, text) => {
    expect(cpuTimeOf(() => convertYaml(text, UNIVERSAL))).toBeLessThan(SECONDS * 1000);
  });

  it("what lies deeper than anything real is not gone into", () => {
    const nested = (depth: number): string => `${"[".repeat(depth)}{image: nginx}${"]".repeat(depth)}`;
    expect(convertYaml(nested(199), UNIVERSAL).rewritten).toHaveLength(1);
    expect(convertYaml(nested(200), UNIVERSAL)).toMatchObject({ edits: [], left: [{ reason: "syntax" }] });
  });
});
