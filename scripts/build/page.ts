// Makes src/page/built.ts: the page's style and script, as the texts that the Worker hands out, with their hashes.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = join(ROOT, "src/page/browser");

/** The file that has the result, and that the Worker imports. */
export const BUILT = join(ROOT, "src/page/built.ts");

/** Browsers of the last four years: what they lack is written out in what they have. */
const TARGET = ["chrome100", "firefox100", "safari15.4"];

/** The text of the file. The same sources give the same bytes, on every machine. */
export async function builtPage(): Promise<string> {
  const [style, script, small] = await Promise.all(["style.css", "main.ts", "small.ts"].map(bundle));
  return (
    "// Made by `npm run page` of src/page/browser/: not to be edited. test/unit/built-page.test.ts holds it to its sources.\n\n" +
    constant("STYLE", style) +
    constant("SCRIPT", script) +
    constant("SMALL_SCRIPT", small)
  );
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCES, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
  });
  const text = outputFiles[0]?.text.trim() ?? "";
  // It stands in the document as it is: nothing in it may end the element.
  if (/<\/?(?:script|style)|<!--/i.test(text))
    throw new Error(`${entry} has in it what ends its own element`);
  return text;
}

/** As `script-src` and `style-src` have it (Content Security Policy 3, "hash-source"). */
function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

function constant(name: string, text = ""): string {
  return `export const ${name} = {\n  hash: "${hashOf(text)}",\n  text: ${JSON.stringify(text)},\n};\n`;
}
