// Links, images and anchors of the documents, as the checker sees them.
import { describe, expect, it } from "vitest";
import { readMarkdown } from "../../../scripts/docs/markdown.ts";
import { findings, findingsIn } from "./stage.ts";

describe("a link within the repository", () => {
  it("is right where its file is, seen from the file that it stands in", () => {
    const docs = { "docs/a.md": "[home](../README.md) [b](b.md) [dir](../docs/)", "docs/b.md": "" };
    expect(findings("[a](docs/a.md) [a](./docs/a.md) [dir](docs) [root](./)", docs)).toEqual([]);
  });

  it("is found where its file is not, with the file that may be meant", () => {
    const docs = { "docs/Recipes.md": "", "docs/deep/only.md": "" };
    expect(findings("first\n\nsecond [x](docs/recipes.md)", docs)).toEqual([
      "3: docs/recipes.md does not exist; there is docs/Recipes.md",
    ]);
    expect(findings("[x](only.md)", docs)).toEqual(["1: only.md does not exist; there is docs/deep/only.md"]);
    expect(findings("[x](docs/Recipe.md)", docs)).toEqual([
      "1: docs/Recipe.md does not exist; there is docs/Recipes.md",
    ]);
    expect(findings("[x](nowhere/at-all/)", docs)).toEqual([
      "1: nowhere/at-all does not exist; there is nothing of a like name",
    ]);
  });

  it("is found where it leads out of the repository or is badly encoded, and a folder's anchor is", () => {
    for (const href of ["../x.md", "/README.md", "docs/%zz.md"]) {
      expect(findings(`[x](${href})`)).toEqual([
        `1: the link ${href} leads out of the repository, or is badly encoded`,
      ]);
    }
    expect(findings("[x](docs#a)", { "docs/a.md": "" })).toEqual([
      "1: docs is a folder, which has no anchor #a",
    ]);
  });

  it("is found by definition, in HTML, in a table, in a list and as an image", () => {
    const lines = (text: string): string[] => findings(text).map((line) => line.replace(/;.*/, ""));
    expect(lines("one\n[x][y]\n\n[y]: y.md")).toEqual(["2: y.md does not exist"]);
    expect(lines('<p>\n<a href="x.md">x</a>')).toEqual(["1: x.md does not exist"]);
    expect(lines('a <img src="x.png"> <!-- <img src="y.png"> -->')).toEqual(["1: x.png does not exist"]);
    expect(lines('<source srcset="x.png 2x">')).toEqual(["1: x.png does not exist"]);
    expect(lines("| a | b |\n|---|---|\n| 1 | 2 |\n| `a\\|b` | [x](x.md) |")).toEqual([
      "4: x.md does not exist",
    ]);
    expect(lines("- a\n- b\n\n  ![x](x.png)\n  more")).toEqual(["4: x.png does not exist"]);
  });
});

describe("an anchor", () => {
  it("is a heading's as GitHub writes it, the second one of a name with -1, in any script, or an HTML element's", () => {
    const document =
      "# It's `a/b`: C\n## Same\n## Same\n## 镜像 仓库\n<a id=\"here\"></a>\n\n<a name='old'></a>";
    const links = [
      "its-ab-c",
      "same",
      "same-1",
      "镜像-仓库",
      "%E9%95%9C%E5%83%8F-%E4%BB%93%E5%BA%93",
      "here",
      "old",
    ];
    expect(findings(`${document}\n\n${links.map((anchor) => `[x](#${anchor})`).join(" ")}`)).toEqual([]);
  });

  it("is found where it is none, here or in another document, with the nearest", () => {
    expect(findings("# One\n\n[x](#onne)")).toEqual(["3: README.md has no anchor #onne; there is one"]);
    expect(findings("[x](docs/a.md#gone)", { "docs/a.md": "# First\n# Second" })).toEqual([
      "1: docs/a.md has no anchor #gone; there are first, second",
    ]);
    expect(findings("[x](docs/a.md#gone)", { "docs/a.md": "" })).toEqual([
      "1: docs/a.md has no anchor #gone; there is none",
    ]);
  });

  it("of a source file is a line", () => {
    const source = { "src/a.ts": "" };
    expect(findings("[x](src/a.ts#L1) [x](src/a.ts#L1-L4)", source)).toEqual([]);
    expect(findings("[x](src/a.ts#one)", source)).toEqual(["1: src/a.ts has no anchor #one; there is none"]);
  });
});

describe("a link to elsewhere", () => {
  it("is https, well formed, to a public name, and has no login", () => {
    expect(findings("[x](https://docs.example/a?b#c) <https://a.example>")).toEqual([]);
    expect(findings("[x](http://a.example)")).toEqual(["1: http://a.example is not https; it is http:"]);
    expect(findings("[x](mailto:a@b.example)")).toEqual([
      "1: mailto:a@b.example is not https; it is mailto:",
    ]);
    expect(findings("[x](//a.example)")).toEqual(["1: //a.example is no well-formed address"]);
    expect(findings("[x](https://)")).toEqual(["1: https:// is no well-formed address"]);
    expect(findings("[x](https://u:p@a.example)")).toEqual(["1: https://u:p@a.example has a login in it"]);
    expect(findings("[x](https://localhost/)")).toEqual(["1: localhost is no public host name"]);
  });

  it("may be http in code where it is this machine or an example, and nowhere else", () => {
    const own =
      "http://localhost:8787 http://127.0.0.1/ http://[::1]:1 http://a.example.com http://x.example";
    expect(findings(`\`${own}\``)).toEqual([]);
    expect(findings("`curl http://a.test`")).toEqual(["1: http://a.test is not https"]);
    expect(findings("```sh\n#\ncurl http://localhost.evil.test/x\n```")).toEqual([
      "3: http://localhost.evil.test is not https",
    ]);
  });
});

describe("what is printed", () => {
  it("has the findings in the order of files and lines, and no control characters", () => {
    const texts = { "b.md": "[x](x.md)\n\n[y](y\u200b.md)", "a.md": "[x](x.md)" };
    expect(findingsIn(texts).map((line) => line.replace(/;.*/, ""))).toEqual([
      "a.md:1: x.md does not exist",
      "b.md:1: x.md does not exist",
      "b.md:3: y?.md does not exist",
    ]);
  });
});

describe("the reader", () => {
  it("finds code, tables and prose with their lines, in lists and with tabs and CRLF too", () => {
    const text =
      "# A\r\n\r\n1. one `c`\r\n\r\n   ```sh\r\n   echo\r\n   ```\r\n\r\n\ttwo\r\n\r\n| a |\r\n|---|\r\n| b |\r\n";
    const { code, blocks, tables, prose } = readMarkdown(text);
    expect(code).toEqual([{ text: "c", line: 3, section: 1 }]);
    expect(blocks).toEqual([{ language: "sh", text: "echo", line: 5, section: 1 }]);
    expect(tables).toEqual([{ rows: 1, columns: 1, line: 11, section: 1 }]);
    expect(prose.map(({ text: words, line }) => `${line} ${words}`)).toEqual([
      "3 one ",
      "9  two",
      "11 a",
      "13 b",
    ]);
  });
});
