// Addresses of callers: parsed whole or not at all, and the network that one belongs to (S14).

/** An IPv4 or IPv6 address as a number. IPv4 in IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** All addresses whose first bits are these. */
export interface Network extends Address {
  /** How many bits: 0 to 32 of IPv4, 0 to 128 of IPv6. */
  readonly length: number;
}

const MAPPED = 0xffffn;
/** Workers that fetch come from here, whoever called them: such an address says nothing of a person. */
const WORKERS: Network = { family: 6, bits: 0x2a06_98c0_3600n << 80n, length: 48 };

/** Parses an address in any spelling of RFC 4291, section 2.2; undefined for others, and for zones (`%eth0`). */
export function parseAddress(text: string): Address | undefined {
  const four = parseFour(text);
  if (four !== undefined) return { family: 4, bits: four };
  const six = parseSix(text);
  if (six === undefined) return undefined;
  return six >> 32n === MAPPED ? { family: 4, bits: six & 0xffff_ffffn } : { family: 6, bits: six };
}

/** True if the address is of that network, and of its family. */
export function isWithin({ family, bits }: Address, network: Network): boolean {
  const rest = BigInt((family === 4 ? 32 : 128) - network.length);
  return family === network.family && bits >> rest === network.bits >> rest;
}

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
  const address = callerAddress(headers);
  if (address === undefined) return "none";
  const bits = address.family === 4 ? address.bits : address.bits >> 64n;
  return `${address.family}/${bits.toString(16)}`;
}

function parseFour(text: string): bigint | undefined {
  // Four decimal parts without leading zeros: elsewhere those are octal, and another address.
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.|$)){4}$/.test(text) || text.endsWith(".")) return undefined;
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return join(parts, 8n);
}

function parseSix(text: string): bigint | undefined {
  const [before = "", after, ...more] = text.split("::");
  if (more.length > 0) return undefined;
  const head = groupsOf(before, after === undefined);
  if (after === undefined) return head?.length === 8 ? join(head, 16n) : undefined;
  const tail = groupsOf(after, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for one group at the least.
  return missing < 1 ? undefined : join([...head, ...Array<number>(missing).fill(0), ...tail], 16n);
}

/** Groups of 16 bits. @param last true where the text ends the address: its last 32 bits may be written as IPv4 */
function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const words = text.split(":");
  for (const [index, word] of words.entries()) {
    const four = last && index === words.length - 1 ? parseFour(word) : undefined;
    if (four !== undefined) groups.push(Number(four >> 16n), Number(four & 0xffffn));
    else if (/^[\da-f]{1,4}$/i.test(word)) groups.push(Number.parseInt(word, 16));
    else return undefined;
  }
  return groups;
}

function join(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}
