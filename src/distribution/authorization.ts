// The Authorization header: which scheme, which user. Nothing here is ever logged.

/** What a client presents. Strings hold bytes (one character each), so that re-encoding changes none. */
export type Authorization =
  | { readonly kind: "none" }
  | { readonly kind: "basic"; readonly user: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  /** Another scheme, or one of the two that does not parse. */
  | { readonly kind: "other" };

/** Parses the header. Basic with an empty user and password is what some clients send for "nobody". */
export function parseAuthorization(header: string | null): Authorization {
  const text = header?.trim() ?? "";
  if (text === "") return { kind: "none" };
  const space = text.search(/\s/);
  const scheme = (space === -1 ? text : text.slice(0, space)).toLowerCase();
  const value = space === -1 ? "" : text.slice(space + 1).trim();
  if (scheme === "bearer" && value !== "") return { kind: "bearer", token: value };
  if (scheme !== "basic") return { kind: "other" };
  const decoded = decodeBase64(value);
  if (decoded === undefined) return { kind: "other" };
  if (decoded === "" || decoded === ":") return { kind: "none" };
  const colon = decoded.indexOf(":");
  if (colon === -1) return { kind: "other" };
  return { kind: "basic", user: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

/** The header value of Basic credentials (RFC 7617). */
export function formatBasic(user: string, password: string): string {
  return `Basic ${btoa(`${user}:${password}`)}`;
}

function decodeBase64(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}
