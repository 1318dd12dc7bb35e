// How the page fits: phones, tablets and desks, in both languages and both colours.

import { describe, expect, it } from "vitest";
import { check, paste, wait } from "./hands.ts";
import { LANGUAGES } from "./words.ts";
import { STAGE, visit, type Visit } from "./visit.ts";

const WIDTHS = [320, 768, 1280];
const SIZES = LANGUAGES.flatMap((language) =>
  (["light", "dark"] as const).flatMap((theme) => WIDTHS.map((width) => ({ language, theme, width }))),
);

/** What does not fit: a page that scrolls to the side, text that is cut off, or that lies below a button. */
async function misfits({ page }: Visit): Promise<string[]> {
  return page.evaluate(() => {
    const bad: string[] = [];
    const rectsOf = (one: Element): DOMRect[] => {
      const range = document.createRange();
      range.selectNodeContents(one);
      return [...range.getClientRects()].filter(({ width }) => width > 0);
    };
    if (document.documentElement.scrollWidth > innerWidth) bad.push("the page scrolls to the side");
    for (const pre of document.querySelectorAll("pre")) {
      if (pre.offsetHeight === 0) continue;
      const text = pre.textContent;
      const box = pre.getBoundingClientRect();
      const button = pre.parentElement?.querySelector("button")?.getBoundingClientRect();
      const rects = rectsOf(pre);
      if (pre.scrollWidth > pre.clientWidth) bad.push(`scrolls to the side: ${text}`);
      if (box.left < 0 || box.right > innerWidth) bad.push(`beyond the window: ${text}`);
      if (rects.some(({ left, right }) => left < box.left || right > box.right)) bad.push(`cut off: ${text}`);
      const isBelow = ({ bottom, right, top }: DOMRect): boolean =>
        button !== undefined && right > button.left && top < button.bottom && bottom > button.top;
      if (rects.some(isBelow)) bad.push(`below a button: ${text}`);
    }
    for (const one of document.querySelectorAll("h1, h2, p, li, dd, figcaption, button, label"))
      if (rectsOf(one).some(({ right }) => right > innerWidth + 0.5))
        bad.push(`too wide: ${one.textContent}`);
    return bad;
  });
}

describe.each(SIZES)("at $width pixels, $language, $theme", (size) => {
  it("nothing is scrolled to the side, and no command is cut off", async () => {
    const here = await visit({ ...size, height: 800 });
    for (const tab of await here.page.getByRole("tab").all()) {
      await tab.click();
      expect(await misfits(here)).toEqual([]);
    }
  });
});

const LONG = `ghcr.io/${"a-long-owner/".repeat(6)}image@sha256:${"0123456789abcdef".repeat(4)}`;

describe.each(WIDTHS)("at %i pixels", (width) => {
  it("long names wrap in what the converter and the check show", async () => {
    const here = await visit({ width, height: 800 });
    await paste(here, LONG);
    expect(await misfits(here)).toEqual([]);
    await paste(here, `FROM ${LONG}\nFROM registry.gitlab.com/${"long/".repeat(30)}image\n`);
    expect(await misfits(here)).toEqual([]);
    await wait(await check(here, "nginx:1.27"), "1.26");
    expect(await misfits(here)).toEqual([]);
  });

  it("a host with a long name wraps too, on the page, at the door and where there is no row", async () => {
    const long = `docker.${"a-very-long-label-of-a-host.".repeat(4)}example.com`;
    const { address, login } = STAGE.ports;
    for (const options of [
      { host: long },
      { host: long, port: login },
      { host: long, port: address },
      { host: `no-${long}` },
    ]) {
      const here = await visit({ ...options, width, height: 800 });
      expect(await misfits(here)).toEqual([]);
    }
  });
});
