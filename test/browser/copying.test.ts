// The buttons beside the boxes: what is copied is what is shown, to the last character.

import { describe, expect, it } from "vitest";
import { check, copy, paste, wait } from "./hands.ts";
import { LANGUAGES, WORDS } from "./words.ts";
import { visit } from "./visit.ts";

describe.each(LANGUAGES)("copying in %s", (language) => {
  it("puts the text of every recipe on the clipboard, without a line end behind it", async () => {
    const here = await visit({ language });
    let copied = 0;
    for (const tab of await here.page.getByRole("tab").all()) {
      await tab.click();
      for (const pre of await here.page.locator(".panel pre:visible").all()) {
        const text = await copy(here, pre);
        expect(text).toBe(await pre.textContent());
        expect(text).toBe(await pre.innerText());
        expect(text).toBe(text.trim());
        expect(text).not.toContain("\r");
        copied += 1;
      }
    }
    expect(copied).toBe(await here.page.locator(".panel pre").count());
    expect(copied).toBeGreaterThan(20);
  });

  it("says that it is done, and takes the keyboard too", async () => {
    const here = await visit({ language });
    const button = here.page.locator(".panel:visible button.copy").first();
    const before = await button.innerText();
    await button.focus();
    await here.page.keyboard.press("Enter");
    await wait(button, WORDS[language].copied);
    expect(await here.page.evaluate(() => navigator.clipboard.readText())).toBe(
      `docker pull ${here.host}/nginx`,
    );
    await wait(button, before);
  });

  it("selects the text where a page that came by plain http has no clipboard", async () => {
    const here = await visit({ language, host: "docker.example.com.cn" });
    expect(await here.page.evaluate(() => isSecureContext)).toBe(false);
    const button = here.page.locator(".panel:visible button.copy").first();
    await button.click();
    await wait(button, WORDS[language].copyByHand);
    expect(await here.page.evaluate(() => getSelection()?.toString())).toBe(`docker pull ${here.host}/nginx`);
  });
});

describe("copying what the page has just made", () => {
  it("works for a converted text, and for the command of a check", async () => {
    const here = await visit();
    const converted = await paste(here, "FROM alpine:3.22\nRUN true\n");
    const [text] = await converted.locator("pre").all();
    expect(text && (await copy(here, text))).toBe(`FROM ${here.host}/alpine:3.22\nRUN true\n`);
    const checked = await check(here, "nginx:1.27");
    await wait(checked, "1.26");
    const [command] = await checked.locator("pre").all();
    expect(command && (await copy(here, command))).toBe(`docker pull ${here.host}/nginx:1.27`);
  });

  it("copies the newest text, not the one that was there when the button came", async () => {
    const here = await visit();
    await paste(here, "nginx:1.26");
    const output = await paste(here, "nginx:1.27");
    const [command, name] = await output.locator("pre").all();
    expect(command && (await copy(here, command))).toBe(`docker pull ${here.host}/nginx:1.27`);
    expect(name && (await copy(here, name))).toBe(`${here.host}/nginx:1.27`);
  });
});
