// Bearers of the owner's own people: made and checked with a key that nothing but the owner's key and a user's password
// leads to, so that who is removed, or has another password, has no token any more (S13).

import { decodeBase64Url, encodeBase64Url } from "../distribution/base64url.ts";
import { TOKEN_PREFIX } from "./bearer.ts";

/** What a token may be used for: requests, or to get another. Neither will do for the other. */
export type TokenKind = "access" | "refresh";

/** Whose token it is, where, and for how long. */
export interface Claims {
  readonly kind: TokenKind;
  /** Name and port of the host that it is for. */
  readonly host: string;
  readonly user: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Seconds since the epoch; from then on it is worth nothing. */
  readonly expiresAt: number;
}

/** What a user's tokens are made with. */
export interface Secrets {
  /** `TOKEN_KEY`, or an empty text without one. */
  readonly tokenKey: string;
  readonly password: string;
}

/** Most seconds that a token lasts. */
export const MAX_SECONDS: Readonly<Record<TokenKind, number>> = { access: 3600, refresh: 90 * 24 * 3600 };

const VERSION = "1";
const MARKS: Readonly<Record<TokenKind, string>> = { access: "a", refresh: "r" };
/** After the prefix of all our bearers: no registry's name in base64 begins like this. */
const FORM = /^~([ar])1\.([\w-]{1,400})\.([0-9a-z]{1,9})\.([0-9a-z]{1,9})\.([\w-]{43})$/;

/**
 * Makes a token.
 * @throws RangeError for one that would last longer than its kind may
 */
export async function makeToken(claims: Claims, secrets: Secrets): Promise<string> {
  const { expiresAt, issuedAt, kind, user } = claims;
  if (!isPeriod(claims))
    throw new RangeError(`a token of kind ${kind} cannot last ${expiresAt - issuedAt} s`);
  const mac = await crypto.subtle.sign("HMAC", await keyOf(claims, secrets), messageOf(claims));
  const parts = [
    `~${MARKS[kind]}${VERSION}`,
    encodeBase64Url(bytesOf(user)),
    issuedAt.toString(36),
    expiresAt.toString(36),
    encodeBase64Url(String.fromCharCode(...new Uint8Array(mac))),
  ];
  return TOKEN_PREFIX + parts.join(".");
}

/** True of a text that has the form of such a token, whoever made it. */
export function isOwnToken(token: string): boolean {
  return token.startsWith(TOKEN_PREFIX) && FORM.test(token.slice(TOKEN_PREFIX.length));
}

/**
 * Whose token it is.
 * @param secretsOf of a user's name; undefined for nobody of ours, whom it costs the same to refuse
 * @param now milliseconds since the epoch
 * @returns the user's name; undefined for one that is forged, of another host or kind, ended, or of somebody who was removed
 */
export async function checkToken(
  token: string,
  kind: TokenKind,
  host: string,
  secretsOf: (user: string) => Secrets | undefined,
  now: number,
): Promise<string | undefined> {
  const read = FORM.exec(token.startsWith(TOKEN_PREFIX) ? token.slice(TOKEN_PREFIX.length) : "");
  if (read === null) return undefined;
  const [, mark, name = "", issued = "", expires = "", mac = ""] = read;
  const user = textOf(decodeBase64Url(name));
  const signature = decodeBase64Url(mac);
  if (user === undefined || signature === undefined || mark !== MARKS[kind]) return undefined;
  const claims = {
    ...{ kind, host, user },
    issuedAt: Number.parseInt(issued, 36),
    expiresAt: Number.parseInt(expires, 36),
  };
  const secrets = secretsOf(user);
  const key = await keyOf(claims, secrets ?? NOBODY);
  const isOurs = await crypto.subtle.verify("HMAC", key, charactersToBytes(signature), messageOf(claims));
  const seconds = now / 1000;
  // A minute for clocks that differ.
  const isNow = isPeriod(claims) && claims.issuedAt <= seconds + 60 && seconds < claims.expiresAt;
  return isOurs && isNow && secrets !== undefined ? user : undefined;
}

/** True if the passwords are the same; how long it takes says nothing of where they differ, or how long they are. */
export async function isSamePassword(given: string, expected: string): Promise<boolean> {
  const key = await crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
  const mac = await crypto.subtle.sign("HMAC", key as CryptoKey, encoded(expected));
  return crypto.subtle.verify("HMAC", key as CryptoKey, mac, encoded(given));
}

/** Nobody knows it: what is made with it is never right. */
const NOBODY: Secrets = { tokenKey: "", password: "" };

function isPeriod({ expiresAt, issuedAt, kind }: Claims): boolean {
  const seconds = expiresAt - issuedAt;
  return seconds > 0 && seconds <= MAX_SECONDS[kind];
}

/** The key of one user, on one host, for one kind of token (RFC 5869). */
async function keyOf({ host, kind, user }: Claims, { password, tokenKey }: Secrets): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", fields(tokenKey, password), "HKDF", false, [
    "deriveKey",
  ]);
  const info = fields("registry-ferry token", VERSION, host, user, kind);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    material,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign", "verify"],
  );
}

function messageOf({ expiresAt, host, issuedAt, kind, user }: Claims): Uint8Array<ArrayBuffer> {
  return fields(VERSION, kind, host, user, String(issuedAt), String(expiresAt));
}

/** Each after its length, so that no two lists of fields are the same bytes. */
function fields(...texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const all = texts.map(encoded);
  const bytes = new Uint8Array(all.reduce((sum, { byteLength }) => sum + 4 + byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const field of all) {
    view.setUint32(at, field.byteLength);
    bytes.set(field, at + 4);
    at += 4 + field.byteLength;
  }
  return bytes;
}

function encoded(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

/** A text as characters of one byte each, as base64 takes them. */
function bytesOf(text: string): string {
  return String.fromCharCode(...encoded(text));
}

function textOf(characters: string | undefined): string | undefined {
  if (characters === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(charactersToBytes(characters));
  } catch {
    return undefined;
  }
}

function charactersToBytes(characters: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
