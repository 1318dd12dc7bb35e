// The registries of the routes table, and the rows that lead to them.

/** One registry of the table, whatever the number of rows that lead to it. */
export interface Registry {
  /** Its name in prefixes, `ns=` and scopes, e.g. `docker.io`. */
  readonly name: string;
  /** Other names for it. */
  readonly aliases: readonly string[];
  /** Origin it is fetched from, e.g. `https://registry-1.docker.io`. */
  readonly upstream: string;
  /** Origins whose token services may get credentials, beside the upstream's own. */
  readonly realms: readonly string[];
  /** Origins of read-only stand-ins, in order. */
  readonly mirrors: readonly string[];
  /** Complete one-part names with `library/`. */
  readonly library: boolean;
  /** Origin of its search; undefined where it has none. */
  readonly search: string | undefined;
  /** Origins that its upload `Location` may name, beside its own. */
  readonly uploadHosts: readonly string[];
  /** Paths below which its uploads go on, beside the usual one; each begins and ends with a slash. */
  readonly uploadPaths: readonly string[];
  /** False where nothing of it is to be kept. */
  readonly store: boolean;
}

/** A row that lets in whoever knows its label (S16), to all registries of the table. */
export interface KeyRoute {
  readonly kind: "universal";
  readonly key: true;
  /** Its number in the table, which stands for its label wherever somebody may see it. */
  readonly row: number;
}

/** Where a host leads: to one registry, or to all of the table. */
export type Route =
  | { readonly kind: "registry"; readonly registry: Registry }
  | { readonly kind: "universal"; readonly key?: never }
  | KeyRoute;

/** The routes table, understood. */
export interface RoutesTable {
  /** The table's keys in lower case: labels, and (with a dot) full host names. */
  readonly routes: ReadonlyMap<string, Route>;
  /** The registries under each of their names and aliases. */
  readonly registries: ReadonlyMap<string, Registry>;
}

/** True of the host of a row that lets in by its label, which is a secret. */
export function isKeyRoute(route: Route | undefined): route is KeyRoute {
  return route?.kind === "universal" && route.key === true;
}
