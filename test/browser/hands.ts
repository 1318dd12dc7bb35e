// What people do on the page.

import { expect } from "vitest";
import type { Locator } from "playwright-core";
import type { Visit } from "./visit.ts";

/** Asks the page about an image, by the button. The answer comes later. */
export async function check({ page }: Visit, image: string): Promise<Locator> {
  await page.locator("#check-input").fill(image);
  await page.locator("#check-button").click();
  return page.locator("#check-output");
}

/** Waits for words of the page. @throws where they do not come */
export async function wait(place: Locator, words: string): Promise<void> {
  await expect.poll(() => place.innerText()).toContain(words);
}

/** Puts a text into the converter. What comes of it is there at once. */
export async function paste({ page }: Visit, text: string): Promise<Locator> {
  await page.locator("#convert-input").fill(text);
  return page.locator("#convert-output");
}

/** Clicks a box's button, and reads what is on the clipboard then. */
export async function copy({ page }: Visit, pre: Locator): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText("something else"));
  await pre.locator("xpath=..").locator("button.copy").click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).not.toBe("something else");
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The texts of the boxes in a place, as they are in the document. */
export async function boxes(place: Locator): Promise<string[]> {
  return place.locator("pre").allTextContents();
}

/** How far the page reaches to the right of the window. */
export async function overflow({ page }: Visit): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
