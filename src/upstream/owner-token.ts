// Tokens that are had for the owner's account: to read, and nothing else. They live in the isolate only, and are given to
// nobody (S10, S12).

import { formatBasic } from "../distribution/authorization.ts";
import type { Account } from "../config/credentials.ts";
import type { Registry } from "../config/registry.ts";
import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { inTurn, WAITED } from "../flights.ts";
import { remember } from "../isolate.ts";
import type { Trace } from "../log.ts";
import { addressOf, scopeOf, type ReadRequest } from "./read-request.ts";
import type { Ticket, Wallet } from "./asking.ts";
import { limitHeaders, speaksOfLimits } from "./headers.ts";
import type { BearerRealm } from "./realm-question.ts";
import { grantOf, requestToken, type TokenJson, type TokenRefusal } from "./token.ts";

interface Kept {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

const tokens = remember<string, Kept>({
  entries: 1000,
  bytes: 4 * 1024 * 1024,
  sizeOf: ({ token }, key) => token.length + key.length,
});

/** How long a login is left alone that was refused: each try may count towards the account's being locked. */
const REFUSED_MS = 60_000;

interface Trouble {
  readonly error: RegistryError;
  readonly until: number;
}

const troubles = remember<string, Trouble>(64);
/** Until when a login is believed to be right, of which the token service refused a scope. */
const taken = remember<string, number>(64);
/** What token services say of a scope that somebody may not have, and of a login that is not right. */
const SAYS_NO = [400, 401, 403, 404];

/** The owner's account at a registry, as requests are sent with it. */
export class OwnerWallet implements Wallet {
  readonly #account: Account;
  readonly #identity: string;
  readonly #trace: Trace;

  /** @param identity of the account: another password is another account */
  constructor(account: Account, identity: string, trace: Trace) {
    this.#account = account;
    this.#identity = identity;
    this.#trace = trace;
  }

