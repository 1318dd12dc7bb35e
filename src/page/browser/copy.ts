// Copying what is shown: exactly that (S23).

import type { CopyTexts } from "../data.ts";
import { button, element } from "./dom.ts";

const SAID_MS = 2_000;

/** A box with a text to be copied, and the button that does it. */
export function copyBox(text: string, texts: CopyTexts, caption?: string): HTMLElement {
  const pre = element("pre", {}, text);
  const figure = element("figure", {}, pre);
  if (caption !== undefined) figure.prepend(element("figcaption", {}, caption));
  addCopyButton(pre, texts);
  return figure;
}

/** Puts a button beside every box that the page came with. */
export function addCopyButtons(texts: CopyTexts): void {
  for (const pre of document.querySelectorAll("pre")) addCopyButton(pre, texts);
}

function addCopyButton(pre: HTMLElement, texts: CopyTexts): void {
  const made: HTMLButtonElement = button(
    texts.copy,
    () => {
      void copy(pre).then((isDone) => {
        made.textContent = isDone ? texts.copied : texts.copyFailed;
        setTimeout(() => (made.textContent = texts.copy), SAID_MS);
      });
    },
    { class: "copy" },
  );
  made.setAttribute("aria-live", "polite");
  // A long one scrolls, and who has no mouse scrolls what has the focus.
  pre.tabIndex = 0;
  // A browser that translates the page would change it, and send it to somebody.
  pre.translate = false;
  pre.before(made);
}

async function copy(pre: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(pre.textContent);
    return true;
  } catch {
    // A page that came by plain http has no clipboard. What is selected can be copied by hand.
    getSelection()?.selectAllChildren(pre);
    return false;
  }
}
