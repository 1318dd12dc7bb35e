// Which image is asked for where none was named: one that its registry is known for.

import { readConfig, type Config } from "../../src/config/config.ts";
import type { Registry } from "../../src/config/registry.ts";
import { KNOWN_REGISTRIES } from "../../src/registries.ts";
import { readImage, type Image } from "./arguments.ts";
import { isThisMachine } from "./arguments.ts";

/** What is known of a host before it is asked for an image. */
export interface Host {
  readonly hostname: string;
  /** `[vars.ROUTES]` of the owner's wrangler.toml; undefined where it cannot be read. */
  readonly routes: unknown;
  /** True where its challenge says that it serves more than one registry. */
  readonly isUniversal: boolean;
  /** Registries that its health report names. */
  readonly registries: readonly string[];
}

/** An example of the registry behind a host; undefined where nobody can tell which that is. */
export function exampleFor(host: Host): Image | undefined {
  const result = readConfig({ ROUTES: host.routes });
  const own = result.ok ? registryOf(result.config, host.hostname) : undefined;
  if (own !== undefined && own !== "all") return imageOf(own.name, "");
  const table = result.ok ? [...new Set(result.config.registries.values())].map(({ name }) => name) : [];
  if (own === "all" || host.isUniversal) return firstOf(host.registries.length > 0 ? host.registries : table);
  const [only, ...others] = host.registries;
  return only !== undefined && others.length === 0 ? imageOf(only, "") : undefined;
}

function registryOf({ routes }: Config, hostname: string): Registry | "all" | undefined {
  const route =
    routes.get(hostname) ?? (isShared(hostname) ? undefined : routes.get(hostname.split(".", 1)[0] ?? ""));
  if (route?.kind === "registry") return route.registry;
  return route !== undefined || isShared(hostname) ? "all" : undefined;
}

/** True of hosts on which one address serves every row, whatever their label. */
function isShared(hostname: string): boolean {
  return hostname.endsWith(".workers.dev") || (isThisMachine(hostname) && !hostname.endsWith(".localhost"));
}

function firstOf(names: readonly string[]): Image | undefined {
  return names.map((name) => imageOf(name, `${name}/`)).find((image) => image !== undefined);
}

/** A registry's known example; undefined where it is known for none. */
function imageOf(registry: string, prefix: string): Image | undefined {
  const known = KNOWN_REGISTRIES.find(({ name }) => name === registry);
  if (known === undefined || known.example.startsWith("owner/")) return undefined;
  const library = known.library === true && !known.example.includes("/") ? "library/" : "";
  return readImage(prefix + library + known.example);
}
