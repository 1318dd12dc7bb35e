// On a universal host credentials belong to one registry, and the user name says to which (S3).

import type { Registry } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { DOCKER_HUB } from "../registries.ts";
import type { Authorization } from "../distribution/authorization.ts";
import { readToken } from "./bearer.ts";
import { mayBeShown, type Audience } from "./shown.ts";

/** A user of one registry. */
interface QualifiedUser {
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
  const first = slash === -1 ? "" : name.slice(0, slash).toLowerCase();
  const registry = registries.get(first);
  if (registry !== undefined) return { registry, user: name.slice(slash + 1) };
  if (/[.:]/.test(first)) {
    throw new RegistryError(
      "DENIED",
      "The user name begins with a registry that is not served here; nothing was sent anywhere. " +
        howToLogIn(audience),
      { status: 400 },
    );
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

/**
 * The registry that what a client presents belongs to, where its path names none (`/v2/` on a universal host).
 * Undefined for what says nothing of a registry.
 * @throws RegistryError DENIED with 400 for a user name that begins with a registry that is not served here
 */
export function registryOf(audience: Audience, authorization: Authorization): Registry | undefined {
  if (authorization.kind === "basic") return qualifyUser(audience, authorization.user).registry;
  if (authorization.kind !== "bearer") return undefined;
  const token = readToken(authorization.token);
  return token.kind === "registry" ? audience.config.registries.get(token.registry) : undefined;
}

/** The sentence that every refusal of credentials ends with. */
export function howToLogIn(audience: Audience): string {
  const other = mayBeShown(audience).registries.find(({ name }) => name !== DOCKER_HUB)?.name;
  const example = other === undefined ? "" : `, as ${other}/alice for alice of ${other}`;
  return `On this host a user name begins with its registry${example}; a plain name is Docker Hub's.`;
}
