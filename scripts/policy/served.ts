// What a policy rewrites: the registries of the routes table, and what stands before their repositories on a universal host.

import type { Config } from "../../src/config/config.ts";
import { DOCKER_HUB, parseRepositoryName } from "../../src/distribution/reference.ts";

/**
 * What is written in the place of a name's registry, by the registry with its slash (`ghcr.io/`); the empty text is that of
 * names without one. Rows that let in by their label are no registries, and in no policy.
 * @param host a universal host, with its port where it has one
 */
export function prefixesOn(host: string, { registries }: Config): ReadonlyMap<string, string> {
  const prefixes = [...registries]
    // A registry with a port is reached by `ns=` only: a path has no colon.
    .filter(([, { name }]) => parseRepositoryName(name) !== undefined)
    .map(
      ([written, { name }]) =>
        [`${written}/`, name === DOCKER_HUB ? `${host}/` : `${host}/${name}/`] as const,
    );
  const hub = registries.get(DOCKER_HUB);
  return new Map<string, string>([...(hub === undefined ? [] : [["", `${host}/`] as const]), ...prefixes]);
}
