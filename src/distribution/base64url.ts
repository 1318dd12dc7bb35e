// Base64 for URLs and tokens (RFC 4648, section 5), without padding, of strings that hold bytes.

/** @param text characters up to U+00FF, each one byte */
export function encodeBase64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text, or undefined where this is not exactly what `encodeBase64Url` would have made. */
export function decodeBase64Url(text: string): string | undefined {
  try {
    const decoded = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return encodeBase64Url(decoded) === text ? decoded : undefined;
  } catch {
    return undefined;
  }
}
