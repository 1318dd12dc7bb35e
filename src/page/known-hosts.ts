// The hosts that exist for sure, as far as the configuration tells and somebody may hear of them.

import { mayBeShown, type Audience } from "../access/shown.ts";
import { isKeyRoute, type Route } from "../config/registry.ts";
import { findRoute } from "../routing/hosts.ts";

export interface KnownHost {
  /** In lower case, without a port. */
  readonly name: string;
  readonly route: Route;
}

/**
 * Full names of the table, and those of `HOSTS` that the table serves. A label alone is no address: nobody knows whether it was
 * ever set up, and on which domain.
 */
export function knownHosts(audience: Audience): KnownHost[] {
  const { rows, registries } = mayBeShown(audience);
  // A stranger hears of no registry, and so of no host either, not of those of HOSTS (S16).
  if (registries.length === 0) return [];
  const { config } = audience;
  const names = rows.filter(({ isFullName }) => isFullName).map(({ key }) => key);
  return [...new Set([...names, ...config.hosts])].flatMap((name): KnownHost[] => {
    const route = findRoute(config, name);
    if (route === undefined || isKeyRoute(route)) return [];
    return route.kind === "universal" || registries.includes(route.registry) ? [{ name, route }] : [];
  });
}
