// A key that nobody has yet.

import { encodeBase64Url } from "../../src/distribution/base64url.ts";

/** 32 random bytes as letters, digits, `-` and `_`: good for TOKEN_KEY, and for a password. */
export function freshKey(): string {
  return encodeBase64Url(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
}
