// The page at the root: what this host is, a converter, and the commands and files for its address.

import type { Visitor } from "../access/admission.ts";
import { isKeyRoute } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { requireRead, type Inbound } from "../routing/inbound.ts";
import type { Offer } from "./convert/offer.ts";
import type { PageData } from "./data.ts";
import { doorPage } from "./door.ts";
import { about, footer, sentences, type Page } from "./frame.ts";
import { html, marked, type Html } from "./html.ts";
import { languageOf } from "./language.ts";
import { fill } from "./languages/fill.ts";
import type { Language } from "./languages/texts.ts";
import { tabsOf, type Step, type Tab } from "./recipes.ts";
import { pageResponse } from "./response.ts";
import { FORM, isHub, siteOf, type Site } from "./site.ts";

/**
 * The page of this request's host.
 * @throws RegistryError UNSUPPORTED for another method than GET and HEAD, NAME_UNKNOWN where there is none
 */
export async function servePage(inbound: Inbound<Visitor>): Promise<Response> {
  const { caller, config, request, route, trace, url } = inbound;
  trace.endpoint = "page";
  requireRead(request);
  // The host of a row that lets in by its label is nowhere to be read, and its page would be (S16).
  if (isKeyRoute(route) || config.page.isHidden)
    throw new RegistryError("NAME_UNKNOWN", "There is nothing at this address.");
  const choice = languageOf(request, url);
  const site = siteOf(inbound);
  const page = caller.kind === "stranger" ? doorPage(site, choice.language) : fullPage(site, choice.language);
  return pageResponse(page, { request, url, choice });
}

function fullPage(site: Site, language: Language): Page {
  const { page } = language;
  const body = html`<main>
      <h1>${headingOf(site, language)}</h1>
      <p>${sentences(language, page.whatItIs, howToUse(site, language))}</p>
      ${about(language, site)} ${converter(site, language)} ${recipes(site, language)}
      ${checker(site, language)}
    </main>
    ${footer(language)}`;
  return { title: fill(page.title, { host: site.host }), body, data: dataOf(site, language) };
}

function howToUse({ here, isClosed, isUniversal, isUnnamed }: Site, { page }: Language): string {
  if (isClosed) return page.whatItIsClosed;
  if (isUnnamed) return "";
  const [own] = here;
  if (isUniversal || own === undefined) return page.whatItIsOpen;
  return isHub(own) ? page.whatItIsOpenHub : fill(page.whatItIsOpenOne, { registry: own.registry });
}

function headingOf({ here: [own], host, isUniversal }: Site, { page }: Language): string {
  if (isUniversal || own === undefined) return fill(page.heading, { host });
  return fill(page.headingOne, { host, registry: own.registry });
}

function converter(site: Site, language: Language): Html {
  const { page } = language;
  return html`<section aria-labelledby="convert-heading" class="card screen">
    <h2 id="convert-heading">${page.convertHeading}</h2>
    <p id="convert-hint">
      ${sentences(language, marked(page.convertLabel), page.convertHint, html`<small>${page.convertPrivacy}</small>`)}
    </p>
    <noscript><p class="wrong">${page.needsScript}</p></noscript>
    <div id="convert" hidden>
      <textarea
        id="convert-input"
        rows="2"
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        aria-labelledby="convert-heading"
        aria-describedby="convert-hint"
        placeholder="${exampleOf(site)}"
        translate="no"
      ></textarea>
      <div id="convert-output" aria-live="polite" translate="no"></div>
    </div>
  </section>`;
}

/** A name as somebody has it who comes here. */
function exampleOf({ here, elsewhere }: Site): string {
  const first = here[0] ?? elsewhere[0];
  if (first === undefined) return FORM;
  return isHub(first) ? first.example : `${first.registry}/${first.example}`;
}

function recipes(site: Site, language: Language): Html {
  const tabs = tabsOf(site);
  return html`<section aria-labelledby="recipes-heading" id="recipes">
    <h2 id="recipes-heading">${language.page.recipesHeading}</h2>
    <div id="tabs" aria-labelledby="recipes-heading"></div>
    ${tabs.map((tab) => panel(tab, language))}
  </section>`;
}

function panel({ id, title, steps }: Tab, language: Language): Html {
  return html`<section class="panel" id="tab-${id}">
    <h3>${language.page[title]}</h3>
    ${steps.map((step) => stepOf(step, language))}
  </section>`;
}

function stepOf({ block, label, note, registry = "" }: Step, { page }: Language): Html {
  const said = note === undefined ? html`` : html`<p>${marked(fill(page[note], { registry }))}</p>`;
  if (block === undefined) return said;
  const { file, id, text } = block;
  const caption = label ?? file;
  const heading = caption === undefined ? html`` : html`<figcaption>${caption}</figcaption>`;
  return html`${said}
    <figure>
      ${heading}
      <pre data-recipe="${id}">${text}</pre>
    </figure>`;
}

function checker(site: Site, language: Language): Html {
  const { page } = language;
  if (site.here.length === 0) return html``;
  return html`<section aria-labelledby="check-heading" class="card screen" id="check" hidden>
    <h2 id="check-heading">${page.checkHeading}</h2>
    <p id="check-hint">
      ${sentences(language, page.checkCost, site.here.some(isHub) ? page.checkCostHub : "")}
    </p>
    <div class="ask" role="search">
      <input
        id="check-input"
        aria-label="${page.checkLabel}"
        aria-describedby="check-hint"
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        placeholder="${exampleOf(site)}"
      />
      <button type="button" id="check-button">${page.checkButton}</button>
    </div>
    <div id="check-output" aria-live="polite"></div>
  </section>`;
}

function dataOf({ elsewhere, here, host }: Site, { script }: Language): PageData {
  const places = [...here, ...elsewhere];
  const offer: Offer = {
    served: places.map(({ registry, aliases, prefix }) => ({ name: registry, aliases, prefix })),
    hosts: [...new Set([host, ...places.map((place) => place.host)])],
  };
  return { offer, host, texts: script };
}
