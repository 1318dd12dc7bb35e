// Who may use this proxy: decided before anything is said about registries and lanes (S2).

import type { Config } from "../config/config.ts";
import { isKeyRoute } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { isWithin } from "../distribution/ip.ts";
import { callerAddress } from "./addresses.ts";
import { brake } from "./brake.ts";
import type { Presented } from "./caller.ts";
import { unauthorized, type Front } from "./challenge.ts";
import { noteLogin, refuseGuessing } from "./failed-logins.ts";
import { checkPassword, userOfToken } from "./users.ts";

/**
 * Somebody whom an open proxy serves like everybody else. What they present is theirs and a registry's: the client
 * lane passes it on, and takes no other kind of caller.
 */
export interface OpenCaller {
  readonly kind: "open";
  readonly presented: Presented;
}

/**
 * Somebody whom a closed proxy let in. What they presented was for this proxy or for nobody: it is not here any more, and so
 * it goes nowhere.
 */
export interface Guest {
  readonly kind: "guest";
  /** By a password just now, by a token that was had for one, by their address, or by the host of a key row. */
  readonly by: "address" | "key" | "password" | "token";
  /** A name of `ACCESS_USERS`, of somebody who proved that it is theirs. */
  readonly user: string | undefined;
}

/** Somebody whom a closed proxy did not let in. */
export interface Stranger {
  readonly kind: "stranger";
  readonly refusal: RegistryError;
}

/** Who was let in, and as what. */
export type Caller = Guest | OpenCaller;

/** Whoever came. */
export type Visitor = Caller | Stranger;

/** A request at the door, as far as it is looked at there. */
export interface Arrival extends Omit<Front, "route"> {
  /** Undefined where no row has this host. */
  readonly route: Front["route"] | undefined;
  readonly headers: Headers;
  readonly presented: Presented;
}

/**
 * Lets somebody in, or does not. Who is admitted by address or key is asked for no login, and one that comes along is
 * dropped unread: docker sends its login to Docker Hub to each of its mirrors. Only a name of ours is judged wherever it
 * comes from.
 * @throws RegistryError TOOMANYREQUESTS where too many logins from there have failed
 */
export async function admit(arrival: Arrival, config: Config): Promise<Visitor> {
  const { headers, host, presented } = arrival;
  const { access } = config;
  if (!access.isClosed) return { kind: "open", presented };
  const place = admittedPlace(arrival, config);
  const { authorization } = presented;
  if (authorization.kind === "basic" && isLogin(authorization.user, place, config)) {
    const { user, password } = authorization;
    const known = await logIn(config, { user, password }, place === undefined ? headers : undefined);
    return known === undefined
      ? stranger(arrival, config, WRONG)
      : { kind: "guest", by: "password", user: known };
  }
  const token = authorization.kind === "bearer" ? authorization.token : undefined;
  const user = token === undefined ? undefined : await userOfToken(access, token, "access", host.authority);
  if (user !== undefined) return { kind: "guest", by: "token", user };
  if (place !== undefined) return { kind: "guest", by: place, user: undefined };
  return stranger(arrival, config, authorization.kind === "bearer" ? ENDED : undefined);
}

/** True of a name and password to be judged here: any from a stranger, else only one of ours. */
function isLogin(user: string, place: string | undefined, { access }: Config): boolean {
  return access.users.has(user) || (place === undefined && access.users.size > 0);
}

/** What a closed proxy says of a login that is not right; of which half, nobody hears. */
export const WRONG = "The user name or the password is not right.";
const ENDED = "This token is not one of this host's, or it has ended.";

/** By what a request is admitted, whoever sends it: its host or its address (S14, S16). */
function admittedPlace({ headers, route }: Arrival, { access }: Config): "address" | "key" | undefined {
  if (isKeyRoute(route)) return "key";
  const address = callerAddress(headers);
  const isListed = address !== undefined && access.networks.some((network) => isWithin(address, network));
  return isListed ? "address" : undefined;
}

/**
 * Checks a user's password.
 * @param headers of a caller who could be guessing; undefined for one who is admitted otherwise (S13)
 * @returns the user's name; undefined for a login that is not right
 * @throws RegistryError TOOMANYREQUESTS where too many logins from there have failed
 */
export async function logIn(
  config: Config,
  { user, password }: { readonly user: string; readonly password: string },
  headers: Headers | undefined,
): Promise<string | undefined> {
  const { access } = config;
  if (headers !== undefined) refuseGuessing(headers);
  const known = await checkPassword(access, user, password);
  if (headers === undefined) return known;
  noteLogin(headers, known !== undefined);
  if (known !== undefined) return known;
  await brake({ config, headers, user: undefined });
  return undefined;
}

/** The name that a visitor proved to have. */
export function userOf(visitor: Visitor): string | undefined {
  return visitor.kind === "guest" ? visitor.user : undefined;
}

function stranger(arrival: Arrival, config: Config, why?: string): Stranger {
  return { kind: "stranger", refusal: refusalOf(arrival, config, why) };
}

/**
 * What somebody hears who is not let in: nothing of what the proxy has.
 * @param why what was wrong with what they presented
 */
export function refusalOf(
  { host, presented, route, url }: Omit<Arrival, "headers">,
  { access }: Config,
  why = "This registry proxy is for people whom its owner named.",
): RegistryError {
  if (access.users.size === 0) {
    return new RegistryError(
      "DENIED",
      "This registry proxy is for networks and hosts that its owner named, and this request is from none of them.",
    );
  }
  // What a challenge of it would say, the advice would (S16).
  if (isKeyRoute(route)) return new RegistryError("UNAUTHORIZED", why);
  const front = { host, url, route: route ?? { kind: "universal" } } as const;
  return unauthorized(front, `${why} Log in first: docker login ${host.authority}`, {
    service: host.authority,
    error: presented.authorization.kind === "bearer" ? "invalid_token" : undefined,
  });
}
