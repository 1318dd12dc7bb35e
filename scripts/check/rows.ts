// The rows of the table by which a finding calls a registry.

import { mayBeShown, type Shown } from "../../src/access/shown.ts";
import type { Config } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";
import { describeRow } from "../../src/config/row.ts";

/** What the owner may see of the table. */
export function shownToOwner(config: Config): Shown {
  return mayBeShown({ config, caller: { kind: "owner" } });
}

/** The first row that leads to a registry, as a finding begins. */
export function placeOf(registry: Registry, { rows }: Shown): string {
  const row = rows.find(({ route }) => route.kind === "registry" && route.registry === registry);
  return row === undefined ? "ROUTES" : `ROUTES, ${describeRow(row.key)}`;
}
