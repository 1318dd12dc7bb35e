// What people choose for themselves: a language, colours, paper.

import { describe, expect, it } from "vitest";
import { visit, type Visit } from "./visit.ts";
import { LANGUAGES, WORDS } from "./words.ts";

const CHINESE = "简体中文";

async function languageOf({ page }: Visit): Promise<string | null> {
  return page.locator("html").getAttribute("lang");
}

/** How bright the page's paper is, or its ink: from 0 (black) to 255. */
async function brightness(
  { page }: Visit,
  of: "backgroundColor" | "color" = "backgroundColor",
): Promise<number> {
  return page.evaluate((name) => {
    const numbers = getComputedStyle(document.body)[name].match(/\d+/g) ?? [];
    return numbers.slice(0, 3).reduce((sum, one) => sum + Number(one), 0) / 3;
  }, of);
}

describe("the language", () => {
  it.each(LANGUAGES)("is the one that the browser asks for: %s", async (language) => {
    expect(await languageOf(await visit({ language }))).toBe(language);
  });

  it("is the chosen one from then on, without a trace in the address", async () => {
    const here = await visit({ language: "en" });
    await here.page.getByRole("link", { name: CHINESE }).click();
    expect(await languageOf(here)).toBe("zh-CN");
    await here.page.goto(`${here.origin}/`);
    expect(await languageOf(here)).toBe("zh-CN");
    await here.page.reload();
    expect(await languageOf(here)).toBe("zh-CN");
    await here.page.getByRole("link", { name: "English" }).click();
    await here.page.goto(`${here.origin}/`);
    expect(await languageOf(here)).toBe("en");
  });

  it("can be chosen without a script", async () => {
    const here = await visit({ language: "en", script: false });
    await here.page.getByRole("link", { name: CHINESE }).click();
    await here.page.goto(`${here.origin}/`);
    expect(await languageOf(here)).toBe("zh-CN");
  });
});

describe("the colours", () => {
  it("are those of the system until others are chosen", async () => {
    expect(await brightness(await visit({ theme: "light" }))).toBeGreaterThan(200);
    expect(await brightness(await visit({ theme: "dark" }))).toBeLessThan(60);
  });

  it.each([
    ["dark", "light"],
    ["light", "dark"],
  ] as const)(
    "are %s after a reload where that was chosen, though the system is %s",
    async (chosen, theme) => {
      const here = await visit({ theme });
      const isChosen = async (): Promise<boolean> => (await brightness(here)) > 128 === (chosen === "light");
      await here.page.locator("#theme select").selectOption(chosen);
      expect(await isChosen()).toBe(true);
      await here.page.reload();
      expect(await isChosen()).toBe(true);
      expect(await here.page.locator("#theme select").inputValue()).toBe(chosen);
      await here.page.locator("#theme select").selectOption("");
      expect(await isChosen()).toBe(false);
    },
  );
});

describe.each(LANGUAGES)("on paper, in %s", (language) => {
  it("there are all commands under their titles, and nothing to press", async () => {
    const here = await visit({ language, theme: "dark" });
    await here.page.getByRole("tab").last().click();
    await here.page.emulateMedia({ media: "print" });
    const seen = await here.page.evaluate(() => {
      const count = (selector: string): number =>
        [...document.querySelectorAll<HTMLElement>(selector)].filter((one) => one.offsetHeight > 1).length;
      const all = (selector: string): number => document.querySelectorAll(selector).length;
      return {
        panels: all(".panel") - count(".panel"),
        titles: all(".panel h3") - count(".panel h3"),
        boxes: all(".panel pre") - count(".panel pre"),
        controls: count("button, select, input, textarea"),
      };
    });
    expect(seen).toEqual({ panels: 0, titles: 0, boxes: 0, controls: 0 });
  });

  it("the words are dark, though the page was dark on the screen", async () => {
    const here = await visit({ language, theme: "dark" });
    await here.page.locator("#theme select").selectOption("dark");
    await here.page.emulateMedia({ media: "print" });
    expect(await brightness(here, "color")).toBeLessThan(60);
  });

  it("no box hides a part of its text", async () => {
    const here = await visit({ language, width: 700 });
    await here.page.emulateMedia({ media: "print" });
    const cut = await here.page
      .locator("pre")
      .evaluateAll((all) =>
        all.filter((one) => one.scrollHeight > one.clientHeight + 1).map(({ textContent }) => textContent),
      );
    expect(cut).toEqual([]);
  });
});

describe.each(LANGUAGES)("without a script, in %s", (language) => {
  it("every command is there to be read, and nothing that would not work", async () => {
    const { page, host } = await visit({ language, script: false });
    for (const pre of await page.locator(".panel pre").all()) expect(await pre.isVisible()).toBe(true);
    for (const title of await page.locator(".panel h3").all()) expect(await title.isVisible()).toBe(true);
    expect(await page.locator(".panel pre").count()).toBeGreaterThan(20);
    expect(await page.locator("pre").first().textContent()).toBe(`docker pull ${host}/nginx`);
    expect(await page.locator("body").innerText()).toContain(WORDS[language].needsScript);
    for (const id of ["convert", "check", "theme"])
      expect(await page.locator(`#${id}`).isVisible(), id).toBe(false);
    expect(await page.locator("button:visible").count()).toBe(0);
  });
});
