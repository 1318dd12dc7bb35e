// What a token request asks, before anything is decided; and the form of an answer.

import type { Visitor } from "../access/admission.ts";
import { ANONYMOUS_BEARER } from "../access/bearer.ts";
import type { BareRequest } from "../access/caller.ts";
import { refuseBearerIn } from "../access/hidden-bearers.ts";
import { readCapped } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { mediaTypeOf } from "../distribution/media-types.ts";
import { parseScopes } from "../distribution/scope.ts";
import type { Inbound } from "../routing/inbound.ts";
import { serviceOf } from "../upstream/realm.ts";
import type { TokenJson } from "../upstream/token.ts";
import { requireOneUser } from "./credentials.ts";
import { locate, type Located } from "./scopes.ts";

const MAX_BODY = 64 * 1024;
const MAX_SCOPES = 64;

/** What a client asks for, before anything is decided. */
export interface Question {
  readonly method: "GET" | "POST";
  readonly parameters: URLSearchParams;
  /** The scopes in the registries' names: all that a token request names, for rules about names (S8). */
  readonly scopes: readonly Located[];
  /** True where it names a registry that is not served here: that scope is in nobody's token. */
  readonly isElsewhere: boolean;
}

/** A token request before its names are judged. */
export type Form = Pick<Question, "method" | "parameters">;

/**
 * Reads a token request.
 * @throws RegistryError for what is no token request, or has two users
 */
export async function readParameters(inbound: Inbound<Visitor>): Promise<Form> {
  const method = methodOf(inbound.request);
  const parameters = method === "GET" ? inbound.url.searchParams : await readForm(inbound.request);
  refuseBearerIn(inbound, parameters, serviceOf(inbound));
  requireOneUser(parameters);
  return { method, parameters };
}

/**
 * Reads what a token request names. Of somebody who may ask: what is said of a name tells whose host this is (S16).
 * @throws RegistryError for what is no name: a client hears of its mistake where it made it
 */
export function readNames(inbound: Inbound<Visitor>, { method, parameters }: Form): Question {
  const scopes = parameters.getAll("scope").flatMap(parseScopes);
  if (scopes.length > MAX_SCOPES) {
    throw new RegistryError("UNSUPPORTED", `One token request may have ${MAX_SCOPES} scopes.`, {
      status: 400,
    });
  }
  const located = scopes.map((scope) => locate(inbound, scope)).filter((one) => one !== undefined);
  return { method, parameters, scopes: located, isElsewhere: located.length < scopes.length };
}

function methodOf({ method }: BareRequest): "GET" | "POST" {
  if (method === "GET" || method === "POST") return method;
  throw new RegistryError("UNSUPPORTED", "The token service takes GET and POST.", {
    headers: { Allow: "GET, POST" },
  });
}

async function readForm({ body, headers }: BareRequest): Promise<URLSearchParams> {
  if (mediaTypeOf(headers.get("Content-Type")) !== "application/x-www-form-urlencoded") {
    throw new RegistryError(
      "UNSUPPORTED",
      "A token request by POST is a form (application/x-www-form-urlencoded).",
      { status: 400 },
    );
  }
  const bytes = await readCapped(body, MAX_BODY);
  if (bytes === undefined) {
    throw new RegistryError("SIZE_INVALID", "The token request is larger than 64 KiB.", { status: 413 });
  }
  return new URLSearchParams(new TextDecoder().decode(bytes));
}

/** The answer with a token. */
export function tokenResponse(answer: TokenJson): Response {
  return new Response(JSON.stringify(answer), {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store, no-transform" },
  });
}

/** A bearer that is nobody's. */
export function anonymousToken(bearer = ANONYMOUS_BEARER): TokenJson {
  return {
    token: bearer,
    access_token: bearer,
    expires_in: 3600,
    issued_at: new Date().toISOString(),
  };
}
