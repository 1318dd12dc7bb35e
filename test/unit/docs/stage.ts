// A small repository for the tests of the documentation's checker: what stands in its files, and what is found.

import { checkDocuments } from "../../../scripts/docs/check.ts";
import { lineOf } from "../../../scripts/docs/finding.ts";
import { readMarkdown } from "../../../scripts/docs/markdown.ts";
import type { Command, Repository } from "../../../scripts/docs/repository.ts";

const leaf = (...options: string[]): Command => ({ runs: true, options: new Set(options), below: new Map() });

const WRANGLER: Command = {
  runs: false,
  options: new Set(["config", "help"]),
  below: new Map([
    ["tail", leaf("format")],
    ["secret", { runs: false, options: new Set(), below: new Map([["put", leaf()]]) }],
  ]),
};

/** The findings, as they are printed, in a repository of these files. */
export function findingsIn(texts: Record<string, string>, inBoth: readonly string[] = []): string[] {
  return checkDocuments(repositoryOf(texts), inBoth).map(lineOf);
}

/** The findings in a README.md of this text, without the file's name. */
export function findings(readme: string, others: Record<string, string> = {}): string[] {
  return findingsIn({ "README.md": readme, ...others }).map((line) => line.replace(/^README\.md:/, ""));
}

function repositoryOf(texts: Record<string, string>): Repository {
  const entries = Object.entries(texts);
  return {
    files: new Set(Object.keys(texts)),
    documents: new Map(
      entries.filter(([file]) => file.endsWith(".md")).map(([file, text]) => [file, readMarkdown(text)]),
    ),
    texts: new Map(entries.filter(([file]) => file.startsWith("src/") || file === "wrangler.toml")),
    scripts: new Set(["start", "test", "check:docs"]),
    options: new Map([["start", ["--port", "--keep"]]]),
    wrangler: WRANGLER,
    shellFault: (script) => (script.includes("'unclosed") ? "line 1: unexpected EOF\nmore" : undefined),
  };
}
