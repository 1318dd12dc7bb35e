// `/v2/auth` of a closed proxy: the owner's people log in here, and no registry hears of it (S2, S13).

import { logIn, refusalOf, WRONG, type Guest, type Stranger } from "../access/admission.ts";
import { brake } from "../access/brake.ts";
import type { Presented } from "../access/caller.ts";
import { makeToken, MAX_SECONDS, type TokenKind } from "../access/own-tokens.ts";
import { obeyRules } from "../access/rules.ts";
import { secretsOf, userOfToken } from "../access/users.ts";
import type { RegistryError } from "../distribution/errors.ts";
import type { Inbound } from "../routing/inbound.ts";
import type { TokenJson } from "../upstream/token.ts";
import {
  anonymousToken,
  readNames,
  readParameters,
  tokenResponse,
  type Form,
  type Question,
} from "./question.ts";
import { isNamed } from "./scopes.ts";

type Own = Inbound<Guest | Stranger>;

/**
 * Answers a token request of a closed proxy.
 * @param presented what the request had of credentials
 * @returns for a user a bearer that is good for an hour, and with `offline_token` one that others are had for; for who is
 *   let in by address or key one that lets nobody in, since it is not what lets them in
 * @throws RegistryError 401 or 403 for who is not let in, 429 where too many logins have failed
 */
export async function serveOwnToken(inbound: Own, presented: Presented): Promise<Response> {
  const { caller, config, request, trace } = inbound;
  trace.endpoint = "token";
  // Only what may have a login in it is read of a stranger's.
  if (caller.kind === "stranger" && !["GET", "POST"].includes(request.method)) throw caller.refusal;
  const form = await readParameters(inbound);
  const user = await userOf(inbound, form, presented);
  trace.user = user;
  const question = readNames(inbound, form);
  obeyRules(config.access, question.scopes.filter(isNamed), trace);
  if (user !== undefined) await brake({ config, headers: request.headers, user: undefined });
  const answer = user === undefined ? anonymousToken() : await tokensFor(inbound, user, question);
  return tokenResponse(answer);
}

/** Who asks: by refresh token, by form, or as they were let in. Undefined for who needs no name. */
async function userOf(
  inbound: Own,
  { method, parameters }: Form,
  presented: Presented,
): Promise<string | undefined> {
  const { caller, config, host, request } = inbound;
  const { access } = config;
  const isAdmitted = caller.kind === "guest" && (caller.by === "address" || caller.by === "key");
  const refused = (why: string): RegistryError => refusalOf({ ...inbound, presented }, config, why);

  const refresh = parameters.get("refresh_token") ?? "";
  if (refresh !== "") {
    const user = await userOfToken(access, refresh, "refresh", host.authority);
    if (user === undefined && !isAdmitted)
      throw refused("This login has ended, or is not one of this host's.");
    return user;
  }
  const name = parameters.get("username");
  // A password in an address would be in logs on its way.
  if (method === "POST" && name !== null && (!isAdmitted || access.users.has(name))) {
    const login = { user: name, password: parameters.get("password") ?? "" };
    const user = await logIn(config, login, isAdmitted ? undefined : request.headers);
    if (user === undefined) throw refused(WRONG);
    return user;
  }
  if (caller.kind === "stranger") throw caller.refusal;
  if (caller.by === "token") throw refused("A token cannot be had for a token.");
  return caller.user;
}

async function tokensFor(inbound: Own, user: string, { parameters }: Question): Promise<TokenJson> {
  const access = await tokenFor(inbound, user, "access");
  // Docker's name for it, and that of OAuth 2 (distribution, docs/spec/auth: token and oauth2).
  const asksForIt = parameters.get("offline_token") === "true" || parameters.get("access_type") === "offline";
  // A login lasts 90 days: who has only its refresh token goes on with that one.
  const isOffline = asksForIt && (parameters.get("refresh_token") ?? "") === "";
  return {
    token: access,
    access_token: access,
    expires_in: MAX_SECONDS.access,
    issued_at: new Date().toISOString(),
    ...(isOffline && { refresh_token: await tokenFor(inbound, user, "refresh") }),
  };
}

function tokenFor({ config, host }: Own, user: string, kind: TokenKind): Promise<string> {
  const secrets = secretsOf(config.access, user);
  if (secrets === undefined) throw new Error("Only a user of ours has been let in by name.");
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims = { kind, host: host.authority, user, issuedAt, expiresAt: issuedAt + MAX_SECONDS[kind] };
  return makeToken(claims, secrets);
}
