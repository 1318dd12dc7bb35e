// The public lane's way out: requests of our own, with our own anonymous tokens. No function here has a parameter
// through which a client's credentials could pass (S7), and only what is made here can be stored.

import type { Registry } from "../config/config.ts";
import { isScheme, parseChallenges } from "../distribution/challenge.ts";
import { codeOfStatus, RegistryError } from "../distribution/errors.ts";
import type { RepositoryName } from "../distribution/reference.ts";
import type { Trace } from "../log.ts";
import { LONG_TIMEOUT_MS, discardBody } from "./fetch.ts";
import { limitHeaders } from "./headers.ts";
import { learnRealm, type Learned } from "./realm.ts";
import { sendFollowing, type Followed } from "./redirects.ts";
import { requestToken, type TokenJson } from "./token.ts";

/** What of a client's request may travel on: what it accepts, which part, and on what condition. */
export interface Conditions {
  readonly accept?: string | undefined;
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
}

/** A request without anybody's credentials. */
export interface PublicRequest {
  readonly registry: Registry;
  /** Undefined for the catalog. */
  readonly repository: RepositoryName | undefined;
  /** In the registry's names. */
  readonly path: string;
  /** With its question mark, or empty. */
  readonly search?: string;
  readonly method: "GET" | "HEAD";
  readonly conditions: Conditions;
  /** Milliseconds until response headers must be here. */
  readonly timeoutMs?: number;
}

/** Where anonymous tokens are kept between requests. */
export interface TokenMemory {
  get(name: string): Promise<string | undefined>;
  /** @param seconds for which the token may be used */
  set(name: string, token: string, seconds: number): void;
  /** @param token the one that was refused */
  forget(name: string, token: string): void;
}

/** What every request of this lane needs beside its own parameters. */
export interface PublicContext {
  readonly tokens: TokenMemory;
  readonly trace: Trace;
  readonly isOurs: (hostname: string) => boolean;
}

/**
 * An answer to a request that carried no client's credentials. The store takes nothing else, and nothing but
 * `PublicResponse.fetch` makes one: the constructor is private, and the private field makes the type nominal.
 */
export class PublicResponse {
  readonly followed: Followed;
  /** When the request was begun, in milliseconds since the epoch. */
  readonly askedAt: number;
  readonly method: "GET" | "HEAD";
  readonly #anonymous = true;

