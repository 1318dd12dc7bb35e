// What may be shown: the only place that enumerates the routes table for anybody's eyes.

import type { Config } from "../config/config.ts";
import { isKeyRoute, type Registry, type Route } from "../config/registry.ts";
import { knownRegistry } from "../registries.ts";
import type { Visitor } from "./admission.ts";

/** A row of the table that may be named. */
export interface ShownRow {
  /** A label, or a full host name. */
  readonly key: string;
  /** True where the key is a whole host name: then no domain is needed to make an address of it. */
  readonly isFullName: boolean;
  readonly route: Route;
}

/** A row that lets in whoever knows its label, as far as its owner may see it (S16). */
export interface ShownKeyRow {
  /** Its number in the table. */
  readonly row: number;
  readonly characters: number;
}

export interface Shown {
  /** Without those that let in by their label, which nobody is told. */
  readonly rows: readonly ShownRow[];
  /** Each once, in the table's order. */
  readonly registries: readonly Registry[];
  /** For the owner only. */
  readonly keyRows: readonly ShownKeyRow[];
}

/** Who looks: a caller, or the owner at the configuration on a machine of their own. */
export type Viewer = Visitor | { readonly kind: "owner" };

/** Somebody, and the configuration that they ask about. */
export interface Audience {
  readonly config: Config;
  readonly caller: Viewer;
}

const NOTHING: Shown = { rows: [], registries: [], keyRows: [] };

/**
 * The hosts and registries that a page, a refusal or a report may name to somebody: in a closed proxy all to who was let in,
 * and nothing to a stranger, to whom a registry's name is a host's as well. In an open one, where nobody was let in, those
 * that everybody knows: a registry of the owner's is found by who knows its host.
 */
export function mayBeShown({ config, caller }: Audience): Shown {
  const routes = [...config.routes];
  const shown = {
    rows: routes.flatMap(([key, route]) =>
      isKeyRoute(route) ? [] : [{ key, isFullName: key.includes("."), route }],
    ),
    registries: [...new Set(config.registries.values())],
  };
  switch (caller.kind) {
    case "stranger":
      return NOTHING;
    case "open":
      return {
        rows: shown.rows.filter(({ route }) => route.kind === "universal" || isKnown(route.registry)),
        registries: shown.registries.filter(isKnown),
        keyRows: [],
      };
    case "guest":
      return { ...shown, keyRows: [] };
    case "owner":
      return {
        ...shown,
        keyRows: routes.flatMap(([key, route]) =>
          isKeyRoute(route) ? [{ row: route.row, characters: key.length }] : [],
        ),
      };
  }
}

/** True of a registry that goes by a name which everybody knows, whatever address it is fetched from. */
function isKnown({ name }: Registry): boolean {
  return knownRegistry(name)?.name === name;
}
