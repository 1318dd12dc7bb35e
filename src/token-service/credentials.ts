// Credentials of token requests on hosts of every registry: each belongs to one registry, and reaches no other (S3).

import { formatBasic, type Authorization } from "../distribution/authorization.ts";
import { ANONYMOUS_BEARER, readToken, wrapToken } from "../access/bearer.ts";
import { unauthorized } from "../access/challenge.ts";
import { howToLogIn, qualifyLogin, qualifyUser, type QualifiedUser } from "../access/login-names.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Inbound } from "../routing/inbound.ts";
import { serviceOf } from "../upstream/realm.ts";
import type { TokenJson } from "../upstream/token.ts";

/** Whose token service is asked, and with which Basic credentials. */
interface Qualified {
  readonly registry: Registry;
  readonly authorization: string | undefined;
  /** True of a user name without its registry, which is Docker Hub's then. */
  readonly isPlain: boolean;
}

/**
 * Of two users, passwords or refresh tokens one could decide where the other goes; and an empty user is nobody, whose
 * password is somebody's (S3).
 * @throws RegistryError DENIED with 400
 */
export function requireOneUser(parameters: URLSearchParams): void {
  const repeated = ["username", "password", "refresh_token"].find(
    (name) => parameters.getAll(name).length > 1,
  );
  if (repeated === undefined && parameters.get("username") !== "") return;
  const what = repeated === undefined ? "an empty username" : `more than one ${repeated}`;
  throw new RegistryError("DENIED", `The token request has ${what}; nothing was sent anywhere.`, {
    status: 400,
  });
}

/**
 * Whose credentials a request on a universal host carries.
 * @param parameters rewritten for that registry: users without its name, a refresh token without its wrapping
 * @throws RegistryError DENIED (400) for users of two registries, UNAUTHORIZED for what is not a user and password
 */
export function qualify(inbound: Inbound, presented: Authorization, parameters: URLSearchParams): Qualified {
  const found: Registry[] = [];
  /** Users under the name that the client knows, which may be one that was divided at its port. */
  const users = new Map<string, QualifiedUser>();
  let authorization: string | undefined;

  if (presented.kind === "basic") {
    const login = qualifyLogin(inbound, presented.user, presented.password);
    found.push(login.registry);
    users.set(presented.user, login);
    authorization = formatBasic(login.user, login.password);
  } else if (presented.kind !== "none") {
    throw invalidToken(inbound, "The token service takes a user name and a password.");
  }
  const username = parameters.get("username");
  const password = parameters.get("password");
  if (username !== null) {
    const login = qualifyLogin(inbound, username, password ?? "");
    found.push(login.registry);
    users.set(username, login);
    parameters.set("username", login.user);
    if (password !== null) parameters.set("password", login.password);
  } else {
    // A password without its user is nobody's.
    parameters.delete("password");
  }
  const refreshed = unwrapRefreshToken(inbound, parameters, undefined);
  if (refreshed !== undefined) found.push(refreshed);
  const [registry] = found;
  if (registry === undefined)
    throw new Error("A question without credentials is nobody's, and answered before.");
  const account = parameters.get("account");
  if (account !== null) {
    const named = users.get(account) ?? qualifyUser(inbound, account);
    found.push(named.registry);
    parameters.set("account", named.user);
  }
  if (found.some((other) => other !== registry)) {
    throw new RegistryError("DENIED", `One request has users of two registries. ${howToLogIn(inbound)}`, {
      status: 400,
    });
  }
  return { registry, authorization, isPlain: [...users].some(([said, { user }]) => said === user) };
}

/**
 * A refresh token that was handed out under a registry's name goes to that registry only (S3).
 * @param only the registry of this host; undefined on a universal one, where every refresh token must name its own
 * @returns the registry that it is of, if it names one
 */
export function unwrapRefreshToken(
  inbound: Inbound,
  parameters: URLSearchParams,
  only: Registry | undefined,
): Registry | undefined {
  const refresh = parameters.get("refresh_token");
  if (refresh === null) return undefined;
  const token = readToken(refresh);
  if (token.kind === "foreign" && only !== undefined) return undefined;
  const registry = token.kind === "registry" ? inbound.config.registries.get(token.registry) : undefined;
  if (token.kind !== "registry" || registry === undefined || registry !== (only ?? registry)) {
    throw invalidToken(inbound, "This refresh token is not one of this host. Log in again.");
  }
  parameters.set("refresh_token", token.token);
  return registry;
}

/** The refusal of what is presented at the token service, and is not a login. */
export function invalidToken(inbound: Inbound, message: string): RegistryError {
  return unauthorized(inbound, message, { service: serviceOf(inbound), error: "invalid_token" });
}

/** The answer with its tokens under the name of their registry, so that they can go to no other. */
export function wrap(registry: Registry, answer: TokenJson): TokenJson {
  const wrapped: Record<string, unknown> = { ...answer };
  for (const name of ["token", "access_token", "refresh_token"]) {
    const token = wrapped[name];
    if (typeof token !== "string" || token === "") continue;
    if (token !== ANONYMOUS_BEARER) wrapped[name] = wrapToken(registry.name, token);
  }
  return wrapped;
}
