// What every page of ours has around its words: the document, its head and foot, and who runs the proxy.

import { DATA_ID, type CopyTexts, type PageData, type SmallPageData } from "./data.ts";
import { html, json, raw, type Html } from "./html.ts";
import type { Language } from "./languages/texts.ts";
import { LANGUAGES } from "./language.ts";

/** What a page is made of. */
export interface Page {
  /** What stands in the browser's tab. */
  readonly title: string;
  readonly body: Html;
  /** For its script. */
  readonly data: PageData | SmallPageData;
  readonly status?: number;
}

/** A ferry on the water: the project's own mark. */
const MARK =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#0b5e55'/>" +
  "<path d='M9 16V9h6v4h8v3M6 17h20l-3 6H9z' fill='#fff'/><path d='M5 27q3-3 5.5 0t5.5 0 5.5 0 5.5 0' fill='none' stroke='#f2b84b' stroke-width='2'/></svg>";
/** A number sign would begin the fragment of the address that it is. */
const ICON = `data:image/svg+xml,${MARK.replaceAll("#", "%23")}`;

/** The document of a page, with its script and its style in full. */
export function frame(
  { title, body, data }: Page,
  language: Language,
  { script, style }: { readonly script: string; readonly style: string },
): Html {
  return html`<!doctype html>
    <html lang="${language.tag}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Registry Ferry</title>
        ${raw(`<link rel="icon" href="${ICON}" />`)}
        ${raw(`<style>${style}</style>`)}${raw(`<script>${script}</script>`)}
      </head>
      <body>
        <header class="bar">
          <span class="brand"
            >${raw(MARK.replace("<svg ", "<svg aria-hidden='true' width='28' height='28' "))} Registry
            Ferry</span
          >
          <nav class="switches">${themes(language)} ${switchOf(language)}</nav>
        </header>
        ${body}
        <script type="application/json" id="${DATA_ID}">
          ${json(data)}
        </script>
      </body>
    </html>`;
}

/** The languages, each as a link, so that it works without a script. */
function switchOf({ tag, page }: Language): Html {
  const links = LANGUAGES.map((one) =>
    one.tag === tag
      ? html`<span lang="${one.tag}" aria-current="true">${one.name}</span>`
      : html`<a href="?lang=${one.tag}" lang="${one.tag}" hreflang="${one.tag}">${one.name}</a>`,
  );
  return html`<span class="languages" role="group" aria-label="${page.language}">${links}</span>`;
}

/** The colours, for the script to show and to keep. */
function themes({ page }: Language): Html {
  return html`<label id="theme" hidden
    ><span>${page.theme}</span>
    <select>
      <option value="">${page.themeSystem}</option>
      <option value="light">${page.themeLight}</option>
      <option value="dark">${page.themeDark}</option>
    </select></label
  >`;
}

/** The last lines of a page. */
export function footer({ page }: Language): Html {
  return html`<footer>
    <a href="https://github.com/registry-ferry/registry-ferry" rel="noreferrer">${page.project}</a>
  </footer>`;
}

/** What a page needs to say that has something to copy, or nothing at all. */
export function copyTexts({ script: { copied, copy, copyFailed } }: Language): CopyTexts {
  return { copied, copy, copyFailed };
}

/** Sentences as a language puts them one after the other. */
export function sentences({ between }: Language, ...all: readonly (Html | string)[]): Html {
  const parts = all.filter((one) => one !== "").map((one) => html`${one}`.text);
  return raw(parts.join(between));
}

/** Who runs the proxy, and what it is not. */
export function about(
  language: Language,
  {
    operator,
    operatorUrl,
  }: { readonly operator: string | undefined; readonly operatorUrl: string | undefined },
): Html {
  const { page } = language;
  const link = (text: string): Html =>
    operatorUrl === undefined
      ? html`${text}`
      : html`<a href="${operatorUrl}" rel="noreferrer nofollow">${text}</a>`;
  const [before = "", after = ""] = page.runBy.split("{operator}");
  const run =
    operator === undefined
      ? sentences(language, page.runByNobody, operatorUrl === undefined ? "" : link(page.contact))
      : html`${before}${link(operator)}${after}`;
  return html`<p class="about">${sentences(language, run, page.whatItIsNot)}</p>`;
}
