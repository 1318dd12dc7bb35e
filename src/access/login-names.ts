// On a universal host credentials belong to one registry, and the user name says to which (S3).

import { DOCKER_HUB } from "../distribution/reference.ts";
import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import type { Authorization } from "../distribution/authorization.ts";
import { readToken } from "./bearer.ts";
import { mayBeShown, type Audience } from "./shown.ts";

/** A user of one registry. */
export interface QualifiedUser {
  readonly registry: Registry;
  /** The name that the registry knows. */
  readonly user: string;
}

/**
 * Reads `ghcr.io/alice` as alice of ghcr.io, and a plain name as a user of Docker Hub.
 * @throws RegistryError DENIED with 400 for a registry that is not served here
 */
export function qualifyUser(audience: Audience, name: string): QualifiedUser {
  const { registries } = audience.config;
  const slash = name.indexOf("/");
  const first = (slash === -1 ? name : name.slice(0, slash)).toLowerCase();
  const registry = registries.get(first);
  if (registry !== undefined && slash !== -1) return { registry, user: name.slice(slash + 1) };
  if (registry !== undefined) throw refusal(audience, "The user name is a registry's name and no more");
  // A plain name may be an address for mail, which has dots.
  if (slash === -1 ? /:\d{1,5}$/.test(name) : /[.:]/.test(first)) {
    throw refusal(audience, "The user name begins with a registry that is not served here");
  }
  if (beginsLikeHost(name)) {
    const why = `The user name begins like a registry's, and no user of ${DOCKER_HUB} has a dot`;
    throw refusal(audience, `${why}: write the registry's name, a slash, and the user`);
  }
  const hub = registries.get(DOCKER_HUB);
  if (hub === undefined) {
    throw new RegistryError(
      "DENIED",
      `Say in the user name which registry it is of. ${howToLogIn(audience)}`,
      {
        status: 400,
      },
    );
  }
  return { registry: hub, user: name };
}

function refusal(audience: Audience, why: string): RegistryError {
  return new RegistryError("DENIED", `${why}; nothing was sent anywhere. ${howToLogIn(audience)}`, {
    status: 400,
  });
}

/**
 * True of `ghcr.io.`, `ghcr.io\alice` and `ghcr.io%2falice`: whose they are is not for us to guess. Users of Docker Hub
 * have letters and digits, or are addresses for mail, which may have a dot before their at sign.
 */
function beginsLikeHost(name: string): boolean {
  const plain = name.replace(/%2f|%5c|\\/gi, "/").replace(/%2e|[\u3002\uff0e\uff61]/gi, ".");
  const [first = ""] = plain.replace(/^[\s/]+/, "").split("/");
  return first.includes(".") && !first.includes("@");
}

/** A user of one registry, with a password. */
export interface QualifiedLogin extends QualifiedUser {
  readonly password: string;
}

/** What is left of `harbor.example:8443/alice:secret` where the user ends at the first colon. */
const PORT = /^(\d{1,5})(?:\/([^:]*))?:(.*)$/s;

/**
 * Reads a user and a password, which Basic divides at the first colon (RFC 7617), and so do clients that keep them as
 * one text: a registry with a port has its port in the password then. The name is put together again before it is
 * looked up.
 * @throws RegistryError DENIED with 400 for a registry that is not served here
 */
export function qualifyLogin(audience: Audience, user: string, password: string): QualifiedLogin {
  const [, port = "", name, rest = ""] = PORT.exec(password) ?? [];
  const authority = `${user}:${port}`;
  const isRegistry = audience.config.registries.has(authority.toLowerCase());
  if (port === "" || !(isRegistry || isHostName(user))) return { ...qualifyUser(audience, user), password };
  const whole = name === undefined ? authority : `${authority}/${name}`;
  return { ...qualifyUser(audience, whole), password: rest };
}

/** No user of Docker Hub is called like that. */
function isHostName(user: string): boolean {
  return /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.test(user);
}

/**
 * The registry that what a client presents belongs to, where its path names none (`/v2/` on a universal host).
 * Undefined for what says nothing of a registry.
 * @throws RegistryError DENIED with 400 for a user name that begins with a registry that is not served here
 */
export function registryOf(audience: Audience, authorization: Authorization): Registry | undefined {
  if (authorization.kind === "basic") {
    return qualifyLogin(audience, authorization.user, authorization.password).registry;
  }
  if (authorization.kind !== "bearer") return undefined;
  const token = readToken(authorization.token);
  return token.kind === "registry" ? audience.config.registries.get(token.registry) : undefined;
}

/** The sentence that every refusal of credentials ends with. */
export function howToLogIn(audience: Audience): string {
  const other = anotherRegistry(audience);
  const example = other === undefined ? "" : `, as ${other}/alice for alice of ${other}`;
  return `On this host a user name begins with its registry${example}; a plain name is Docker Hub's.`;
}

/** What a plain user name was, whose password Docker Hub refused. */
export function plainLoginHint(audience: Audience): string {
  const other = anotherRegistry(audience);
  const advice = other === undefined ? "" : `; for ${other} log in as ${other}/alice`;
  return `the user name was taken as a login to Docker Hub${advice}`;
}

function anotherRegistry(audience: Audience): string | undefined {
  return mayBeShown(audience).registries.find(({ name }) => name !== DOCKER_HUB)?.name;
}
