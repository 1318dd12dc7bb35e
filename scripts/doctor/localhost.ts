// Names below `.localhost`, which many systems do not resolve, though they are this machine's (RFC 6761, section 6.3).

import dns from "node:dns";

const THIS_MACHINE = "127.0.0.1";

/**
 * From here on every connection of this process to a name below `.localhost` goes to 127.0.0.1, as curl's and a browser's do.
 * The host that is asked for stays as it is: the proxy chooses the row by it.
 */
export function knowNamesBelowLocalhost(): void {
  const { lookup } = dns;
  const own = (hostname: string, ...rest: unknown[]): unknown =>
    Reflect.apply(lookup, dns, [/\.localhost\.?$/i.test(hostname) ? THIS_MACHINE : hostname, ...rest]);
  // Connections look this up in the module each time: `fetch` has no lookup of its own to be given.
  Object.assign(dns, { lookup: own });
}
