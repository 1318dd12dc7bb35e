// What may be shown: the only place that enumerates the routes table for anybody's eyes.

import type { Config } from "../config/config.ts";
import type { Registry, Route } from "../config/registry.ts";
import type { Caller } from "./admission.ts";

/** A row of the table that may be named. */
export interface ShownRow {
  /** A label, or a full host name. */
  readonly key: string;
  /** True where the key is a whole host name: then no domain is needed to make an address of it. */
  readonly isFullName: boolean;
  readonly route: Route;
}

export interface Shown {
  readonly rows: readonly ShownRow[];
  /** Each once, in the table's order. */
  readonly registries: readonly Registry[];
}

/** Who looks: a caller, or the owner at the configuration on a machine of their own. */
export type Viewer = Caller | { readonly kind: "owner" };

/** Somebody, and the configuration that they ask about. */
export interface Audience {
  readonly config: Config;
  readonly caller: Viewer;
}

/** The hosts and registries that a page, a refusal or a report may name to somebody. In an open proxy that is all. */
export function mayBeShown({ config, caller }: Audience): Shown {
  switch (caller.kind) {
    case "open":
    case "owner":
      return {
        rows: [...config.routes].map(([key, route]) => ({ key, isFullName: key.includes("."), route })),
        registries: [...new Set(config.registries.values())],
      };
  }
}
