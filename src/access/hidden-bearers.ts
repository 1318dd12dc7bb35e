// Bearers of ours in places where none belongs (S2). Asked at the door of all that a caller presents, and of every
// parameter of a token request, of a search and of any other query, so that no later step can forget it.

import { hasOwnBearer, mentionsOwnBearer, readToken } from "./bearer.ts";
import { isOwnToken } from "./own-tokens.ts";
import type { Presented } from "./caller.ts";
import { unauthorized, type Front } from "./challenge.ts";
import { RegistryError } from "../distribution/errors.ts";

/** Parameters that may well hold a host name, and a host may be called `ferry.example.com`. */
const NAMES = ["service", "scope", "account", "username", "q"];

/**
 * Looks through what a caller presents.
 * @param service of this host's challenges
 * @throws RegistryError UNAUTHORIZED with `invalid_token`
 */
export function refuseHiddenBearer(front: Front, presented: Presented, service: string | undefined): void {
  if (isHiddenIn(presented)) throw refusal(front, service);
}

/**
 * Looks through parameters, of a query or a form.
 * @param service of this host's challenges
 * @throws RegistryError UNAUTHORIZED with `invalid_token`
 */
export function refuseBearerIn(
  front: Front,
  parameters: Iterable<readonly [string, string]>,
  service: string | undefined,
): void {
  for (const [name, value] of parameters) {
    const isHidden =
      name === "refresh_token"
        ? isTokenWithAnother(value)
        : NAMES.includes(name)
          ? hasOwnBearer(value)
          : mentionsOwnBearer(value);
    if (isHidden) throw refusal(front, service);
  }
}

/**
 * Looks through a query that passes to a registry. Tags and digests may begin like a bearer (`last=ferry.1.0`): refused is
 * one as we would have made it.
 * @param service of this host's challenges
 * @throws RegistryError UNAUTHORIZED with `invalid_token`
 */
export function refuseBearerInQuery(
  front: Front,
  query: Iterable<readonly [string, string]>,
  service: string | undefined,
): void {
  for (const part of query) {
    if (part.some(hasOwnBearer)) throw refusal(front, service);
  }
}

function isHiddenIn({ authorization, dockerToken, header }: Presented): boolean {
  if (dockerToken !== undefined && mentionsOwnBearer(dockerToken)) return true;
  switch (authorization.kind) {
    case "none":
      return false;
    case "basic":
      return hasOwnBearer(authorization.user) || mentionsOwnBearer(authorization.password);
    case "bearer":
      return isTokenWithAnother(authorization.token) || isHiddenInWords(authorization.token);
    case "other":
      return mentionsOwnBearer(header ?? "") || isHiddenInWords(header ?? "");
  }
}

/** True where a token stands for a bearer of ours, and is not one as we would have made it. */
function isTokenWithAnother(token: string): boolean {
  const read = readToken(token);
  switch (read.kind) {
    case "anonymous":
      return false;
    case "own":
      return !isOwnToken(token);
    case "registry":
      return mentionsOwnBearer(read.token);
    case "invalid":
      return true;
    case "foreign":
      return mentionsOwnBearer(token);
  }
}

/** A header may be two that were joined, or Basic that does not parse. */
function isHiddenInWords(header: string): boolean {
  return header.split(/[\s,]+/).some((word) => mentionsOwnBearer(decode(word)));
}

/** Most tokens have dots. An exception for each of them would cost more than all else that is looked at here. */
const BASE64 = /^[\w+/-]+={0,2}$/;

function decode(word: string): string {
  if (!BASE64.test(word)) return "";
  try {
    return atob(word.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return "";
  }
}

function refusal(front: Front, service: string | undefined): RegistryError {
  return unauthorized(
    front,
    'A token of this proxy (it begins with "ferry.") stands where none belongs; nothing was sent anywhere. Log in again.',
    { service, error: "invalid_token" },
  );
}
