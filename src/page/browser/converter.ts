// The converter as people see it: what they type or paste, and what becomes of it, in their browser alone (S23).

import { visible } from "../../distribution/odd-characters.ts";
import { convert, type Conversion } from "../convert/convert.ts";
import type { Kind, Left } from "../convert/types.ts";
import type { PageData } from "../data.ts";
import { fill } from "../languages/fill.ts";
import type { ScriptTexts } from "../languages/texts.ts";
import type { Check } from "./check.ts";
import { copyBox } from "./copy.ts";
import { button, element, find, marked, words } from "./dom.ts";

/** Of more lines nobody reads all. */
const MOST_LEFT = 200;

/**
 * Shows the converter.
 * @param check looks an image up, where this host can
 */
export function offerConverter(data: PageData, check: Check | undefined): void {
  const area = document.getElementById("convert");
  const input = find("convert-input", HTMLTextAreaElement);
  const output = document.getElementById("convert-output");
  if (area === null || output === null || input === undefined) return;
  const show = (): void => {
    output.replaceChildren(...resultOf(input.value, data, check));
  };
  input.addEventListener("input", show);
  area.hidden = false;
  // A browser may bring back what was typed before the page was loaded anew.
  show();
}

function resultOf(text: string, { offer, texts }: PageData, check: Check | undefined): Node[] {
  if (text.trim() === "") return [];
  const conversion = convert(text, offer);
  const { kind, refused } = conversion;
  if (refused !== undefined) {
    return [words(refused === "too-long" ? texts.tooLong : texts.notOneCommand, "wrong")];
  }
  if (kind === undefined) return [words(texts.nothingFound, "wrong")];
  const isOne =
    (kind === "image" || kind === "command") && conversion.rewritten.length + conversion.left.length === 1;
  return isOne ? nameResult(conversion, texts, check) : textResult(conversion, kind, texts);
}

function nameResult(conversion: Conversion, texts: ScriptTexts, check: Check | undefined): Node[] {
  const { kind, left, rewritten, text } = conversion;
  const [first] = rewritten;
  if (first === undefined) return leftList(left, texts, "left wrong");
  const command = kind === "command" ? text : `docker pull ${first.to}`;
  return [
    copyBox(command, texts, texts.convertedCommand),
    copyBox(first.to, texts, texts.convertedName),
    ...(check === undefined ? [] : [button(texts.check, () => check(first.from))]),
  ];
}

function textResult({ left, rewritten, text }: Conversion, kind: Kind, texts: ScriptTexts): Node[] {
  // Where a line must not be handed on, nothing is.
  if (text === "") return leftList(left, texts, "left wrong");
  const values = { count: rewritten.length, left: left.length, kind: texts.kinds[kind] };
  const said = rewritten.length === 0 ? texts.convertedNone : texts.convertedCount;
  return [
    words(fill(said, values), "lead"),
    ...leftList(left, texts),
    ...(rewritten.length === 0 ? [] : [copyBox(text, texts, texts.convertedText)]),
  ];
}

function leftList(left: readonly Left[], texts: ScriptTexts, classes = "left"): Node[] {
  if (left.length === 0) return [];
  const items = left
    .slice(0, MOST_LEFT)
    .map(({ image, line, reason, registry = "" }) =>
      element(
        "li",
        {},
        fill(texts.line, { line }),
        " ",
        element("code", {}, visible(image)),
        " — ",
        ...marked(fill(texts.reasons[reason], { registry: visible(registry) })),
      ),
    );
  if (left.length > MOST_LEFT) items.push(element("li", {}, "…"));
  return [element("p", {}, texts.convertedLeft), element("ul", { class: classes, tabindex: "0" }, ...items)];
}
