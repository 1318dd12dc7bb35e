// A value as a fault may show it: short, on one line, and without what may be a secret.

const LONGEST = 60;

/** What kind of thing a value is, where the value itself is nobody's business. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  if (typeof value === "string") return "a text";
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "a table";
  return `a ${typeof value}`;
}

/** How a variable is set that must have something in it, for a fault that shows nothing of it: "is there, and empty". */
export function stateOf(value: unknown): string {
  if (value === "") return "is there, and empty";
  if (typeof value === "string" && value.trim() === "") return "is there, and blank";
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return isEmpty ? `is there, and ${kindOf(value)} with nothing in it` : `is ${kindOf(value)}`;
}

/** A value in quotes where it is a text, its kind where it is a list or a table. */
export function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(shortened(withoutLogin(value)));
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return kindOf(value);
}

/**
 * An address without its login and its query. What owners write for one need not be a URL: `user:password@host`, or a
 * host left out after the password.
 */
function withoutLogin(text: string): string {
  const [address = ""] = text.split("?", 1);
  const login = /^([a-z][a-z0-9+.-]*:\/\/)?.*(?:@|%40)/is.exec(address);
  const shown = login === null ? address : `${login[1] ?? ""}***@${address.slice(login[0].length)}`;
  const [, scheme = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(shown) ?? [];
  if (rest.startsWith("[")) return shown;
  return scheme + rest.replace(/:(?!\d{1,5}(?:[/\s,]|$)).*/s, ":***");
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
