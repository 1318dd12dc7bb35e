// What axe-core finds on each page in each state: nothing.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { check, paste, wait } from "./hands.ts";
import { STAGE, visit, type Visit, type VisitOptions } from "./visit.ts";
import { WORDS } from "./words.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Axe {
  run(
    context: Document,
    options: object,
  ): Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
}

/** The rules that are broken, and where. */
async function violations({ page }: Visit): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: Axe };
    const rules = { "target-size": { enabled: true } };
    const { violations: found } = await axe.run(document, { rules });
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    );
  });
}

const LOOKS: readonly VisitOptions[] = [
  { language: "en", theme: "light", width: 1280 },
  { language: "en", theme: "dark", width: 320 },
  { language: "zh-CN", theme: "light", width: 320 },
  { language: "zh-CN", theme: "dark", width: 1280 },
];

describe.each(LOOKS)("in $language, $theme, $width pixels wide, axe finds nothing", (look) => {
  const options = { ...look, bypassPolicy: true };
  const words = WORDS[look.language ?? "en"];

  it("on the page with each of its tabs", async () => {
    const here = await visit(options);
    const tabs = await here.page.getByRole("tab").all();
    // To look at one takes a second; in the other language they are made of the same elements.
    for (const tab of look.language === "en" ? tabs : tabs.slice(0, 1)) {
      await tab.click();
      expect(await violations(here)).toEqual([]);
    }
  });

  it("on what the converter shows", async () => {
    const here = await visit(options);
    for (const text of [
      "nginx",
      "FROM nginx\nFROM registry.gitlab.com/a/b\n",
      "nginx; x",
      "docker pull nginx",
    ]) {
      await paste(here, text);
      expect(await violations(here), text).toEqual([]);
    }
  });

  it("on what the check shows", async () => {
    const here = await visit(options);
    await wait(await check(here, "nginx:1.27"), "1.26");
    expect(await violations(here)).toEqual([]);
    await wait(await check(here, "owner/closed"), words.login);
    expect(await violations(here)).toEqual([]);
    await wait(await check(here, "nginx:none"), "1.26");
    expect(await violations(here)).toEqual([]);
  });

  it.each([
    ["the door of a closed proxy", { port: STAGE.ports.login }],
    ["the door of one that knows addresses", { port: STAGE.ports.address }],
    ["a host without a row", { host: "no-row.example.com" }],
    ["the host of one registry", { host: "docker.localhost" }],
  ])("on the page of %s", async (_, other) => {
    expect(await violations(await visit({ ...options, ...other }))).toEqual([]);
  });
});

describe("by keyboard", () => {
  it("everything that can be pressed can be reached, in the order of the page, and is seen to be reached", async () => {
    const { page } = await visit();
    const tops: number[] = [];
    const unseen: string[] = [];
    for (let at = 0; at < 40; at += 1) {
      await page.keyboard.press("Tab");
      const now = await page.evaluate(() => {
        const one = document.activeElement ?? document.body;
        const { outlineStyle, outlineWidth } = getComputedStyle(one);
        const isSeen = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
        const top = one.getBoundingClientRect().top + scrollY;
        return { isBody: one === document.body, isSeen, top, html: one.outerHTML.slice(0, 80) };
      });
      if (now.isBody) break;
      tops.push(Math.round(now.top));
      if (!now.isSeen) unseen.push(now.html);
    }
    expect(unseen).toEqual([]);
    expect(tops.length).toBeGreaterThan(8);
    // A row of buttons is one line to a reader: a few pixels up are not a jump back.
    expect(tops.filter((top, at) => top < (tops[at - 1] ?? 0) - 40)).toEqual([]);
  });
});
