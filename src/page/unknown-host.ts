// What a browser shows that opened a host which is in no row: what to do, and the hosts that there are for sure.

import { mayBeShown, type Audience } from "../access/shown.ts";
import { isProtocol } from "../access/other-sites.ts";
import type { Host } from "../distribution/hosts.ts";
import { isRead } from "../routing/inbound.ts";
import { copyTexts, footer } from "./frame.ts";
import { html, marked, type Html } from "./html.ts";
import { knownHosts } from "./known-hosts.ts";
import { languageOf } from "./language.ts";
import { fill } from "./languages/fill.ts";
import { pageResponse } from "./response.ts";

/** True of a browser that somebody has opened; clients of registries get JSON, and so does every registry's path. */
export function wantsPage(request: Request, url: URL): boolean {
  const accepted = request.headers.get("Accept") ?? "";
  return isRead(request.method) && !isProtocol(url) && /\btext\/html\b/i.test(accepted);
}

/** The page for a host without a row. */
export async function serveUnknownHost(
  audience: Audience,
  host: Host,
  { request, url }: { readonly request: { readonly headers: Headers }; readonly url: URL },
): Promise<Response> {
  const choice = languageOf(request, url);
  const { page } = choice.language;
  const body = html`<main>
      <h1>${page.unknownTitle}</h1>
      <p>${fill(page.unknownIntro, { host: host.authority })}</p>
      <p>${page.unknownVisitor}</p>
      <p>${marked(page.unknownOwner)}</p>
      ${listOf(
        knownHosts(audience.config, mayBeShown(audience)).map(({ name }) => name),
        page.unknownThere,
      )}
    </main>
    ${footer(choice.language)}`;
  return pageResponse(
    { title: page.unknownTitle, body, data: { texts: copyTexts(choice.language) }, status: 404 },
    { request, url, choice },
  );
}

function listOf(hosts: readonly string[], there: string): Html {
  if (hosts.length === 0) return html``;
  const items = hosts.map((name) => html`<li><a href="https://${name}/">${name}</a></li>`);
  return html`<p>${there}</p>
    <ul>
      ${items}
    </ul>`;
}
