// What a closed proxy shows to strangers: that it is one, and how its people log in; nothing of what it has (S16).

import { loginOwn } from "./blocks.ts";
import { about, copyTexts, footer, type Page } from "./frame.ts";
import { html, type Html } from "./html.ts";
import type { Language } from "./languages/texts.ts";
import type { Site } from "./site.ts";

/** The page of a stranger. */
export function doorPage(site: Site, language: Language): Page {
  const { page } = language;
  const body = html`<main>
      <h1>${site.host}</h1>
      <p>${page.doorIntro}</p>
      ${about(language, site)} ${site.hasUsers ? login(site, language) : html`<p>${page.doorAddress}</p>`}
    </main>
    ${footer(language)}`;
  return { title: site.host, body, data: { texts: copyTexts(language) } };
}

function login({ host }: Site, { page }: Language): Html {
  const { id, text } = loginOwn(host);
  return html`<section class="card">
    <h2>${page.doorLogin}</h2>
    <p>${page.doorLoginNote}</p>
    <figure>
      <pre data-recipe="${id}">${text}</pre>
    </figure>
  </section>`;
}
