// A link of a Chinese page to one that is there in English only says so, for who would follow it in vain.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect, it } from "vitest";
import { chineseTwin } from "../../../scripts/docs/twins.ts";
import { ROOT } from "../repository.ts";

const FOLDER = "docs/zh-CN";
const PAGES = ["README.zh-CN.md", ...readdirSync(join(ROOT, FOLDER)).map((name) => `${FOLDER}/${name}`)];
const LINK = /\]\((?!https?:)([^)#]+\.md)(?:#[^)]*)?\)(（英文）)?([^。；\n]*（均为英文）)?/g;

/** Links without a mark, and those that have one. */
function linksOf(page: string, text: string): { unmarked: string[]; marked: string[] } {
  const all = [...text.matchAll(LINK)].map(([, href = "", mark, markOfAll]) => ({
    target: posix.join(posix.dirname(page), href),
    isMarked: mark !== undefined || markOfAll !== undefined,
  }));
  const isEnglishOnly = (target: string): boolean => {
    const twin = chineseTwin(target);
    return !PAGES.includes(target) && (twin === undefined || !existsSync(join(ROOT, twin)));
  };
  const targets = (isMarked: boolean): string[] =>
    all.filter((link) => link.isMarked === isMarked).map(({ target }) => target);
  return { unmarked: targets(false).filter(isEnglishOnly), marked: targets(true).filter(isEnglishOnly) };
}

it.each(PAGES)("%s", (page) => {
  expect(linksOf(page, readFileSync(join(ROOT, page), "utf8")).unmarked).toEqual([]);
});

it("is found where it is not marked, by itself or with others", () => {
  const text =
    "见[甲](docs/cpu.md)。[乙](SECURITY.md)（英文）、[丙](docs/zh-CN/access.md)，[丁](docs/memory.md#x)";
  expect(linksOf("README.zh-CN.md", text)).toEqual({
    unmarked: ["docs/cpu.md", "docs/memory.md"],
    marked: ["SECURITY.md"],
  });
  const several = "见[甲](docs/cpu.md)和[乙](docs/memory.md)（均为英文）；";
  expect(linksOf("README.zh-CN.md", several).unmarked).toEqual([]);
});
