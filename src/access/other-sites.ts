// Requests that a page of another site makes in somebody's browser: no client of registries is one (S19).

import { RegistryError } from "../distribution/errors.ts";

/**
 * Refuses what a browser says to come from another site. Clients do not send the header, and a person who opens an
 * address sends `none`.
 * @throws RegistryError DENIED below `/v2/` and `/v1/`
 */
export function refuseOtherSites(request: Request, url: URL): void {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site === null || site === "same-origin" || site === "none" || !isProtocol(url)) return;
  throw new RegistryError(
    "DENIED",
    "This address is for container clients, and not for pages of other sites.",
  );
}

/** True of paths that are a registry's. */
export function isProtocol({ pathname }: URL): boolean {
  return /^\/v[12](?:\/|$)/.test(pathname);
}
