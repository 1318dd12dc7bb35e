// The public lane's way out: requests of our own, with our own anonymous tokens. Only what is made here can be stored,
// and only what is made here proves that something is public.

import { discardBody } from "../distribution/body.ts";
import { inTurn, WAITED } from "../flights.ts";
import { addressOf, scopeOf, sendAnonymously, type PublicRequest } from "./anonymous-request.ts";
import { requestAnonymousToken } from "./anonymous-token.ts";
import { askElsewhere } from "./elsewhere.ts";
import { learnRealm, rememberedRealm } from "./realm.ts";
import type { Learned } from "./realm-question.ts";
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
 * An answer to a request that carried no client's credentials. The store takes nothing else, and nothing but
 * `PublicResponse.fetch` makes one: the constructor is private, and the private field makes the type nominal.
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

  private constructor(answer: Answer, askedAt: number, method: "GET" | "HEAD") {
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
  static async fetch(request: PublicRequest, context: PublicContext): Promise<PublicResponse> {
    const askedAt = Date.now();
    return new PublicResponse(await answerOf(request, context), askedAt, request.method);
  }
}

interface Answer {
  readonly followed: Followed;
  readonly byTokenService: boolean;
}

async function answerOf(request: PublicRequest, context: PublicContext): Promise<Answer> {
  let learned = await learnRealm(request.registry, undefined, context.trace, request.deadline);
  if (learned.kind === "open") learned = rememberedRealm(request.registry, request.repository) ?? learned;
  const ticket = learned.kind === "bearer" ? await ticketFor(request, learned, context) : NO_TICKET;
  let answer = await sendWith(ticket, request, context);
  if (learned.kind === "open" && isRefusal(answer.followed, 401)) {
    // `/v2/` challenges nobody, this repository does.
    learned = await learnRealm(request.registry, request.repository, context.trace, request.deadline);
    if (learned.kind === "bearer") {
      await discardBody(answer.followed.response);
      answer = await sendWith(await freshTicket(request, learned, context), request, context);
    }
  }
  if (learned.kind === "bearer" && ticket.kind === "kept" && isRefusal(answer.followed, 401, 403)) {
    // The kept token may have ended; only a fresh one proves anything.
    await discardBody(answer.followed.response);
    context.tokens.forget(nameOf(request), ticket.token);
    answer = await sendWith(await freshTicket(request, learned, context), request, context);
  }
  const { followed } = answer;
  if (!followed.elsewhere || followed.response.status !== 401) return answer;
  return { followed: await askElsewhere(request, followed, context), byTokenService: false };
}

/** True if the registry itself, and not where it led to, answered with one of these. */
function isRefusal({ response, elsewhere }: Followed, ...statuses: readonly number[]): boolean {
  return !elsewhere && statuses.includes(response.status);
}

/** What a request is sent with. */
type Ticket =
  | { readonly kind: "kept" | "fresh"; readonly token: string }
  /** The token service gave none. */
  | { readonly kind: "denied" }
  /** The registry wants none. */
  | { readonly kind: "none" };

const NO_TICKET: Ticket = { kind: "none" };

type Bearer = Extract<Learned, { kind: "bearer" }>;

/** A token that is kept, or a new one. Where another request is getting one at this moment, that will do. */
async function ticketFor(request: PublicRequest, learned: Bearer, context: PublicContext): Promise<Ticket> {
  const fresh = (): Promise<Ticket> => freshTicket(request, learned, context);
  if (request.needsFreshToken === true) return fresh();
  const name = nameOf(request);
  const kept = await context.tokens.get(name);
  if (kept !== undefined) return { kind: "kept", token: kept };
  // Of such a registry none is kept: who waited would find nothing.
  if (!request.registry.store) return fresh();
  const { realm, service } = learned;
  const got = await inTurn(JSON.stringify(["token", realm.href, service, name.upstream, name.scope]), fresh);
  if (got !== WAITED) return got;
  const token = await context.tokens.get(name);
  return token === undefined ? fresh() : { kind: "kept", token };
}

async function freshTicket(request: PublicRequest, learned: Bearer, context: PublicContext): Promise<Ticket> {
  const { deadline, registry } = request;
  const name = nameOf(request);
  const answer = await requestAnonymousToken(registry, learned, name.scope, context.trace, deadline);
  if (answer === undefined) return { kind: "denied" };
  context.tokens.set(name, answer.token, answer.seconds * 0.9);
  return { kind: "fresh", token: answer.token };
}

async function sendWith(ticket: Ticket, request: PublicRequest, context: PublicContext): Promise<Answer> {
  const url = addressOf(request);
  if (ticket.kind === "denied") return { followed: deniedByTokenService(url), byTokenService: true };
  const token = ticket.kind === "none" ? undefined : ticket.token;
  return { followed: await sendAnonymously(request, url, token, context), byTokenService: false };
}

function nameOf(request: PublicRequest): TokenName {
  return { upstream: request.registry.upstream, scope: scopeOf(request) };
}

/** What the resource would say to somebody whom its token service gives nothing (S4). */
function deniedByTokenService(url: URL): Followed {
  const response = new Response(null, { status: 401 });
  return { response, registryHeaders: response.headers, url, elsewhere: false, redirected: false };
}
