// The document, as the script reads it and writes into it: text and elements, and never markup (S23).

import { DATA_ID } from "../data.ts";

/** What the page says to its script; the Worker wrote it, and nobody else. Undefined where it says nothing. */
export function dataOfPage(): unknown {
  const text = document.getElementById(DATA_ID)?.textContent ?? "";
  return text === "" ? undefined : JSON.parse(text);
}

type Attributes = Readonly<Record<string, string>>;

/** A new element. A text in it becomes a text node, whatever is in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A paragraph. @param kind its class */
export function words(text: string, kind = ""): HTMLParagraphElement {
  return element("p", { class: kind }, text);
}

/** A button that does something. */
export function button(label: string, act: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** The element of an id, if it is there and of a kind. */
export function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind | undefined {
  const found = document.getElementById(id);
  return found instanceof kind ? found : undefined;
}

/** A text in which what stands between two backticks is code. */
export function marked(text: string): Node[] {
  return text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? element("code", {}, part) : document.createTextNode(part)));
}
