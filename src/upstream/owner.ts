// The owner's sibling of the anonymous request. What it brings is of a type of its own: nothing that is public is made of
// it, but where an anonymous answer confirmed the same digest (S12).

import type { Account } from "../config/credentials.ts";
import type { Registry } from "../config/registry.ts";
import { codeOfStatus, errorResponse } from "../distribution/errors.ts";
import { limitHeaders } from "./headers.ts";
import { discardBody } from "../distribution/body.ts";
import { toHex } from "../distribution/digest.ts";
import type { ReadRequest } from "./read-request.ts";
import { answerOf, isRefusal } from "./asking.ts";
import { accountInTrouble, noteTrouble, OwnerWallet } from "./owner-token.ts";
import type { Followed, Way } from "./redirects.ts";

/** The owner, at one registry. */
export interface Owner {
  readonly account: Account;
  /** What tells the account from every other, and from itself with another password. It says nothing of either. */
  readonly identity: string;
  /** What the keys of its things are made with in the store (S10). */
  readonly secret: CryptoKey;
}

/** Accounts live as long as their configuration. A promise would be of one request, which may be cut off. */
const owners = new WeakMap<Account, Owner>();

/**
 * The owner of an account.
 * @param tokenKey `TOKEN_KEY`, or an empty text
 */
export async function ownerOf(account: Account, tokenKey: string): Promise<Owner> {
  const known = owners.get(account) ?? (await makeOwner(account, tokenKey));
  owners.set(account, known);
  return known;
}

/** The key is of RFC 5869; the identity is made with it, so that nobody can try passwords on it. */
async function makeOwner(account: Account, tokenKey: string): Promise<Owner> {
  const { password, registry, user } = account;
  const material = await importKey(JSON.stringify([tokenKey, password]));
  const info = bytesOf(JSON.stringify(["registry-ferry private class", "1", registry, user]));
  const secret = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info },
    material,
    { name: "HMAC", hash: "SHA-256", length: 256 },
    false,
    ["sign"],
  );
  const mac = await crypto.subtle.sign("HMAC", secret, bytesOf("identity"));
  return { account, secret, identity: toHex(new Uint8Array(mac)).slice(0, 32) };
}

function importKey(text: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytesOf(text), "HKDF", false, ["deriveKey"]);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}

/** An answer to the owner's account. Only `OwnerResponse.fetch` makes one. */
export class OwnerResponse {
  readonly followed: Followed;
  /** When the request was begun, in milliseconds since the epoch. */
  readonly askedAt: number;
  readonly method: "GET" | "HEAD";
  /** The registry, where it said that the account may not read this. */
  readonly refusedBy: "registry" | undefined;
  readonly #owner = true;

  private constructor(followed: Followed, askedAt: number, method: "GET" | "HEAD") {
    this.followed = followed;
    this.askedAt = askedAt;
    this.method = method;
    this.refusedBy = isRefusal(followed, 401, 403) ? "registry" : undefined;
  }

  /** Always false; see `PublicResponse`. */
  get anonymous(): boolean {
    return !this.#owner;
  }

  get response(): Response {
    return this.followed.response;
  }

  /**
   * Asks with the owner's account: to read, whatever the request is about.
   * @throws RegistryError UNAVAILABLE (503), TOOMANYREQUESTS (429) or UNKNOWN (502) where there is no answer, and where the
   *   account is refused as such
   */
  static async fetch(request: ReadRequest, { account, identity }: Owner, way: Way): Promise<OwnerResponse> {
    const askedAt = Date.now();
    const wallet = new OwnerWallet(account, identity, way.trace);
    const { followed } = await answerOf(request, wallet, way);
    const { headers, status } = followed.response;
    if (!followed.elsewhere && (status === 429 || (status === 401 && isBasic(headers)))) {
      await discardBody(followed.response);
      const error = accountInTrouble(request.registry, status, headers, "registry");
      noteTrouble(identity, error);
      throw error;
    }
    return new OwnerResponse(await inOwnWords(request.registry, followed), askedAt, request.method);
  }
}

/** True of a registry that judges the login itself: what it refuses by 401 is the login. */
function isBasic(headers: Headers): boolean {
  return /^\s*basic\b/i.test(headers.get("WWW-Authenticate") ?? "");
}

/** What may pass of what the registry says to the owner. Of limits too: an open proxy takes them off (`ofConfirmed`). */
const PASSED = [
  "Accept-Ranges",
  "Content-Encoding",
  "Content-Length",
  "Content-Range",
  "Content-Type",
  "Docker-Content-Digest",
  "Link",
];

/**
 * A success's body, type, length, digest, range and next page; of a refusal the status, in words of our own: its own may
 * name the owner.
 */
async function inOwnWords({ name }: Registry, followed: Followed): Promise<Followed> {
  const { registryHeaders, response } = followed;
  const { status } = response;
  if (status >= 400) {
    await discardBody(response);
    const headers = limitHeaders(registryHeaders);
    const said = errorResponse(codeOfStatus(status), `${name} answered ${status}.`, { status, headers });
    return { ...followed, response: said, registryHeaders: said.headers };
  }
  return {
    ...followed,
    response: new Response(response.body, { status, headers: only(response.headers) }),
    registryHeaders: only(registryHeaders),
  };
}

function only(said: Headers): Headers {
  const headers = limitHeaders(said);
  for (const name of PASSED) {
    const value = said.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}
