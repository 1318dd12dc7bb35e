// `npm run check:docs`: checks every Markdown file of the repository, and what sources say of them. Nothing is fetched.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { experimental_getWranglerCommands as wranglerCommands } from "wrangler";
import { ROOT } from "../test/tools/configuration.ts";
import { checkDocuments } from "./docs/check.ts";
import { lineOf } from "./docs/finding.ts";
import { readMarkdown } from "./docs/markdown.ts";
import { SCRIPT_OPTIONS } from "./docs/options.ts";
import type { Command, Repository } from "./docs/repository.ts";

/** English documents that must be there in Chinese too: README.md, and files of docs/. Others may be. */
const IN_BOTH_LANGUAGES: readonly string[] = [
  "README.md",
  ...[
    "access",
    "configuration",
    "deploy",
    "from-the-tutorial",
    "limits",
    "messages",
    "metrics",
    "recipes",
    "storage",
    "troubleshooting",
  ].map((name) => `docs/${name}.md`),
];

/** Files whose comments and messages name documents and commands. */
const SOURCES = /^(?:src|scripts)\/.+\.ts$|^wrangler\.toml$/;

const findings = checkDocuments(readRepository(), IN_BOTH_LANGUAGES);
for (const finding of findings) console.error(lineOf(finding));
if (findings.length > 0) {
  console.error(`The documentation has ${findings.length} fault(s).`);
  process.exitCode = 1;
} else console.log("The documentation is right: links, commands, code, names, languages.");

function readRepository(): Repository {
  const files = listFiles();
  const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
  const manifest = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  return {
    files: new Set(files),
    documents: new Map(
      files.filter((file) => file.endsWith(".md")).map((file) => [file, readMarkdown(read(file))]),
    ),
    texts: new Map(files.filter((file) => SOURCES.test(file)).map((file) => [file, read(file)])),
    scripts: new Set(Object.keys(manifest.scripts)),
    options: SCRIPT_OPTIONS,
    wrangler: readWrangler(),
    shellFault,
  };
}

/** What git knows, and what is new and not ignored; not what was deleted and not yet committed. */
function listFiles(): string[] {
  const listed = (...options: string[]): string[] => {
    const { status, stdout, stderr } = spawnSync("git", ["ls-files", "-z", ...options], {
      cwd: ROOT,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`git cannot list the files of this repository: ${stderr}`);
    return stdout.split("\0").filter((file) => file !== "");
  };
  const deleted = new Set(listed("--deleted"));
  return [...new Set(listed("--cached", "--others", "--exclude-standard"))].filter(
    (file) => !deleted.has(file),
  );
}

function shellFault(script: string): string | undefined {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
  return status === 0 ? undefined : stderr;
}

interface Node {
  readonly definition?: {
    readonly type: string;
    readonly args?: Readonly<Record<string, object>>;
  };
  readonly subtree: ReadonlyMap<string, Node>;
}

/** The commands of the pinned wrangler, as it lists them itself. */
function readWrangler(): Command {
  const { registry, globalFlags } = wranglerCommands();
  const root = commandOf({ subtree: registry.subtree });
  return { ...root, options: new Set([...namesOf(globalFlags), "help", "version"]) };
}

function commandOf({ definition, subtree }: Node): Command {
  return {
    runs: definition?.type === "command",
    options: new Set(namesOf(definition?.args ?? {})),
    below: new Map([...subtree].map(([name, node]) => [name, commandOf(node)])),
  };
}

/** Of options: their names and aliases. */
function namesOf(options: Readonly<Record<string, object>>): string[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const alias: unknown = "alias" in option ? option.alias : undefined;
    return [name, ...[alias].flat().filter((one) => typeof one === "string")];
  });
}