  /** For a registry that takes logins itself. @throws RegistryError for one that was refused a moment ago */
  get login(): string {
    refuseInTrouble(this.#identity);
    return loginOf(this.#account);
  }

  async ticketFor(request: ReadRequest, learned: BearerRealm): Promise<Ticket> {
    const key = this.#keyOf(request, learned);
    const kept = recall(key);
    if (kept !== undefined) return { kind: "kept", token: kept };
    const got = await inTurn(key, () => this.freshTicket(request, learned));
    if (got !== WAITED) return got;
    const token = recall(key);
    return token === undefined ? this.freshTicket(request, learned) : { kind: "kept", token };
  }

  async freshTicket(request: ReadRequest, learned: BearerRealm): Promise<Ticket> {
    const { deadline, registry } = request;
    refuseInTrouble(this.#identity);
    const asking = { scope: scopeOf(request), deadline, trace: this.#trace };
    const answer = await askTokenService(registry, learned, this.#account, asking);
    if ("refusal" in answer) {
      if (!(await this.#isAboutScope(request, learned, answer.refusal)))
        throw await this.#note(registry, answer.refusal);
      await discardBody(answer.refusal.response);
      return { kind: "denied" };
    }
    const { token, seconds } = grantOf(answer.token);
    tokens.set(this.#keyOf(request, learned), { token, until: Date.now() + seconds * 0.9 * 1000 });
    return { kind: "fresh", token };
  }

  forget(request: ReadRequest, learned: BearerRealm, token: string): void {
    const key = this.#keyOf(request, learned);
    if (tokens.get(key)?.token === token) tokens.delete(key);
  }

  /**
   * True where the account may not read this one repository, and is taken for others: some services refuse a token then
   * (GitLab's, GitHub's), and whoever asks for such a name must not bring the account into trouble. The login is asked for
   * nothing in particular.
   */
  async #isAboutScope(
    { deadline, registry }: ReadRequest,
    learned: BearerRealm,
    { isPage, response }: TokenRefusal,
  ): Promise<boolean> {
    if (isPage || !SAYS_NO.includes(response.status) || speaksOfLimits(response.headers)) return false;
    if ((taken.get(this.#identity) ?? 0) > Date.now()) return true;
    const asking = { scope: "", deadline, trace: this.#trace };
    const answer = await askTokenService(registry, learned, this.#account, asking);
    if ("refusal" in answer) {
      await discardBody(answer.refusal.response);
      return false;
    }
    taken.set(this.#identity, Date.now() + REFUSED_MS);
    return true;
  }

  /** What a client hears of the owner's account in trouble: never that it should log in, nor that something is not there. */
  async #note(registry: Registry, { response }: TokenRefusal): Promise<RegistryError> {
    await discardBody(response);
    const error = accountInTrouble(registry, response.status, response.headers, "token service");
    if (response.status < 500) noteTrouble(this.#identity, error);
    return error;
  }

  #keyOf(request: ReadRequest, { realm, service }: BearerRealm): string {
    const { origin } = addressOf(request);
    return JSON.stringify(["owner", this.#identity, origin, realm.href, service, scopeOf(request)]);
  }
}

/** What a token is asked for. */
interface Asking {
  /** Empty for nothing in particular. */
  readonly scope: string;
  readonly deadline?: number | undefined;
  readonly trace: Trace;
}

/** By GET with Basic; of services that want it so, by a form (distribution, docs/spec/auth: token and oauth2). */
export async function askTokenService(
  registry: Registry,
  learned: BearerRealm,
  account: Account,
  { deadline, scope, trace }: Asking,
): Promise<{ readonly token: TokenJson } | { readonly refusal: TokenRefusal }> {
  const { password, user } = account;
  const about: Record<string, string> = scope === "" ? {} : { scope };
  const question = new URLSearchParams({ account: user, ...about });
  const asked = { method: "GET", parameters: question, authorization: loginOf(account), deadline } as const;
  const answer = await requestToken(registry, learned, asked, trace);
  if (!("refusal" in answer) || !POST_AFTER.includes(answer.refusal.response.status)) return answer;
  const login = { grant_type: "password", client_id: "registry-ferry", username: user, password };
  const form = new URLSearchParams({ ...login, ...about });
  const posted = { method: "POST", parameters: form, authorization: undefined, deadline } as const;
  const again = await requestToken(registry, learned, posted, trace);
  // A service that has no POST says so, and what it said to GET is what counts.
  if ("refusal" in again && [404, 405].includes(again.refusal.response.status)) return answer;
  await discardBody(answer.refusal.response);
  return again;
}

/** @throws RegistryError for a login that was refused a moment ago: each try may count towards the account's being locked */
function refuseInTrouble(identity: string): void {
  const trouble = troubles.get(identity);
  if (trouble !== undefined && Date.now() < trouble.until) throw trouble.error;
}

/** Notes a login that is refused as such; a limit passes by itself. */
export function noteTrouble(identity: string, error: RegistryError): void {
  if (error.status === 503) troubles.set(identity, { error, until: Date.now() + REFUSED_MS });
}

/** Statuses of a token service that wants to be asked by POST, or of one that cannot be asked so. */
const POST_AFTER = [400, 401, 404, 405];

/**
 * The owner's account is refused, or limited: 429 stays what it is, all else is 503.
 * @param where who refuses: the registry itself, or its token service
 */
export function accountInTrouble(
  { name }: Registry,
  status: number,
  headers: Headers,
  where: "registry" | "token service",
): RegistryError {
  const who = where === "registry" ? name : `the token service of ${name}`;
  if (status === 429) {
    return new RegistryError(
      "TOOMANYREQUESTS",
      `${name} limits the account that this proxy has there. Try again later.`,
      {
        headers: limitHeaders(headers),
        problem: `${who} limits the account of UPSTREAM_CREDENTIALS (429)`,
      },
    );
  }
  const isRefused = status < 500;
  return new RegistryError(
    "UNAVAILABLE",
    `${name} does not take the account that this proxy has there at this moment. The owner of this proxy finds more in its log.`,
    {
      problem: isRefused
        ? `${who} refuses the account of UPSTREAM_CREDENTIALS (${status}): look whether its user and its token are right`
        : `${who} is down for the account of UPSTREAM_CREDENTIALS (${status})`,
    },
  );
}

function recall(key: string): string | undefined {
  const kept = tokens.get(key);
  return kept !== undefined && kept.until > Date.now() ? kept.token : undefined;
}

export function loginOf({ password, user }: Account): string {
  return formatBasic(user, password);
}
