// Host names: what a request may call us, and which hosts are our own machine's or nobody's.

/** A host with an optional port, as the Host header has it. */
export interface Host {
  /** Lower case, without a trailing dot, without port; an IPv6 address in brackets. */
  readonly name: string;
  /** With the port where one was given. */
  readonly authority: string;
}

const HOST = /^([a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])\.?(:\d{1,5})?$/;

/** Parses a Host header (RFC 9110, section 7.2); undefined where it is none. */
export function parseHost(text: string): Host | undefined {
  const match = HOST.exec(text.toLowerCase());
  if (match === null) return undefined;
  const [, name = "", port = ""] = match;
  return { name, authority: name + port };
}

/** True of this machine itself: `localhost` and the loopback addresses. Takes a URL's `hostname`. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** True of an address in any spelling, after URL parsing (which brings `0x7f.1` and `2130706433` to dotted form). */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname);
}

/** True of names that mean something on a private network only. Takes a URL's `hostname`. */
export function isLocalName(hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "");
  return (
    !name.includes(".") ||
    ["localhost", "local", "internal"].some((suffix) => name === suffix || name.endsWith(`.${suffix}`))
  );
}
