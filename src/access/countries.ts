// From where the proxy may be used at all (`ALLOWED_COUNTRIES`).

import { RegistryError } from "../distribution/errors.ts";

/**
 * Refuses requests from elsewhere, and those of which nobody knows where they are from (S14).
 * @throws RegistryError DENIED
 */
export function refuseOtherCountries(request: Request, allowed: ReadonlySet<string> | undefined): void {
  if (allowed === undefined) return;
  const country = countryOf(request);
  if (country !== undefined && allowed.has(country)) return;
  throw new RegistryError("DENIED", "This registry proxy is not for requests from your country.");
}

/**
 * The country as Cloudflare saw it, in capitals; undefined where it is not known, or where another Worker asks. On
 * Cloudflare (`CF-Ray`) the runtime has it: the header depends on a setting of the zone, and a client may send one itself.
 */
function countryOf({ cf, headers }: Request): string | undefined {
  if (headers.has("CF-Worker")) return undefined;
  const seen = typeof cf?.["country"] === "string" ? cf["country"] : undefined;
  const country = headers.has("CF-Ray") ? seen : (headers.get("CF-IPCountry") ?? seen);
  return country?.toUpperCase();
}
