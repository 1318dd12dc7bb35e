// The hosts that exist for sure, as far as the configuration tells and somebody may hear of them.

import type { Shown } from "../access/shown.ts";
import type { Config } from "../config/config.ts";
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
 * @param shown what the visitor may hear of
 */
export function knownHosts(config: Config, { rows, registries }: Shown): KnownHost[] {
  // A stranger hears of no registry, and so of no host either, not of those of HOSTS (S16).
  if (registries.length === 0) return [];
  const names = rows.filter(({ isFullName }) => isFullName).map(({ key }) => key);
  return [...new Set([...names, ...config.hosts])].flatMap((name): KnownHost[] => {
    const route = findRoute(config, name);
    if (route === undefined || isKeyRoute(route)) return [];
    return route.kind === "universal" || registries.includes(route.registry) ? [{ name, route }] : [];
  });
}
