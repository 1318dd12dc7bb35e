// The public lane's way out: requests of our own, with our own anonymous tokens. Only what is made here can be
// stored for everybody, and only what is fetched here proves that something is public.

import { inTurn, WAITED } from "../flights.ts";
import type { Trace } from "../log.ts";
import { limitHeaders } from "./headers.ts";
import type { OwnerResponse } from "./owner.ts";
import { scopeOf, type ReadRequest } from "./read-request.ts";
import { requestAnonymousToken } from "./anonymous-token.ts";
import { answerOf, isRefusal, type Said, type Ticket, type Wallet } from "./asking.ts";
import type { BearerRealm } from "./realm-question.ts";
import type { Followed, Way } from "./redirects.ts";

/** Where anonymous tokens are kept between requests. */
export interface TokenMemory {
  get(name: TokenName): Promise<string | undefined>;
  /** @param seconds for which the token may be used */
  set(name: TokenName, token: string, seconds: number): void;
  /** @param token the one that was refused */
  forget(name: TokenName, token: string): void;
}

/** What a token is for. */
export interface TokenName {
  /** Origin of the registry. */
  readonly upstream: string;
  readonly scope: string;
}

/** What every request of this lane needs beside its own parameters. */
export interface PublicContext extends Way {
  readonly tokens: TokenMemory;
}

/** Who refused. */
export type Refuser = "registry" | "token-service";

/**
 * An answer that anybody may have: to a request with nobody's credentials (`fetch`), or the bytes of a digest that such an
 * answer confirmed (`ofConfirmed`, S12). The public class takes nothing else: the constructor is private, and the private
 * field makes the type nominal.
 */
export class PublicResponse {
  readonly followed: Followed;
  /** When the request was begun, in milliseconds since the epoch. */
  readonly askedAt: number;
  readonly method: "GET" | "HEAD";
  /**
   * Who said 401 or 403 on a fresh anonymous token, if somebody did: the registry itself and not where it led to, or its
   * token service, by refusing the token.
   */
  readonly refusedBy: Refuser | undefined;
  readonly #anonymous = true;

  private constructor(answer: Said, askedAt: number, method: "GET" | "HEAD") {
    this.followed = answer.followed;
    this.refusedBy = answer.byTokenService
      ? "token-service"
      : isRefusal(answer.followed, 401, 403)
        ? "registry"
        : undefined;
    this.askedAt = askedAt;
    this.method = method;
  }

  /** Always true; what carried somebody's credentials is of another type. */
  get anonymous(): boolean {
    return this.#anonymous;
  }

  get response(): Response {
    return this.followed.response;
  }

  /**
   * Asks anonymously, with a token that is fetched where the registry wants one.
   * @throws RegistryError UNAVAILABLE (503), TOOMANYREQUESTS (429) or UNKNOWN (502) where there is no answer
   */
  static async fetch(request: ReadRequest, context: PublicContext): Promise<PublicResponse> {
    const askedAt = Date.now();
    const answer = await answerOf(request, new AnonymousWallet(context), context);
    return new PublicResponse(answer, askedAt, request.method);
  }

  /**
   * An answer to the owner's account, about a digest that an anonymous answer confirmed: it is public as well. Of it pass
   * body, type, length and digest (S12).
   * @param tellsLimits true where clients may hear of the account's limits
   */
  static ofConfirmed({ askedAt, followed, method }: OwnerResponse, tellsLimits: boolean): PublicResponse {
    const { response, registryHeaders } = followed;
    const headers = tellsLimits ? limitHeaders(registryHeaders) : new Headers();
    for (const [name, from] of SAID) {
      const value = (from === "registry" ? registryHeaders : response.headers).get(name);
      if (value !== null) headers.set(name, value);
    }
    const bare = new Response(response.body, { status: response.status, headers });
    const said = { ...followed, response: bare, registryHeaders: headers };
    return new PublicResponse({ followed: said, byTokenService: false }, askedAt, method);
  }
}

/** What an answer to the owner's account may say of itself, and who says it (S5). */
const SAID = [
  ["Content-Type", "last"],
  ["Content-Length", "last"],
  ["Content-Encoding", "last"],
  ["Docker-Content-Digest", "registry"],
] as const;

/** Nobody's tokens. Where another request is getting one at this moment, that will do. */
class AnonymousWallet implements Wallet {
  readonly #tokens: TokenMemory;
  readonly #trace: Trace;
  readonly login = undefined;

  constructor({ tokens, trace }: PublicContext) {
    this.#tokens = tokens;
    this.#trace = trace;
  }

  async ticketFor(request: ReadRequest, learned: BearerRealm): Promise<Ticket> {
    const fresh = (): Promise<Ticket> => this.freshTicket(request, learned);
    if (request.needsFreshToken === true) return fresh();
    const name = nameOf(request);
    const kept = await this.#tokens.get(name);
    if (kept !== undefined) return { kind: "kept", token: kept };
    // Of such a registry none is kept: who waited would find nothing.
    if (!request.registry.store) return fresh();
    const { realm, service } = learned;
    const got = await inTurn(
      JSON.stringify(["token", realm.href, service, name.upstream, name.scope]),
      fresh,
    );
    if (got !== WAITED) return got;
    const token = await this.#tokens.get(name);
    return token === undefined ? fresh() : { kind: "kept", token };
  }

  async freshTicket(request: ReadRequest, learned: BearerRealm): Promise<Ticket> {
    const { deadline, registry } = request;
    const name = nameOf(request);
    const answer = await requestAnonymousToken(registry, learned, name.scope, this.#trace, deadline);
    if (answer === undefined) return { kind: "denied" };
    this.#tokens.set(name, answer.token, answer.seconds * 0.9);
    return { kind: "fresh", token: answer.token };
  }

  forget(request: ReadRequest, _: BearerRealm, token: string): void {
    this.#tokens.forget(nameOf(request), token);
  }
}

function nameOf(request: ReadRequest): TokenName {
  return { upstream: request.registry.upstream, scope: scopeOf(request) };
}
