// HTML with everything escaped that is put into it: the Host header, for one, is the caller's to choose.

/** Text that is markup already. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What can be put into a template. */
export type Part = string | Html | readonly Html[];

/**
 * A template of HTML. Its own indentation is for who reads the code, and not sent; what is put into it stays as it is.
 * @example html`<p>${userInput}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: Part[]): Html {
  const [first = "", ...rest] = squeezed(strings);
  let text = first;
  values.forEach((value, index) => {
    text += render(value) + (rest[index] ?? "");
  });
  return new Html(text);
}

/** Markup that the project itself wrote: never what a caller, an owner or a registry did. */
export function raw(markup: string): Html {
  return new Html(markup);
}

/** A text in which what stands between two backticks is code. */
export function marked(text: string): Html {
  const parts = text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return new Html(parts.map((part) => part.text).join(""));
}

/** A value as JSON in a block of data: no text in it can end the block. */
export function json(value: unknown): Html {
  return new Html(JSON.stringify(value).replaceAll("<", "\\u003c"));
}

/** Each template once: it is the same object every time that it is come to. */
const SQUEEZED = new WeakMap<TemplateStringsArray, readonly string[]>();

function squeezed(strings: TemplateStringsArray): readonly string[] {
  const known = SQUEEZED.get(strings);
  if (known !== undefined) return known;
  const made = strings.map((string) => string.replace(/\s*\n\s*/g, "\n"));
  SQUEEZED.set(strings, made);
  return made;
}

function render(value: Part): string {
  if (typeof value === "string") return escape(value);
  if (value instanceof Html) return value.text;
  return value.map((item) => item.text).join("\n");
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
