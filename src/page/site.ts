// What the page of a host may offer: which registries are reached by which address, as far as the configuration tells.

import type { Visitor } from "../access/admission.ts";
import { mayBeShown, type Shown } from "../access/shown.ts";
import type { Registry, Route } from "../config/registry.ts";
import { DOCKER_HUB, parseRepositoryName } from "../distribution/reference.ts";
import { knownRegistry } from "../registries.ts";
import type { Inbound } from "../routing/inbound.ts";
import { knownHosts } from "./known-hosts.ts";

/** A registry, and the address by which it is reached. */
export interface Place {
  /** The name that everybody knows, or that the owner gave. */
  readonly registry: string;
  readonly aliases: readonly string[];
  /** Completes names of one part with `library/`. */
  readonly library: boolean;
  /** With the port where there is one. */
  readonly host: string;
  /** Where clients go that this proxy has no answer for: the registry itself. */
  readonly upstream: string;
  /** What stands before a repository: the host, its slash, and on a universal host the registry's name and another. */
  readonly prefix: string;
  /** A host of all registries. */
  readonly isUniversal: boolean;
  /** An image below the registry, for commands. */
  readonly example: string;
  /** True where nobody knows an image there, and the example is only a form to fill in. */
  readonly isForm: boolean;
  /** True of ollama's models, which are pulled by ollama, and no images. */
  readonly isModels: boolean;
}

/** What is to be said of a host. */
export interface Site {
  /** With its scheme, as clients' configurations want it: `https://mirror.example.com`. */
  readonly origin: string;
  readonly host: string;
  readonly isUniversal: boolean;
  /** The registries of this host that may be named, in the table's order. */
  readonly here: readonly Place[];
  /** The others that may be named, each at the host that is best for it. */
  readonly elsewhere: readonly Place[];
  /** True of this host where it has a registry that the visitor may not hear the name of. */
  readonly isUnnamed: boolean;
  /** Who may use it: everybody, or whom the owner named. */
  readonly isClosed: boolean;
  /** True where people of this proxy log in with names that the owner gave. */
  readonly hasUsers: boolean;
  readonly mayPush: boolean;
  readonly operator: string | undefined;
  readonly operatorUrl: string | undefined;
}

/** A form to fill in, of which every part is in the grammar: a shell makes nothing of it, and a registry says 404. */
export const FORM = "owner/image:tag";

/** True of the registry that docker takes names without a registry for. */
export function isHub({ registry }: Place): boolean {
  return registry === DOCKER_HUB;
}

/** A host that exists, with its port where it has one, and where it leads. */
interface Reachable {
  readonly host: string;
  readonly route: Route;
}

/** What may be offered at the host of a request. */
export function siteOf(inbound: Inbound<Visitor>): Site {
  const { config, host, route, url } = inbound;
  const shown = mayBeShown(inbound);
  const { registries } = shown;
  const here = placesOf(registries, [{ host: host.authority, route }]);
  const isHere = new Set(here.map(({ registry }) => registry));
  const others = registries.filter(({ name }) => !isHere.has(name));
  return {
    origin: `${url.protocol}//${host.authority}`,
    host: host.authority,
    isUniversal: route.kind === "universal",
    here,
    elsewhere: placesOf(others, otherHosts(inbound, shown)),
    isUnnamed: route.kind === "registry" && !registries.includes(route.registry),
    isClosed: config.access.isClosed,
    hasUsers: config.access.users.size > 0,
    mayPush: !config.access.isClosed && !config.access.readOnly,
    operator: config.page.operator,
    operatorUrl: config.page.operatorUrl,
  };
}

/** The hosts that exist for sure beside the visited one, on its port. */
function otherHosts({ config, host }: Inbound<Visitor>, shown: Shown): Reachable[] {
  const port = host.authority.slice(host.name.length);
  return knownHosts(config, shown)
    .filter(({ name }) => name !== host.name)
    .map(({ name, route }) => ({ host: name + port, route }));
}

function placesOf(registries: readonly Registry[], hosts: readonly Reachable[]): Place[] {
  return registries.map((registry) => placeOf(registry, hosts)).filter((place) => place !== undefined);
}

/** Where a registry is reached: at a host of its own, else at one of all registries. */
function placeOf(registry: Registry, hosts: readonly Reachable[]): Place | undefined {
  const own = hosts.find(({ route }) => route.kind === "registry" && route.registry === registry);
  const shared = canBePrefix(registry) ? hosts.find(({ route }) => route.kind === "universal") : undefined;
  const wellKnown = knownRegistry(registry.name);
  const isModels = wellKnown?.models === true;
  // ollama takes a host before a model's name and no registry behind it.
  const best = own ?? (isModels ? undefined : shared);
  if (best === undefined) return undefined;
  const isUniversal = best.route.kind === "universal";
  const isBare = !isUniversal || registry.name === DOCKER_HUB;
  const example = wellKnown?.example;
  return {
    registry: registry.name,
    aliases: registry.aliases,
    upstream: wellKnown?.upstream ?? registry.upstream,
    library: registry.library,
    host: best.host,
    prefix: isBare ? `${best.host}/` : `${best.host}/${registry.name}/`,
    isUniversal,
    example: example ?? FORM,
    isForm: example === undefined || example.startsWith("owner/"),
    isModels,
  };
}

/** A path has no colon and no bracket: a registry with a port is reached by `ns=` or by a host of its own. */
function canBePrefix({ name }: Registry): boolean {
  return parseRepositoryName(name) !== undefined;
}
