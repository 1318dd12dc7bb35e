// Commands, code blocks, and names of files, as the checker sees them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SCRIPT_OPTIONS } from "../../../scripts/docs/options.ts";
import { FILES, ROOT } from "../repository.ts";
import { findings, findingsIn } from "./stage.ts";

const sh = (text: string): string[] => findings("```sh\n" + text + "\n```");

describe("a script of package.json", () => {
  it("exists, in blocks and in inline code, by `run` or by npm's short words", () => {
    expect(sh("npm ci && npm run check:docs # npm run gone\nnpm test; npm start")).toEqual([]);
    expect(sh("true\nnpm ci && npm run check:doc")).toEqual([
      "3: package.json has no script check:doc; there is check:docs",
    ]);
    expect(findings("a `npm run gone`")).toEqual([
      "1: package.json has no script gone; there are start, test, check:docs",
    ]);
    expect(findings("`npm stop`")).toEqual([
      "1: package.json has no script stop; there are start, test, check:docs",
    ]);
    expect(findings("`npm run <name>`, `npm ci`, `npm run`")).toEqual([]);
  });

  it("has the options that it is given", () => {
    expect(sh("npm start -- --port 80 --keep && x --other")).toEqual([]);
    expect(findings("`npm run start -- --prt=80`")).toEqual([
      "1: npm run start has no option --prt; there is --port",
    ]);
    expect(findings("`npm test -- --anything`, `npm start --silent`")).toEqual([]);
  });

  it("of this repository has the options of the list, where it is there", () => {
    const textOf = (name: string): string =>
      FILES.filter((file) => file === `scripts/${name}.ts` || file.startsWith(`scripts/${name}/`))
        .map((file) => readFileSync(join(ROOT, file), "utf8"))
        .join("\n");
    const there = [...SCRIPT_OPTIONS].filter(([name]) => textOf(name) !== "");
    expect(there.length).toBeGreaterThan(1);
    for (const [name, options] of there) {
      // Compared by hand, as `"--keep"`; or a key of what parseArgs is given, as `keep:` or `"password-stdin":`.
      const isNamed = (option: string): boolean =>
        new RegExp(`"${option}"|\\b${option.slice(2)}"?: `).test(textOf(name));
      expect(options.filter(isNamed), name).toEqual(options);
    }
  });
});

describe("a command of wrangler", () => {
  it("exists, with its options", () => {
    expect(
      sh("openssl rand 1 | npx wrangler secret put A\nnpx wrangler tail my-worker --format json"),
    ).toEqual([]);
    expect(
      findings("`wrangler tail`, `npx wrangler secret put <name>`, `wrangler.toml`, `wrangler secret`"),
    ).toEqual([]);
    expect(sh("npx wrangler tial")).toEqual(["2: wrangler has no command tial; there is tail"]);
    expect(sh("cat x | npx wrangler secret set A")).toEqual([
      "2: wrangler secret has no command set; there is put",
    ]);
    expect(findings("`npx wrangler tail --formt json --config x`")).toEqual([
      "1: wrangler tail has no option --formt; there is format",
    ]);
  });
});

describe("a block", () => {
  it("is what it says that it is", () => {
    expect(findings("```json\n{}\n```\n```toml\na = 1\n```\n```yaml\na: 1\n```\n```text\n{\n```")).toEqual(
      [],
    );
    expect(sh("echo 'unclosed")).toEqual(["1: the block is no sh; line 1: unexpected EOF"]);
    expect(findings("```json\n{,}\n```")).toEqual([expect.stringMatching(/^1: the block is no json; .+/)]);
    expect(findings("x\n```toml\na = \n```")).toEqual([
      expect.stringMatching(/^2: the block is no toml; .+/),
    ]);
    expect(findings("```yaml\na: [\n```")).toEqual([expect.stringMatching(/^1: the block is no yaml; .+/)]);
  });
});

describe("a path in inline code", () => {
  it("exists: a file, a folder, or something of a pattern", () => {
    const files = { "src/a/one.ts": "", ".github/x.yml": "" };
    const right =
      "`src/a/one.ts` `src/` `src/a` `src/a/*.ts` `src/a/one.ts#x` `.github/x.yml` `src/<name>.ts` `/v2/src/x`";
    expect(findings(right, files)).toEqual([]);
    expect(findings("`src/one.ts`", files)).toEqual(["1: src/one.ts does not exist; there is src/a/one.ts"]);
    expect(findings("a\n`test/*.md`", files)).toEqual([
      "2: test/*.md does not exist; there is nothing of a like name",
    ]);
  });
});

describe("what a source file says", () => {
  it("of documents: they exist, with their anchors, and so do the README's headings", () => {
    const docs = { "README.md": "# The proxy\n## A brake", "docs/a.md": "# One" };
    const right =
      '// docs/a.md docs/a.md#one spec/docs/gone.md https://x.example/docs/x.md README, "A brake"';
    expect(findingsIn({ ...docs, "src/x.ts": right })).toEqual([]);
    const wrong = '\n// docs/b.md, docs/a.md#two.\n// (README ("A break"); README: "The proxy")';
    expect(findingsIn({ ...docs, "src/x.ts": wrong })).toEqual([
      "src/x.ts:2: docs/b.md does not exist; there is docs/a.md",
      "src/x.ts:2: docs/a.md has no anchor #two; there are one",
      'src/x.ts:3: README.md has no heading "A break"; there is A brake',
    ]);
  });

  it("of commands: they exist", () => {
    const text =
      '# run `npm run check:docs`, or npx wrangler tail and "npm run ${name}"\n#  npx wrangler secret ptu X\n# npm run gone.';
    expect(findingsIn({ "wrangler.toml": text })).toEqual([
      "wrangler.toml:2: wrangler secret has no command ptu; there is put",
      "wrangler.toml:3: package.json has no script gone; there are start, test, check:docs",
    ]);
  });
});
