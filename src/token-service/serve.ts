// `/v2/auth`: the token service of every host. Nobody gets our anonymous bearer; what a client with credentials asks,
// in the client's names, is answered by the registry's own token service.

import { parseAuthorization, type Authorization } from "../distribution/authorization.ts";
import { ANONYMOUS_BEARER, mentionsOwnBearer } from "../access/bearer.ts";
import { howToLogIn } from "../access/login-names.ts";
import type { Registry } from "../config/config.ts";
import { RegistryError } from "../distribution/errors.ts";
import { mediaTypeOf } from "../distribution/media-types.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import { formatScope, isRepositoryScope, parseScopes, type Scope } from "../distribution/scope.ts";
import { unauthorized, type Inbound } from "../routing/inbound.ts";
import { resolveRegistry } from "../routing/names.ts";
import { readCapped } from "../upstream/fetch.ts";
import { qualify, unwrapRefreshToken, wrap } from "./credentials.ts";
import { agree, asksPullOnly, locate } from "./scopes.ts";
import { learnRealm } from "../upstream/realm.ts";
import { requestToken, type TokenJson, type TokenRequest } from "../upstream/token.ts";

const MAX_BODY = 64 * 1024;
const MAX_SCOPES = 64;

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

/** What a client asks for, before anything is decided. */
interface Question {
  readonly method: "GET" | "POST";
  readonly parameters: URLSearchParams;
  readonly authorization: Authorization;
  /** The header as it came, for a host of one registry, whose token service judges it. */
  readonly header: string | undefined;
}

/**
 * Answers a token request.
 * @returns our anonymous bearer; or the registry's token answer with `expires_in`, or its refusal as an OCI error
 * @throws RegistryError what was wrong with the question, or with the registry
 */
export async function serveToken(inbound: Inbound): Promise<Response> {
  inbound.trace.endpoint = "token";
  const question = await readQuestion(inbound.request, inbound.url);
  const scopes = question.parameters.getAll("scope").flatMap(parseScopes);
  if (scopes.length > MAX_SCOPES) {
    throw new RegistryError("UNSUPPORTED", `One token request may have ${MAX_SCOPES} scopes.`, {
      status: 400,
    });
  }
  const universal = inbound.route.kind === "universal";
  if (isAnonymous(question)) {
    // Names are judged all the same: a client hears of its mistake here, where it made it.
    for (const scope of scopes) locate(inbound, scope);
    return tokenResponse(anonymousToken());
  }
  const answer = universal
    ? await askQualified(inbound, question, scopes)
    : await askOnly(inbound, question, scopes);
  return answer instanceof Response ? answer : tokenResponse(answer);
}

function anonymousToken(): TokenJson {
  return {
    token: ANONYMOUS_BEARER,
    access_token: ANONYMOUS_BEARER,
    expires_in: 3600,
    issued_at: new Date().toISOString(),
  };
}

/** Nobody asks: the Worker holds the registry's own anonymous tokens, and hands out none of them. */
function isAnonymous({ authorization, parameters }: Question): boolean {
  const [user, password] = [parameters.get("username"), parameters.get("password") ?? ""];
  // A password without a user is nobody's; an empty user with a password is a mistake that its registry judges.
  const hasUser = user !== null && user + password !== "";
  return authorization.kind === "none" && !hasUser && (parameters.get("refresh_token") ?? "") === "";
}

async function readQuestion(request: Request, url: URL): Promise<Question> {
  const header = request.headers.get("Authorization");
  const authorization = parseAuthorization(header);
  const shared = { authorization, header: authorization.kind === "none" ? undefined : (header ?? undefined) };
  if (request.method === "GET") return { ...shared, method: "GET", parameters: url.searchParams };
  if (request.method !== "POST") {
    throw new RegistryError("UNSUPPORTED", "The token service takes GET and POST.", {
      headers: { Allow: "GET, POST" },
    });
  }
  if (mediaTypeOf(request.headers.get("Content-Type")) !== "application/x-www-form-urlencoded") {
    throw new RegistryError(
      "UNSUPPORTED",
      "A token request by POST is a form (application/x-www-form-urlencoded).",
      {
        status: 400,
      },
    );
  }
  const body = await readCapped(request.body, MAX_BODY);
  if (body === undefined) {
    throw new RegistryError("SIZE_INVALID", "The token request is larger than 64 KiB.", { status: 413 });
  }
  return { ...shared, method: "POST", parameters: new URLSearchParams(new TextDecoder().decode(body)) };
}

/** On a host of one registry everything is that registry's. */
async function askOnly(
  inbound: Inbound,
  question: Question,
  scopes: readonly Scope[],
): Promise<TokenJson | Response> {
  const { config, route, trace } = inbound;
  const registry = resolveRegistry(config, route, undefined);
  const mapped = scopes.map((scope) => locate(inbound, scope)).map(({ scope }) => scope);
  trace.registry = registry.name;

  const { header, method } = question;
  if (header !== undefined && mentionsOwnBearer(header)) {
    throw unauthorized(inbound, "A token cannot be had for a token.", { error: "invalid_token" });
  }
  const parameters = passed(question.parameters);
  unwrapRefreshToken(inbound, parameters, registry);
  return ask(inbound, registry, mapped, { method, parameters, authorization: header });
}

/** On a universal host the user name says whose token service is meant (S3). */
async function askQualified(
  inbound: Inbound,
  question: Question,
  scopes: readonly Scope[],
): Promise<TokenJson | Response> {
  const located = agree(scopes.map((scope) => locate(inbound, scope)));
  const parameters = passed(question.parameters);
  const { registry, authorization } = qualify(inbound, question.authorization, parameters);

  const own = located.filter((one) => one.registry === undefined || one.registry === registry);
  const foreign = located.filter((one) => !own.includes(one));
  if (foreign.some(({ scope }) => !asksPullOnly(scope))) {
    throw new RegistryError(
      "DENIED",
      `These credentials are ${registry.name}'s, and the request is about another registry; nothing was ` +
        `sent anywhere. ${howToLogIn(inbound.config)}`,
      { status: 400 },
    );
  }
  // Clients ask with the host's one login for whatever they pull there (docker), and beside a push for what its
  // layers were pulled from (containerd, docker: a mount). To read what is public nobody's credentials are needed.
  if (foreign.length > 0 && own.length === 0) return anonymousToken();
  inbound.trace.registry = registry.name;
  parameters.delete("service");
  const answer = await ask(
    inbound,
    registry,
    own.map(({ scope }) => scope),
    { method: question.method, parameters, authorization },
  );
  return answer instanceof Response ? answer : wrap(registry, answer);
}

/** Asks the registry's token service; a registry that has none is told apart. */
async function ask(
  inbound: Inbound,
  registry: Registry,
  scopes: readonly Scope[],
  request: TokenRequest,
): Promise<TokenJson | Response> {
  const { trace } = inbound;
  const repository = scopes.find(isRepositoryScope)?.name as RepositoryName | undefined;
  trace.repository = repository;
  const learned = await learnRealm(registry, repository, trace);
  if (learned.kind === "bearer") {
    for (const scope of scopes) request.parameters.append("scope", formatScope(scope));
    return requestToken(registry, learned, request, trace);
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

function passed(parameters: URLSearchParams): URLSearchParams {
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

function tokenResponse(answer: TokenJson): Response {
  return new Response(JSON.stringify(answer), {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store, no-transform" },
  });
}
