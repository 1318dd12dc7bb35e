// ALLOWED_IPS: the addresses and networks that are let in by where they are (S14).

import {
  formatAddress,
  formatNetwork,
  isWithin,
  networkOf,
  parseAddress,
  widthOf,
  type Network,
} from "../distribution/ip.ts";
import { readItems, type ReportReason } from "./values.ts";

/** Workers that fetch come from here, whoever called them: such an address says nothing of a person. */
export const WORKERS: Network = { family: 6, bits: 0x2a06_98c0_3600n << 80n, length: 48 };

/** Each is looked at for a request. */
const MOST_NETWORKS = 500;

const EXAMPLE = 'write one such as "192.0.2.0/24" or "2001:db8::/32"';

/** An address, and the length of a prefix in decimal: nothing else that somebody may write is one (no mask, no range). */
const FORM = /^([\da-f:.]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/i;

/**
 * The networks of `ALLOWED_IPS`; an address alone is a network of one. None where the variable is not there.
 * @param report told of each fault, without what is no address: it may be a secret that went astray
 */
export function readNetworks(value: unknown, report: ReportReason): readonly Network[] {
  const items = readItems(value, report) ?? [];
  if (items.length > MOST_NETWORKS)
    report(
      `has ${items.length} entries: write ${MOST_NETWORKS} at most, with networks for several addresses`,
    );
  return items.slice(0, MOST_NETWORKS).flatMap((item, index) => {
    const network = parseNetwork(item, `entry ${index + 1}`);
    if (typeof network !== "string") return [network];
    report(network);
    return [];
  });
}

/** The network, or what is wrong with it. */
function parseNetwork(item: unknown, place: string): Network | string {
  const [text = "", written = "", digits] = FORM.exec(typeof item === "string" ? item : "") ?? [];
  const address = parseAddress(written);
  if (address === undefined) return `${place} is neither an address nor a network: ${EXAMPLE}`;
  const width = written.includes(":") ? 128 : 32;
  const prefix = digits === undefined ? width : Number(digits);
  if (prefix > width)
    return `has "${text}", whose prefix is longer than its address: write ${width} at most behind the slash`;
  // IPv4 in IPv6 is IPv4: its first 96 bits are no part of it.
  const length = prefix - width + widthOf(address.family);
  if (length <= 0)
    return `has "${text}", which is everybody: remove ALLOWED_IPS to let everybody in, or name networks`;
  const network = networkOf(address, length);
  if (network.bits !== address.bits) {
    const meant = `"${formatNetwork(network)}", or "${formatAddress(address)}"`;
    return `has "${text}", an address and not a network: write ${meant}`;
  }
  if (length >= WORKERS.length && isWithin(network, WORKERS))
    return `has "${text}", from where Cloudflare's Workers ask, whoever called them: remove it, it would not be kept`;
  return network;
}
