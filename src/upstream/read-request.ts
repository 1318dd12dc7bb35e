// A request of our own, to read: what of a client's may travel on, and how it leaves. Its Authorization is a wallet's
// (`asking.ts`): a token of ours, or the owner's login, and never a client's (S7).

import type { Registry } from "../config/registry.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import { deadlineIn, LONG_TIMEOUT_MS } from "./fetch.ts";
import { sendFollowing, type Followed, type Way } from "./redirects.ts";

/** What of a client's request may travel on, in our own words: what it accepts, and which part. */
export interface Conditions {
  readonly accept?: string | undefined;
  readonly range?: string | undefined;
}

/** A request of our own, to read. */
export interface ReadRequest {
  readonly registry: Registry;
  /** Undefined for the catalog. */
  readonly repository: RepositoryName | undefined;
  /** In the registry's names. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search?: string;
  readonly method: "GET" | "HEAD";
  readonly conditions: Conditions;
  /**
   * Time by which response headers must be here, in milliseconds since the epoch, for all that the answer takes together:
   * to learn the realm, to get a token, to ask. Undefined where each may take its own time.
   */
  readonly deadline?: number | undefined;
  /** True where only a token that is got for this request will do. */
  readonly needsFreshToken?: boolean;
}

/** The scope of the token that a request needs: `pull`, and nothing else. */
export function scopeOf({ repository }: ReadRequest): string {
  return repository === undefined ? "registry:catalog:*" : `repository:${repository}:pull`;
}

/** The request's address at its registry. */
export function addressOf({ path, registry, search = "" }: ReadRequest): URL {
  return new URL(path + search, registry.upstream);
}

/**
 * Sends the request.
 * @param url its address at the registry, or where the registry led to
 * @param authorization a token of our own, or the owner's login; undefined for nothing
 */
export function sendRead(
  request: ReadRequest,
  url: URL,
  authorization: string | undefined,
  way: Way,
): Promise<Followed> {
  const { accept, range } = request.conditions;
  const headers = new Headers({ "Accept-Encoding": "identity", "User-Agent": "registry-ferry" });
  if (accept !== undefined) headers.set("Accept", accept);
  if (range !== undefined) headers.set("Range", range);
  if (authorization !== undefined) headers.set("Authorization", authorization);
  const deadline = deadlineIn(LONG_TIMEOUT_MS, request.deadline);
  return sendFollowing({ url, method: request.method, headers, deadline }, way);
}
