// Addresses of callers: which one a request came from, and the network that counts as one caller (S14).

import { WORKERS } from "../config/networks.ts";
import { isWithin, parseAddress, type Address } from "../distribution/ip.ts";

/**
 * The caller's address as Cloudflare saw it. Undefined where that is not the address of a caller: absent, unparsable,
 * of Cloudflare's own Workers, or of a request that another Worker sent.
 */
export function callerAddress(headers: Headers): Address | undefined {
  if (headers.has("CF-Worker")) return undefined;
  const address = parseAddress(headers.get("CF-Connecting-IP") ?? "");
  return address === undefined || isWithin(address, WORKERS) ? undefined : address;
}

/**
 * Names the network that counts as one caller: an IPv4 address, or the /64 of an IPv6 one, which is what a single
 * line is given. All without an address are one.
 */
export function callerNetwork(headers: Headers): string {
  return nameOf(callerAddress(headers));
}

function nameOf(address: Address | undefined): string {
  if (address === undefined) return "none";
  const bits = address.family === 4 ? address.bits : address.bits >> 64n;
  return `${address.family}/${bits.toString(16)}`;
}

/** A site, a /48 of IPv6, has thousands of networks: together they may do as much as so many. */
export const SITE_SHARES = 8;

/** The networks that a caller is of, by name: the one that counts as the caller, and of IPv6 the site that it is in. */
export function callerNetworks(headers: Headers): {
  readonly own: string;
  readonly site: string | undefined;
} {
  const address = callerAddress(headers);
  return {
    own: nameOf(address),
    site: address?.family === 6 ? `6/${(address.bits >> 80n).toString(16)}/48` : undefined,
  };
}
