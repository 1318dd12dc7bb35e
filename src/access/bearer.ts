// The bearers that this proxy hands out itself. All begin with one prefix, and none of them is ever forwarded as it is.

import { decodeBase64Url, encodeBase64Url } from "../distribution/base64url.ts";

/** No registry's token begins like this. */
export const TOKEN_PREFIX = "ferry.";

/** What every client without credentials is given: it says that its bearer is nobody, and leads to the public lane. */
export const ANONYMOUS_BEARER = `${TOKEN_PREFIX}anonymous`;

/** The same, for somebody whose login was another registry's: a refusal can say so then. */
export const LEFT_ASIDE_BEARER = `${TOKEN_PREFIX}aside`;

/** What an `Authorization: Bearer` turns out to be. */
export type Bearer =
  /** Handed out by us to somebody without credentials, or with some that were left aside. */
  | { readonly kind: "anonymous"; readonly leftAside?: true }
  /** A registry's own token, that we handed out under the registry's name. */
  | { readonly kind: "registry"; readonly registry: string; readonly token: string }
  /** Handed out by us to one of the owner's people, or made to look so: `own-tokens.ts` tells. */
  | { readonly kind: "own" }
  /** Ours by its prefix, and nothing that we would have made. */
  | { readonly kind: "invalid" }
  /** Not ours. */
  | { readonly kind: "foreign" };

/** True of a header in which a bearer of ours stands anywhere: behind another, in quotes, without a scheme. */
export function mentionsOwnBearer(header: string): boolean {
  return /(?:^|[^A-Za-z0-9._~+/-])ferry\./i.test(header);
}

/**
 * What stands for a bearer in a text: the anonymous one, one of a user's, or a prefix and the name of a registry, in any
 * case.
 */
const OWN = /(?:^|[^a-z0-9_-])ferry\.(?:(?:anonymous|aside)(?![a-z0-9_-])|~[ar]\d\.|([a-z0-9_-]+)\.\S)/gi;

/**
 * True of a text in which a bearer stands as we would have made it. For what may hold names of hosts, of which one may
 * be called `ferry.example.com`.
 */
export function hasOwnBearer(text: string): boolean {
  return [...text.matchAll(OWN)].some(
    ([, name]) => name === undefined || isHostName(decodeBase64Url(name) ?? ""),
  );
}

function isHostName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.:-]*$/.test(text) && /[.:]/.test(text);
}

/** Marks a registry's token with the name of the registry, so that it can never be sent to another (S3). */
export function wrapToken(registry: string, token: string): string {
  return `${TOKEN_PREFIX}${encodeBase64Url(registry)}.${token}`;
}

/** Reads a token as clients present it. */
export function readToken(token: string): Bearer {
  if (!token.startsWith(TOKEN_PREFIX)) return { kind: "foreign" };
  if (token === ANONYMOUS_BEARER) return { kind: "anonymous" };
  if (token === LEFT_ASIDE_BEARER) return { kind: "anonymous", leftAside: true };
  if (token.startsWith(`${TOKEN_PREFIX}~`)) return { kind: "own" };
  const [, name = "", inner = ""] = /^([A-Za-z0-9_-]+)\.(.+)$/s.exec(token.slice(TOKEN_PREFIX.length)) ?? [];
  const registry = decodeBase64Url(name);
  return registry === undefined || registry === ""
    ? { kind: "invalid" }
    : { kind: "registry", registry, token: inner };
}
