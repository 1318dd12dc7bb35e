// Hosts: which row of the table a host name leads to, and which hosts are this Worker's own.

import { mayBeShown, type Audience, type ShownRow } from "../access/shown.ts";
import type { Config } from "../config/config.ts";
import { isKeyRoute, type Registry, type Route } from "../config/registry.ts";
import { RegistryError } from "../distribution/errors.ts";
import { isAddress, isLoopback, parseHost, type Host } from "../distribution/hosts.ts";

/** The host that a client names. @throws RegistryError NAME_INVALID where it is not a host name */
export function readHost(request: Request, url: URL): Host {
  const host = parseHost(request.headers.get("Host") ?? url.host);
  if (host === undefined) {
    throw new RegistryError("NAME_INVALID", "The Host header is not a host name with an optional port.");
  }
  return host;
}

/** The refusal of a host without a row, with those that there are. */
export function unknownHost(audience: Audience, host: Host): RegistryError {
  const hosts = hostsFor(audience, host);
  const others = hosts.length === 0 ? "" : ` There are: ${hosts.join(", ")}.`;
  return new RegistryError("NAME_UNKNOWN", `No registry has this host name.${others}`, { detail: { hosts } });
}

/** The hosts of the table as somebody would write them who asked for this one: labels on its domain. */
export function hostsFor(audience: Audience, host: Host): string[] {
  return mayBeShown(audience).rows.map((row) => hostOfRow(row, host));
}

/** The host of one registry, as far as somebody may hear of it who asked for another. */
export function hostOf(audience: Audience, host: Host, registry: Registry): string | undefined {
  const own = mayBeShown(audience).rows.find(
    ({ route }) => route.kind === "registry" && route.registry === registry,
  );
  return own && hostOfRow(own, host);
}

function hostOfRow({ key, isFullName }: ShownRow, host: Host): string {
  if (isFullName) return key;
  const port = host.authority.slice(host.name.length);
  const domain = ownDomain(host.name);
  return domain === undefined ? `${key}.<your domain>` : `${key}.${domain}${port}`;
}

/** The domain of which a host's name has a label before it; a name of two parts is the domain. */
function ownDomain(name: string): string | undefined {
  if (isAddress(name) || !name.includes(".")) return undefined;
  return name.split(".").length === 2 ? name : domainOf(name);
}

/**
 * The route of a host name: its full name, else (a universal host) `*.workers.dev` and loopback, else its first label.
 * @param name lower case, without port
 */
export function findRoute(config: Config, name: string): Route | undefined {
  const full = name.includes(".") ? config.routes.get(name) : undefined;
  if (full !== undefined) return full;
  if (name.endsWith(".workers.dev") || isLoopback(name)) return { kind: "universal" };
  return config.routes.get(name.split(".", 1)[0] ?? "");
}

/**
 * True of hosts that this Worker answers for, as far as its table, `HOSTS` and the request's own host tell: a redirect
 * there would be a loop. A label counts on the domain of the request only: `docker.elastic.co` is not our `docker`.
 */
export function isServedHere(config: Config, ownName: string, hostname: string): boolean {
  const name = hostname.replace(/\.+$/, "");
  if (name === ownName) return true;
  if (config.hosts.includes(name)) return true;
  if (config.routes.has(name) && name.includes(".")) return true;
  const [label, ...domain] = name.split(".");
  return domain.length > 0 && domain.join(".") === domainOf(ownName) && config.routes.has(label ?? "");
}

/**
 * A host as a log may have it: of a row that lets in by its label the number of the row stands for it (S16). Where there are
 * such rows, a host of none may be one of them, misspelt.
 */
export function hostForLog(config: Config, host: Host, route: Route | undefined): string {
  if (isKeyRoute(route)) return `row ${route.row}`;
  return route === undefined && config.access.hasKeys ? "none" : host.authority;
}

/** A host name without its first label. */
export function domainOf(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}
