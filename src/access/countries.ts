// From where the proxy may be used at all (`ALLOWED_COUNTRIES`).

import { RegistryError } from "../distribution/errors.ts";

/** The refusal of a request from elsewhere, or of which nobody knows where it is from (S14); undefined for others. */
export function refusalOfCountry(
  request: Request,
  allowed: ReadonlySet<string> | undefined,
): RegistryError | undefined {
  if (allowed === undefined) return undefined;
  const country = countryOf(request);
  if (country !== undefined && allowed.has(country)) return undefined;
  return new RegistryError("DENIED", "This registry proxy is not for requests from your country.");
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
