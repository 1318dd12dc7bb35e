// `/v2/auth`: the token service of every host. Nobody gets our anonymous bearer; what a client with credentials asks,
// in the client's names, is answered by the registry's own token service.

import { ANONYMOUS_BEARER, LEFT_ASIDE_BEARER, readToken } from "../access/bearer.ts";
import { brake } from "../access/brake.ts";
import type { OpenCaller } from "../access/admission.ts";
import type { Presented } from "../access/caller.ts";
import { noteLogin, refuseGuessing } from "../access/failed-logins.ts";
import { howToLogIn } from "../access/login-names.ts";
import { obeyRules } from "../access/rules.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { formatScope } from "../distribution/scope.ts";
import type { Inbound } from "../routing/inbound.ts";
import { resolveRegistry } from "../routing/names.ts";
import { learnRealm } from "../upstream/realm.ts";
import { requestToken, type TokenJson, type TokenRequest } from "../upstream/token.ts";
import { invalidToken, qualify, unwrapRefreshToken, wrap } from "./credentials.ts";
import { explainPlainLogin } from "./explain.ts";
import { anonymousToken, readNames, readParameters, tokenResponse, type Question } from "./question.ts";
import { agree, asksPullOnly, isNamed, type Located } from "./scopes.ts";

/** The parameters that clients send (distribution, docs/spec/auth: token and oauth2); nothing else goes up. */
const PASSED = [
  "service",
  "account",
  "client_id",
  "offline_token",
  "access_type",
  "grant_type",
  "username",
  "password",
  "refresh_token",
];

/**
 * Answers a token request.
 * @returns our anonymous bearer; or the registry's token answer with `expires_in`, or its refusal as an OCI error
 * @throws RegistryError what was wrong with the question, or with the registry
 */
export async function serveToken(inbound: Inbound<OpenCaller>): Promise<Response> {
  inbound.trace.endpoint = "token";
  const { presented } = inbound.caller;
  const question = readNames(inbound, await readParameters(inbound));
  obeyRules(inbound.config.access, question.scopes.filter(isNamed), inbound.trace);
  if (isAnonymous(question, presented)) return tokenResponse(anonymousToken());
  const answer =
    inbound.route.kind === "universal"
      ? await askQualified(inbound, question, presented)
      : await askOnly(inbound, question, presented);
  return answer instanceof Response ? answer : tokenResponse(answer);
}

/** Nobody asks: the Worker holds the registry's own anonymous tokens, and hands out none of them. */
function isAnonymous({ parameters }: Question, { authorization }: Presented): boolean {
  // A password without a user is nobody's.
  const hasUser = parameters.has("username");
  return authorization.kind === "none" && !hasUser && (parameters.get("refresh_token") ?? "") === "";
}

/** On a host of one registry everything is that registry's. */
async function askOnly(
  inbound: Inbound,
  { method, parameters, scopes }: Question,
  { authorization, header }: Presented,
): Promise<TokenJson | Response> {
  const registry = resolveRegistry(inbound, undefined);
  inbound.trace.registry = registry.name;
  if (authorization.kind === "bearer" && readToken(authorization.token).kind !== "foreign") {
    throw invalidToken(inbound, "A token cannot be had for a token.");
  }
  const passed = passedOf(parameters);
  unwrapRefreshToken(inbound, passed, registry);
  return askTokenService(inbound, registry, scopes, { method, parameters: passed, authorization: header });
}

/** On a universal host the user name says whose token service is meant (S3). */
async function askQualified(
  inbound: Inbound,
  { isElsewhere, method, parameters, scopes }: Question,
  presented: Presented,
): Promise<TokenJson | Response> {
  const located = agree(scopes);
  const passed = passedOf(parameters);
  const { registry, authorization, isPlain } = qualify(inbound, presented.authorization, passed);

  const own = located.filter((one) => one.registry === undefined || one.registry === registry);
  const foreign = located.filter((one) => !own.includes(one));
  if (foreign.some(({ scope }) => !asksPullOnly(scope))) {
    throw new RegistryError(
      "DENIED",
      `These credentials are ${registry.name}'s, and the request is about another registry; nothing was ` +
        `sent anywhere. ${howToLogIn(inbound)}`,
      { status: 400 },
    );
  }
  // Clients ask with the host's one login for whatever they pull there (docker), and beside a push for what its
  // layers were pulled from (containerd, docker: a mount). To read what is public nobody's credentials are needed.
  if (foreign.length > 0 && own.length === 0) return anonymousToken(LEFT_ASIDE_BEARER);
  if (isElsewhere && own.length === 0) return anonymousToken();
  inbound.trace.registry = registry.name;
  passed.delete("service");
  const answer = await askTokenService(inbound, registry, own, { method, parameters: passed, authorization });
  if (!(answer instanceof Response)) return wrap(registry, answer);
  return isPlain && answer.status === 401 ? explainPlainLogin(inbound, answer) : answer;
}

/** Asks the registry's token service; a registry that has none is told apart. */
async function askTokenService(
  inbound: Inbound,
  registry: Registry,
  scopes: readonly Located[],
  request: TokenRequest,
): Promise<TokenJson | Response> {
  const { trace } = inbound;
  const { headers } = inbound.request;
  const isLogin = carriesCredentials(request);
  if (isLogin) {
    refuseGuessing(headers);
    await brake({ config: inbound.config, headers, user: undefined });
  }
  const repository = scopes.find((one) => one.repository !== undefined)?.repository;
  const learned = await learnRealm(registry, repository, trace);
  if (learned.kind === "bearer") {
    for (const { scope } of scopes) request.parameters.append("scope", formatScope(scope));
    const answer = await requestToken(registry, learned, request, trace);
    const said = "token" in answer ? answer.token : answer.refusal.response;
    if (isLogin) noteLogin(headers, !(said instanceof Response && said.status === 401));
    return said;
  }
  if (learned.kind === "open" && !carriesCredentials(request)) {
    return { token: ANONYMOUS_BEARER, access_token: ANONYMOUS_BEARER, expires_in: 300 };
  }
  const message =
    learned.kind === "open"
      ? `${registry.name} knows no logins: everything it has is public.`
      : `${registry.name} has no token service (it asks for Basic credentials itself).`;
  throw new RegistryError("UNSUPPORTED", message, { status: 400 });
}

function passedOf(parameters: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams();
  for (const name of PASSED) {
    for (const value of parameters.getAll(name)) kept.append(name, value);
  }
  return kept;
}

function carriesCredentials(request: TokenRequest): boolean {
  return (
    request.authorization !== undefined ||
    ["password", "refresh_token"].some((name) => (request.parameters.get(name) ?? "") !== "")
  );
}
