// What a browser shows that opened a host which is in no row: the hosts that there are, for who may be shown them.

import type { Audience } from "../access/shown.ts";
import { isProtocol } from "../access/other-sites.ts";
import type { Host } from "../distribution/hosts.ts";
import { isRead } from "../routing/inbound.ts";
import { hostsFor } from "../routing/hosts.ts";
import { pageResponse } from "./frame.ts";
import { html, type Html } from "./html.ts";

/** True of a browser that somebody has opened; clients of registries get JSON, and so does every registry's path. */
export function wantsPage(request: Request, url: URL): boolean {
  const accepted = request.headers.get("Accept") ?? "";
  return isRead(request.method) && !isProtocol(url) && /\btext\/html\b/i.test(accepted);
}

/** The page for a host without a row. */
export function serveUnknownHost(audience: Audience, host: Host): Response {
  const hosts = hostsFor(audience, host);
  const body = html`<h1>No registry has this host name</h1>
    <p>${host.authority} is in no row of this proxy's table.</p>
    ${
      hosts.length === 0
        ? ""
        : html`<p>There are:</p>
            <ul>
              ${hosts.map((name) => html`<li>${linkTo(name)}</li>`)}
            </ul>`
    }`;
  return pageResponse(host.authority, body, 404);
}

/** A host of which only the label is known has no address yet. */
function linkTo(name: string): Html {
  return name.includes("<") ? html`${name}` : html`<a href="https://${name}/">${name}</a>`;
}
