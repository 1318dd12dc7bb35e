// The check of an image: what this proxy says of it, to somebody without a login.

import { visible } from "../../distribution/odd-characters.ts";
import type { PageData } from "../data.ts";
import { fill } from "../languages/fill.ts";
import { element, find, words } from "./dom.ts";
import { nameOf, readQuestion, type NoQuestion } from "./question.ts";
import { Report } from "./report.ts";

/** Looks an image up. */
export type Check = (image: string) => void;

/**
 * Shows the check.
 * @returns what looks an image up; undefined where this host has nothing to be looked up
 */
export function offerCheck(data: PageData): Check | undefined {
  const area = document.getElementById("check");
  const input = find("check-input", HTMLInputElement);
  const asker = find("check-button", HTMLButtonElement);
  const output = document.getElementById("check-output");
  if (area === null || output === null || input === undefined || asker === undefined) return undefined;
  area.hidden = false;
  let latest: Report | undefined;
  const ask = (): void => {
    latest?.abandon();
    const question = readQuestion(input.value.trim(), data);
    if (question.kind !== "question") {
      output.replaceChildren(objection(question, data));
      return;
    }
    const again = (reference: string): void => {
      input.value = nameOf({ ...question, reference });
      ask();
    };
    latest = new Report(question, data, output, again);
    void latest.run();
  };
  asker.addEventListener("click", ask);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) ask();
  });
  return (image) => {
    input.value = image;
    area.scrollIntoView({ block: "start" });
    input.focus({ preventScroll: true });
    ask();
  };
}

function objection(no: NoQuestion, { texts }: PageData): HTMLElement {
  switch (no.kind) {
    case "not-a-name":
      return words(texts.notAName, "wrong");
    case "not-served":
      return words(fill(texts.notServed, { registry: visible(no.registry) }), "wrong");
    case "elsewhere": {
      const link = element("a", { href: `${location.protocol}//${no.host}/` }, no.host);
      return element("p", {}, texts.elsewhere, " ", link);
    }
  }
}
