// Asking a registry with tokens of our own: which it wants is learned, a kept one that has ended is got anew, and what a
// redirect leads to may want one of its own. Whose tokens they are, a wallet knows: nobody's, or the owner's.

import { discardBody } from "../distribution/body.ts";
import { addressOf, sendRead, type ReadRequest } from "./read-request.ts";
import { askElsewhere } from "./elsewhere.ts";
import { learnRealm, rememberedRealm } from "./realm.ts";
import type { BearerRealm, Learned } from "./realm-question.ts";
import type { Followed, Way } from "./redirects.ts";

/** What a request is sent with. */
export type Ticket =
  | { readonly kind: "kept" | "fresh"; readonly token: string }
  /** The token service gave none. */
  | { readonly kind: "denied" }
  /** The registry wants none. */
  | { readonly kind: "none" };

/** Whose tokens a request is sent with. */
export interface Wallet {
  /** A token that is kept, or a new one. */
  ticketFor(request: ReadRequest, learned: BearerRealm): Promise<Ticket>;
  /** A new one: only such a one proves anything. */
  freshTicket(request: ReadRequest, learned: BearerRealm): Promise<Ticket>;
  /** @param token the one that was refused */
  forget(request: ReadRequest, learned: BearerRealm, token: string): void;
  /** What goes to a registry that takes logins itself; undefined for nothing. */
  readonly login: string | undefined;
}

/** What a registry said. */
export interface Said {
  readonly followed: Followed;
  /** True where it is the token service that said no. */
  readonly byTokenService: boolean;
}

/**
 * Asks.
 * @throws RegistryError UNAVAILABLE (503), TOOMANYREQUESTS (429) or UNKNOWN (502) where there is no answer
 */
export async function answerOf(request: ReadRequest, wallet: Wallet, way: Way): Promise<Said> {
  const { deadline, registry, repository } = request;
  let learned = await learnRealm(registry, undefined, way.trace, deadline);
  if (learned.kind === "open") learned = rememberedRealm(registry, repository) ?? learned;
  const ticket = learned.kind === "bearer" ? await wallet.ticketFor(request, learned) : NO_TICKET;
  let answer = await sendWith(headerOf(ticket, learned, wallet), request, way);
  if (learned.kind === "open" && isRefusal(answer.followed, 401)) {
    // `/v2/` challenges nobody, this repository does.
    learned = await learnRealm(registry, repository, way.trace, deadline);
    const header =
      learned.kind === "bearer"
        ? headerOf(await wallet.freshTicket(request, learned), learned, wallet)
        : headerOf(NO_TICKET, learned, wallet);
    if (learned.kind === "bearer" || header !== undefined) {
      await discardBody(answer.followed.response);
      answer = await sendWith(header, request, way);
    }
  }
  if (learned.kind === "bearer" && ticket.kind === "kept" && isRefusal(answer.followed, 401, 403)) {
    // The kept token may have ended; only a fresh one proves anything.
    await discardBody(answer.followed.response);
    wallet.forget(request, learned, ticket.token);
    answer = await sendWith(
      headerOf(await wallet.freshTicket(request, learned), learned, wallet),
      request,
      way,
    );
  }
  const { followed } = answer;
  if (!followed.elsewhere || followed.response.status !== 401) return answer;
  return { followed: await askElsewhere(request, followed, way), byTokenService: false };
}

const NO_TICKET: Ticket = { kind: "none" };
const DENIED = Symbol("denied");

/** True if the registry itself, and not where it led to, answered with one of these. */
export function isRefusal({ response, elsewhere }: Followed, ...statuses: readonly number[]): boolean {
  return !elsewhere && statuses.includes(response.status);
}

function headerOf(ticket: Ticket, { kind }: Learned, { login }: Wallet): string | typeof DENIED | undefined {
  if (ticket.kind === "denied") return DENIED;
  if (ticket.kind === "none") return kind === "basic" ? login : undefined;
  return `Bearer ${ticket.token}`;
}

async function sendWith(
  header: string | typeof DENIED | undefined,
  request: ReadRequest,
  way: Way,
): Promise<Said> {
  const url = addressOf(request);
  if (header === DENIED) return { followed: deniedByTokenService(url), byTokenService: true };
  return { followed: await sendRead(request, url, header, way), byTokenService: false };
}

/** What the resource would say to somebody whom its token service gives nothing (S4). */
function deniedByTokenService(url: URL): Followed {
  const response = new Response(null, { status: 401 });
  return { response, registryHeaders: response.headers, url, elsewhere: false, redirected: false };
}
