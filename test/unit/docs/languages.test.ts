// A document in two languages, as the checker compares it.
import { describe, expect, it } from "vitest";
import { findingsIn } from "./stage.ts";

const ENGLISH = `# Proxy

[中文](README.zh-CN.md)

## Use

See [recipes](docs/r.md#mirror), [itself](#use), [law](LAW.md) and [x](https://x.example).

![page](docs/images/page-en.png)

\`\`\`sh
docker pull a # a comment
\`\`\`

| a | b |
| - | - |
| 1 | 2 |
`;
const CHINESE = `# 代理

[English](README.md)

## 使用

见[配方](docs/zh-CN/r.md#镜像)、[这里](#使用)、[法](LAW.md)和 [x](https://x.example)。

![页面](docs/images/page-zh-CN.png)

\`\`\`sh
docker pull a # 注释
\`\`\`

| 甲 | 乙 |
| -- | -- |
| 1  | 2  |
`;
const OTHERS = {
  "LAW.md": "",
  "docs/r.md": "# Recipes\n[中文](zh-CN/r.md)\n## Mirror",
  "docs/zh-CN/r.md": "# 配方\n[English](../r.md)\n## 镜像",
  "docs/images/page-en.png": "",
  "docs/images/page-zh-CN.png": "",
};

function compare(change: (chinese: string) => string, english = ENGLISH): string[] {
  const chinese = change(CHINESE);
  if (english === ENGLISH) expect(chinese).not.toBe(CHINESE);
  return findingsIn({ ...OTHERS, "README.md": english, "README.zh-CN.md": chinese });
}

describe("a pair", () => {
  it("is right where it is the same in both languages", () => {
    expect(
      findingsIn({ ...OTHERS, "README.md": ENGLISH, "README.zh-CN.md": CHINESE }, ["README.md"]),
    ).toEqual([]);
  });

  it("may link to the English file where there is a Chinese one", () => {
    expect(compare((text) => text.replace("docs/zh-CN/r.md#镜像", "docs/r.md#mirror"))).toEqual([]);
  });

  it("is wanted of a document of the list, and of no other", () => {
    const texts = { "README.md": "", "docs/a.md": "", "SECURITY.md": "" };
    expect(findingsIn(texts)).toEqual([]);
    expect(findingsIn(texts, ["README.md", "docs/a.md", "SECURITY.md"])).toEqual([
      "README.md:1: README.md must be there in both languages; there is no README.zh-CN.md",
      "docs/a.md:1: docs/a.md must be there in both languages; there is no docs/zh-CN/a.md",
    ]);
  });

  it("has an English file for each Chinese one", () => {
    expect(findingsIn({ "docs/zh-CN/x.md": "" })).toEqual([
      "docs/zh-CN/x.md:1: it is no translation: docs/x.md does not exist",
    ]);
  });
});

