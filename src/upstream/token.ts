// A request to a registry's token service, whose address was learned and is known to be the registry's own.

import type { Registry } from "../config/registry.ts";
import { basicChallenge, isScheme, parseChallenges } from "../distribution/challenge.ts";
import { codeOfStatus, errorResponse, RegistryError, statusForClient } from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import { isHtml } from "../distribution/media-types.ts";
import type { Trace } from "../log.ts";
import { limitHeaders } from "./headers.ts";
import { readCapped } from "../distribution/body.ts";
import { deadlineIn, send, SHORT_TIMEOUT_MS } from "./fetch.ts";
import { doubtRealm } from "./realm.ts";
import type { BearerRealm } from "./realm-question.ts";

/** What is asked, in the registry's names. */
export interface TokenRequest {
  readonly method: "GET" | "POST";
  /** Query of a GET, form of a POST. */
  readonly parameters: URLSearchParams;
  readonly authorization: string | undefined;
  /** Of what the token is for, where that has one. */
  readonly deadline?: number | undefined;
}

/** A token service's no. */
export interface TokenRefusal {
  /** As an OCI error, for the client; with what it says of its limits. */
  readonly response: Response;
  /** True of one that is no JSON object and not empty, or typed as HTML: whoever said it, it was not the token service. */
  readonly isPage: boolean;
}

/** A token service's JSON: `token`, `access_token`, `refresh_token`, `expires_in`, `issued_at` and what else it says. */
export type TokenJson = Readonly<Record<string, unknown>>;

const MAX_BODY = 64 * 1024;
/** Distribution's token specification: a token without `expires_in` is valid for 60 seconds. */
const DEFAULT_LIFETIME_S = 60;
const MAX_LIFETIME_S = 3600;

/**
 * Asks for a token. Redirects are not followed: they would carry credentials to wherever they lead.
 * @returns the token JSON, with `expires_in` if the service left it out; or its refusal
 * @throws RegistryError UNAVAILABLE when it cannot be reached, UNKNOWN with 502 for an answer that is none
 */
export async function requestToken(
  registry: Registry,
  learned: BearerRealm,
  request: TokenRequest,
  trace: Trace,
): Promise<{ readonly token: TokenJson } | { readonly refusal: TokenRefusal }> {
  const url = new URL(learned.realm);
  const parameters = new URLSearchParams(request.parameters);
  // What the registry itself named: a client may have its own from a challenge of ours that did not know it.
  const service = learned.service ?? parameters.get("service") ?? "";
  parameters.delete("service");
  if (service !== "") parameters.set("service", service);

  const headers = new Headers({ Accept: "application/json", "Accept-Encoding": "identity" });
  if (request.authorization !== undefined) headers.set("Authorization", request.authorization);
  let body: string | null = null;
  if (request.method === "POST") {
    headers.set("Content-Type", "application/x-www-form-urlencoded");
    // A query repeats the parameter; a form has one list (distribution, docs/spec/auth/oauth2).
    const scopes = parameters.getAll("scope");
    if (scopes.length > 0) parameters.set("scope", scopes.join(" "));
    body = parameters.toString();
  } else {
    for (const [name, value] of parameters) url.searchParams.append(name, value);
  }

  let response: Response;
  try {
    response = await send(
      {
        url,
        method: request.method,
        headers,
        body,
        deadline: deadlineIn(SHORT_TIMEOUT_MS, request.deadline),
      },
      trace,
    );
  } catch (error) {
    doubtRealm(registry, learned);
    throw error;
  }
  const bytes = await readCapped(response.body, MAX_BODY).catch(() => undefined);
  const json = bytes === undefined ? undefined : parseObject(new TextDecoder().decode(bytes));
  if (response.ok) {
    if (json === undefined || !hasToken(json)) throw badAnswer(registry, "answered without a token");
    if (!TOKENS.every((name) => isPrintable(json[name]))) {
      throw badAnswer(registry, "answered with a token that fits in no header");
    }
    const hasLifetime = typeof json["expires_in"] === "number";
    return { token: hasLifetime ? json : { ...json, expires_in: lifetimeOf(json) } };
  }
  if (response.status >= 300 && response.status < 400)
    throw badAnswer(registry, "redirects, which is not followed");
  if (response.status === 404 || response.status >= 500) doubtRealm(registry, learned);
  const isPage =
    isHtml(response.headers.get("Content-Type")) || (json === undefined && bytes?.byteLength !== 0);
  return { refusal: { response: refusal(registry, response, json), isPage } };
}

/** The service's status, and its words in a form that every client shows. */
function refusal(
  registry: Registry,
  response: Response,
  json: Record<string, unknown> | undefined,
): Response {
  const status = statusForClient(response.status);
  const headers = limitHeaders(response.headers);
  // A Bearer challenge of a token service would lead to itself; Basic says what it takes.
  const challenges = parseChallenges(response.headers.get("WWW-Authenticate"));
  if (challenges.some((challenge) => isScheme(challenge, "basic"))) {
    headers.set("WWW-Authenticate", basicChallenge(registry.name));
  }
  const said = ["details", "message", "error_description", "error"]
    .map((name) => json?.[name])
    .find((value) => typeof value === "string" && value !== "");
  const answer = errorResponse(
    codeOfStatus(status),
    typeof said === "string" ? said : `The token service of ${registry.name} answered ${status}.`,
    { status, headers },
  );
  if (json === undefined) return answer;
  // Older docker clients read `details`, OAuth clients `error`: what the service said stays beside the OCI error.
  const errors = Array.isArray(json["errors"]) && json["errors"].length > 0 ? json["errors"] : undefined;
  const own = {
    code: codeOfStatus(status),
    message: said ?? `The token service of ${registry.name} answered ${status}.`,
  };
  return new Response(JSON.stringify({ ...json, errors: errors ?? [own] }), {
    status,
    headers: answer.headers,
  });
}

/** A token, and for how long it is good. */
export interface Grant {
  readonly token: string;
  /** Seconds for which the service says so, and no more than an hour. */
  readonly seconds: number;
}

/** What a service's answer grants. Some fill one name, some the other, some both. */
export function grantOf({ token, access_token: accessToken, expires_in: seconds }: TokenJson): Grant {
  const text = typeof token === "string" && token !== "" ? token : String(accessToken);
  return { token: text, seconds: Math.min(Number(seconds), MAX_LIFETIME_S) };
}

const TOKENS = ["token", "access_token", "refresh_token"];

function isPrintable(token: unknown): boolean {
  return typeof token !== "string" || /^[\x20-\x7e]*$/.test(token);
}

function hasToken(json: Record<string, unknown>): boolean {
  return ["token", "access_token"].some((name) => typeof json[name] === "string" && json[name] !== "");
}

/** Seconds that a token is good for, from its own `exp` where it is a JWT. Clients keep one without a figure too long. */
function lifetimeOf(json: Record<string, unknown>): number {
  const token = json["token"] ?? json["access_token"];
  const payload = typeof token === "string" ? token.split(".")[1] : undefined;
  if (payload === undefined) return DEFAULT_LIFETIME_S;
  try {
    const claims = parseObject(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    const exp = claims?.["exp"];
    if (typeof exp !== "number") return DEFAULT_LIFETIME_S;
    return Math.max(1, Math.min(MAX_LIFETIME_S, Math.floor(exp - Date.now() / 1000)));
  } catch {
    return DEFAULT_LIFETIME_S;
  }
}

function badAnswer(registry: Registry, why: string): RegistryError {
  const problem = `token service of ${registry.name} ${why}`;
  return new RegistryError("UNKNOWN", `The ${problem}.`, { status: 502, problem });
}