  private constructor(followed: Followed, askedAt: number, method: "GET" | "HEAD") {
    this.followed = followed;
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

  /** True if the registry itself refused, on a fresh anonymous token: nobody may read this without credentials. */
  get denied(): boolean {
    return isRefusal(this.followed, 401, 403);
  }

  /** True if nothing is proved: too many requests, or a registry or CDN in trouble. */
  get failing(): boolean {
    const { status } = this.followed.response;
    return status === 429 || status === 408 || status >= 500 || (this.followed.elsewhere && status >= 400);
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

async function answerOf(request: PublicRequest, context: PublicContext): Promise<Followed> {
  const name = tokenName(request);
  let learned = await learnRealm(request.registry, undefined, context.trace);
  const kept = learned.kind === "bearer" ? await context.tokens.get(name) : undefined;
  let token = kept ?? (await freshToken(request, learned, name, context));
  if (token === DENIED) return deniedByTokenService(request);

  let followed = await ask(request, token, context);
  if (learned.kind === "open" && isRefusal(followed, 401)) {
    // `/v2/` challenges nobody, this repository does.
    learned = await learnRealm(request.registry, request.repository, context.trace);
    if (learned.kind === "bearer") {
      await discardBody(followed.response);
      token = await freshToken(request, learned, name, context);
      if (token === DENIED) return deniedByTokenService(request);
      followed = await ask(request, token, context);
    }
  }
  if (kept !== undefined && isRefusal(followed, 401, 403)) {
    // The kept token may have ended; only a fresh one proves anything.
    await discardBody(followed.response);
    context.tokens.forget(name, kept);
    token = await freshToken(request, learned, name, context);
    if (token === DENIED) return deniedByTokenService(request);
    followed = await ask(request, token, context);
  }
  if (followed.elsewhere && followed.response.status === 401) return askElsewhere(request, followed, context);
  return followed;
}

/** True if the registry itself, and not where it led to, answered with one of these. */
function isRefusal({ response, elsewhere }: Followed, ...statuses: readonly number[]): boolean {
  return !elsewhere && statuses.includes(response.status);
}

const DENIED = Symbol("denied");

function tokenName(request: PublicRequest): string {
  return `${request.registry.upstream} ${scopeOf(request)}`;
}

function scopeOf(request: PublicRequest): string {
  return request.repository === undefined ? "registry:catalog:*" : `repository:${request.repository}:pull`;
}

/** A new anonymous token; undefined where the registry wants none; `DENIED` where anonymity is refused one. */
async function freshToken(
  request: PublicRequest,
  learned: Learned,
  name: string,
  context: PublicContext,
): Promise<string | undefined | typeof DENIED> {
  if (learned.kind !== "bearer") return undefined;
  const parameters = new URLSearchParams({ scope: scopeOf(request) });
  const answer = await requestToken(
    request.registry,
    learned,
    { method: "GET", parameters, authorization: undefined },
    context.trace,
  );
  if (answer instanceof Response) {
    if (answer.status === 401 || answer.status === 403) return DENIED;
    throw await errorOf(request.registry, answer);
  }
  const token = tokenOf(answer);
  const seconds = Math.min(Number(answer["expires_in"]), 3600);
  context.tokens.set(name, token, seconds * 0.9);
  return token;
}

/** The token service's own 429 or 5xx, with what it says about its limits. */
async function errorOf(registry: Registry, answer: Response): Promise<RegistryError> {
  await discardBody(answer);
  return new RegistryError(
    codeOfStatus(answer.status),
    `The token service of ${registry.name} answered ${answer.status}. Try again later.`,
    { status: answer.status, headers: limitHeaders(answer.headers) },
  );
}

/** Some services fill one name, some the other, some both. */
function tokenOf(answer: TokenJson): string {
  const { token, access_token: accessToken } = answer;
  return typeof token === "string" && token !== "" ? token : String(accessToken);
}

function deniedByTokenService(request: PublicRequest): Followed {
  const url = new URL(request.path, request.registry.upstream);
  const response = new Response(null, { status: 401 });
  return { response, registryHeaders: response.headers, url, elsewhere: false, redirected: false };
}

async function ask(
  request: PublicRequest,
  token: string | undefined,
  context: PublicContext,
): Promise<Followed> {
  const headers = headersOf(request.conditions);
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  const outgoing = {
    url: new URL(request.path + (request.search ?? ""), request.registry.upstream),
    method: request.method,
    headers,
    deadline: Date.now() + (request.timeoutMs ?? LONG_TIMEOUT_MS),
  };
  return sendFollowing(outgoing, context.isOurs, context.trace);
}

/**
 * registry.k8s.io leads to registries of other origins, which may want a token of their own: one is asked, at a token
 * service of that same origin and nowhere else (S5).
 */
async function askElsewhere(
  request: PublicRequest,
  followed: Followed,
  context: PublicContext,
): Promise<Followed> {
  const challenges = parseChallenges(followed.response.headers.get("WWW-Authenticate"));
  const parameters = challenges.find((challenge) => isScheme(challenge, "bearer"))?.parameters;
  const realm = parameters?.get("realm") ?? "";
  // The answer stays a 401 of another origin, which becomes a 502 that names the hop.
  if (parameters === undefined || !isOwnRealm(realm, followed.url)) return followed;

  const target: Registry = {
    ...request.registry,
    name: followed.url.host,
    upstream: followed.url.origin,
    realms: [],
  };
  const learned = {
    kind: "bearer",
    realm: new URL(realm),
    service: parameters.get("service") || undefined,
  } as const;
  const query = new URLSearchParams();
  const scope = parameters.get("scope") ?? "";
  if (scope !== "") query.set("scope", scope);
  const answer = await requestToken(
    target,
    learned,
    { method: "GET", parameters: query, authorization: undefined },
    context.trace,
  );
  if (answer instanceof Response) {
    if (answer.status === 401 || answer.status === 403) return followed;
    throw await errorOf(target, answer);
  }
  await discardBody(followed.response);
  const headers = headersOf(request.conditions);
  headers.set("Authorization", `Bearer ${tokenOf(answer)}`);
  const outgoing = {
    url: followed.url,
    method: request.method,
    headers,
    deadline: Date.now() + LONG_TIMEOUT_MS,
  };
  const again = await sendFollowing(outgoing, context.isOurs, context.trace);
  return { ...again, registryHeaders: followed.registryHeaders, elsewhere: true, redirected: true };
}

function isOwnRealm(realm: string, target: URL): boolean {
  if (!URL.canParse(realm)) return false;
  const { origin, username, password } = new URL(realm);
  return origin === target.origin && username === "" && password === "";
}

function headersOf(conditions: Conditions): Headers {
  const headers = new Headers({ "Accept-Encoding": "identity", "User-Agent": "registry-ferry" });
  if (conditions.accept !== undefined) headers.set("Accept", conditions.accept);
  if (conditions.range !== undefined) headers.set("Range", conditions.range);
  if (conditions.ifRange !== undefined) headers.set("If-Range", conditions.ifRange);
  return headers;
}
