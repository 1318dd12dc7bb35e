// The recipes as tabs: by mouse and by keyboard, and always exactly one panel.

import { describe, expect, it } from "vitest";
import { LANGUAGES } from "./words.ts";
import { visit, type Visit } from "./visit.ts";

interface Shown {
  readonly panels: readonly string[];
  readonly selected: readonly string[];
  readonly focused: string;
}

/** The panels that are seen, the tabs that say they are selected, and where the keyboard is. */
async function shown({ page }: Visit): Promise<Shown> {
  return page.evaluate(() => {
    const seen = [...document.querySelectorAll<HTMLElement>(".panel")].filter((one) => one.offsetHeight > 0);
    const selected = [...document.querySelectorAll('[role="tab"][aria-selected="true"]')];
    return {
      panels: seen.map(({ id }) => id),
      selected: selected.map((tab) => tab.getAttribute("aria-controls") ?? ""),
      focused: document.activeElement?.getAttribute("aria-controls") ?? "",
    };
  });
}

async function tabIds({ page }: Visit): Promise<string[]> {
  const tabs = await page.getByRole("tab").all();
  return Promise.all(tabs.map(async (tab) => (await tab.getAttribute("aria-controls")) ?? ""));
}

describe.each(LANGUAGES)("the tabs in %s", (language) => {
  it("show their panel and no other when they are clicked", async () => {
    const here = await visit({ language });
    const ids = await tabIds(here);
    expect(ids.length).toBeGreaterThan(7);
    expect(await shown(here)).toEqual({ panels: [ids[0]], selected: [ids[0]], focused: "" });
    for (const id of [...ids].reverse()) {
      await here.page.locator(`[role=tab][aria-controls=${id}]`).click();
      expect(await shown(here)).toEqual({ panels: [id], selected: [id], focused: id });
    }
  });
});

describe("the tabs by keyboard", () => {
  it("are gone through with the arrows, round and round, and left with Tab", async () => {
    const here = await visit();
    const ids = await tabIds(here);
    await here.page.getByRole("tab").first().focus();
    for (const id of [...ids.slice(1), ids[0] ?? ""]) {
      await here.page.keyboard.press("ArrowRight");
      expect(await shown(here)).toEqual({ panels: [id], selected: [id], focused: id });
    }
    for (const id of [...ids].reverse()) {
      await here.page.keyboard.press("ArrowLeft");
      expect(await shown(here)).toEqual({ panels: [id], selected: [id], focused: id });
    }
    await here.page.keyboard.press("Tab");
    expect((await shown(here)).focused).toBe("");
    await here.page.keyboard.press("Shift+Tab");
    expect((await shown(here)).focused).toBe(ids[0]);
  });

  it("have Home and End, and let other keys alone", async () => {
    const here = await visit();
    const ids = await tabIds(here);
    const [first = "", last = ""] = [ids[0], ids.at(-1)];
    await here.page.getByRole("tab").first().focus();
    for (const [key, id] of [
      ["End", last],
      ["a", last],
      ["Home", first],
      ["PageDown", first],
    ] as const) {
      await here.page.keyboard.press(key);
      expect(await shown(here), key).toEqual({ panels: [id], selected: [id], focused: id });
    }
  });

  it("each name a panel that is named by its tab", async () => {
    const { page } = await visit();
    const wrong = await page.evaluate(
      () =>
        [...document.querySelectorAll('[role="tab"]')].filter((tab) => {
          const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
          return (
            panel?.getAttribute("aria-labelledby") !== tab.id || panel.getAttribute("role") !== "tabpanel"
          );
        }).length,
    );
    expect(wrong).toBe(0);
  });
});
