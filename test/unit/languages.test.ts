// Every language has every text, with the same things to fill in; none has been forgotten.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES } from "../../src/page/language.ts";
import { fill } from "../../src/page/languages/fill.ts";
import type { Language } from "../../src/page/languages/texts.ts";
import { ROOT } from "./repository.ts";

/** Files of the folder that are no language. */
const OTHERS = ["fill.ts", "texts.ts"];
const [ENGLISH] = LANGUAGES;

function textsOf({ page, script }: Language): [name: string, text: string][] {
  const { forms, kinds, problems, reasons, ...others } = script;
  return Object.entries<string>({ ...page, ...others, ...forms, ...kinds, ...problems, ...reasons });
}

/** What is filled in, and how many pieces of code there are. */
function formOf(text: string): string[] {
  return [...(text.match(/\{\w+\}/g) ?? []), ...(text.match(/`[^`]*`/g) ?? [])].sort();
}

describe("the languages of the page", () => {
  it("are all that have a file", () => {
    const files = readdirSync(join(ROOT, "src/page/languages")).filter((file) => !OTHERS.includes(file));
    expect(files.map((file) => file.replace(/\.ts$/, "")).sort()).toEqual(
      LANGUAGES.map(({ tag }) => tag.toLowerCase()).sort(),
    );
  });

  it.each(LANGUAGES)("in $tag no text is missing, empty or out of the form that English has", (language) => {
    const texts = textsOf(language);
    expect(texts.map(([name]) => name).sort()).toEqual(
      textsOf(ENGLISH as Language)
        .map(([name]) => name)
        .sort(),
    );
    const english = new Map(textsOf(ENGLISH as Language));
    for (const [name, text] of texts) {
      expect(text.trim(), name).toBe(text);
      expect(text, name).not.toBe("");
      expect(formOf(text), name).toEqual(formOf(english.get(name) ?? ""));
      expect(text.split("`").length % 2, name).toBe(1);
    }
  });

  it("Chinese says nothing in English that English says", () => {
    const english = new Map(textsOf(ENGLISH as Language));
    const same = LANGUAGES.filter(({ tag }) => tag === "zh-CN")
      .flatMap(textsOf)
      .filter(([name, text]) => text === english.get(name))
      .map(([name]) => name);
    // Names of programs.
    expect(same).toEqual(["tabDocker", "tabOllama", "tabK3s", "tabBuildkit", "dockerfile", "values"]);
  });

  it("in Chinese no half-width comma, colon or question mark stands beside a Chinese character", () => {
    const chinese = LANGUAGES.find(({ tag }) => tag === "zh-CN") as Language;
    const wrong = textsOf(chinese).filter(([, text]) => /\p{sc=Han}[,;:?!(]|[,;:?!)]\p{sc=Han}/u.test(text));
    expect(wrong).toEqual([]);
  });
});

describe("what is filled in", () => {
  it("stands where its name does, as often as it does, and is not looked at again", () => {
    expect(fill("{a} and {b}, {a}", { a: "{b}", b: 2 })).toBe("{b} and 2, {b}");
    expect(fill("{a} {constructor}", {})).toBe("{a} {constructor}");
    expect(fill("$& {a}", { a: "$&" })).toBe("$& $&");
  });
});