describe("in a pair is found", () => {
  it("another sequence of headings, and then nothing of links", () => {
    expect(compare((text) => text.replace("## 使用", "### 使用").replace("LAW", "README"))).toEqual([
      'README.zh-CN.md:5: heading 2 is level 3, "使用"; README.md has level 2, "Use"',
    ]);
    expect(compare((text) => `${text}\n## 更多`)).toEqual([
      'README.zh-CN.md:19: heading 3 is level 2, "更多"; README.md has no further one',
    ]);
  });

  it("another number of tables, rows or columns", () => {
    expect(compare((text) => text.replace("| 1  | 2  |\n", ""))).toEqual([
      "README.zh-CN.md:15: table 1 has 0 rows and 2 columns; README.md:15 has 1 and 2",
    ]);
    expect(compare((text) => text.replace(/\|.*\|\n/g, ""))).toEqual([
      "README.zh-CN.md:1: it has 0 tables; README.md has 1",
    ]);
    expect(compare((text) => text.replace(/ 乙 | -- \|\n| 2 {2}\|/g, ""))).not.toEqual([]);
  });

  it("another code block, but for its comments", () => {
    expect(compare((text) => text.replace("pull a", "pull b"))).toEqual([
      'README.zh-CN.md:12: code block 1 differs: "docker pull b"; README.md has "docker pull a"',
    ]);
    expect(compare((text) => text.replace("# 注释\n", "# 注释\nmore\n"))).toEqual([
      'README.zh-CN.md:13: code block 1 differs: "more"; README.md has "its end"',
    ]);
    expect(compare((text) => text.replace("```sh", "```text"))).toEqual([
      'README.zh-CN.md:11: code block 1 is "text"; README.md:11 has "sh"',
    ]);
    expect(compare((text) => text.replace(/```[\s\S]*```/, ""))).toEqual([
      "README.zh-CN.md:1: it has 0 code blocks; README.md has 1",
    ]);
  });

  it("nothing of comments in toml, yaml and ts, and of a chart's labels", () => {
    const blocks = (word: string): string =>
      `\n\`\`\`toml\na = 1 # ${word}\n\`\`\`\n\`\`\`yaml\n# ${word}\na: 1\n\`\`\`\n` +
      `\`\`\`ts\nlet a = "https://x"; // ${word}\n\`\`\`\n\`\`\`mermaid\nA --> ${word}\n\`\`\`\n`;
    expect(compare((text) => text + blocks("词"), ENGLISH + blocks("word"))).toEqual([]);
  });

  it("another link, another order of links, another anchor, and a missing one", () => {
    expect(compare((text) => text.replace("LAW.md", "docs/r.md"))).toEqual([
      "README.zh-CN.md:7: number 3 of the section's links is docs/r.md; README.md:7 has LAW.md",
    ]);
    expect(
      compare((text) => text.replace("[这里](#使用)、[法](LAW.md)", "[法](LAW.md)、[这里](#使用)")),
    ).toEqual([
      "README.zh-CN.md:7: the links stand in another order: number 2 of the section's links is LAW.md; README.md:7 has #use",
    ]);
    expect(compare((text) => text.replace("r.md#镜像", "r.md#配方"))).toEqual([
      "README.zh-CN.md:7: number 1 of the section's links is docs/zh-CN/r.md#配方; README.md:7 has docs/r.md#mirror",
    ]);
    expect(compare((text) => text.replace("和 [x](https://x.example)", ""))).toEqual([
      "README.zh-CN.md:5: number 4 of the section's links is not there; README.md:7 has https://x.example",
    ]);
    expect(compare((text) => `${text}\n[y](LAW.md)`)).toEqual([
      "README.zh-CN.md:19: number 5 of the section's links is LAW.md; README.md has no such one",
    ]);
  });

  it("another image, but for its language", () => {
    expect(compare((text) => text.replace("docs/images/page-zh-CN.png", "LAW.md"))).toEqual([
      "README.zh-CN.md:9: number 1 of the section's images is LAW.md; README.md:9 has docs/images/page-en.png",
    ]);
  });

  it("no link to the other one in the first lines", () => {
    const without = (text: string, link: string): string => text.replace(`${link}\n`, "");
    const found = findingsIn({
      ...OTHERS,
      "README.md": without(ENGLISH, "[中文](README.zh-CN.md)"),
      "README.zh-CN.md": without(CHINESE, "[English](README.md)"),
    });
    expect(found).toEqual([
      "README.md:1: its first lines have no link to README.zh-CN.md",
      "README.zh-CN.md:1: its first lines have no link to README.md",
    ]);
  });

  it("a paragraph, item or cell that nobody translated, and no code and no short one", () => {
    const long =
      "The proxy asks the registry for the manifest, and keeps what the registry said about it for a minute. ";
    const both = (english: string): string[] => compare((text) => text + english, ENGLISH + english);
    expect(both(`\n${long}`)).toEqual([
      'README.zh-CN.md:19: 81 letters and no Chinese character: is it translated?; it begins with "The proxy asks the registry for the mani"',
    ]);
    expect(both(`\n- a\n- ${long}`)).toHaveLength(1);
    expect(both(`\n| a |\n| - |\n| ${long} |\n`)).toHaveLength(1);
    expect(both(`\n\`${long}\` \`${long}\`\n\n${long.slice(0, 90)}`)).toEqual([]);
    expect(both(`\n${long}代理`)).toEqual([]);
  });
});
