// IP addresses and networks: parsed whole or not at all, in every spelling and in no other (S14).

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

/** How many bits an address has. */
export function widthOf(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

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
  const rest = BigInt(widthOf(family) - network.length);
  return family === network.family && bits >> rest === network.bits >> rest;
}

/** The network of an address: its first bits, and none behind them. */
export function networkOf({ family, bits }: Address, length: number): Network {
  const rest = BigInt(widthOf(family) - length);
  return { family, bits: (bits >> rest) << rest, length };
}

/** An address as it is usually written: IPv6 in small letters, its longest run of zeros left out (RFC 5952). */
export function formatAddress({ family, bits }: Address): string {
  const [width, base, separator] = family === 4 ? [8n, 10, "."] : [16n, 16, ":"];
  const parts: string[] = [];
  for (let shift = BigInt(widthOf(family)) - width; shift >= 0n; shift -= width)
    parts.push(((bits >> shift) & ((1n << width) - 1n)).toString(base));
  const text = parts.join(separator);
  // The URL standard's own way to write a host is RFC 5952's.
  return family === 4 ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);
}

/** A network as it is usually written: with its length, but for a single address. */
export function formatNetwork(network: Network): string {
  const text = formatAddress(network);
  return network.length === widthOf(network.family) ? text : `${text}/${network.length}`;
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
