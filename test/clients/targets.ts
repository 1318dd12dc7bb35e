// What the clients are pointed at: an upstream itself, as the baseline, or the Worker in front of it.

import type { ClosedProxy } from "./closed-targets.ts";
import { REGISTRIES } from "./upstreams.ts";
import type { Login, Upstream } from "./upstreams.ts";
import type { RunningWorker } from "./worker.ts";

/** A column of the table. */
export interface Target {
  label: string;
  upstream: Upstream;
  /** Host and port that the clients talk to. */
  registry: string;
  /** Before repositories and user names where one host serves several registries, such as `ghcr.io/`; else empty. */
  namePrefix: string;
  userPrefix: string;
  /** Whether `hello` is completed to `library/hello` behind this address. */
  completesNames: boolean;
  /** Missing where the clients talk to the upstream itself. */
  worker?: RunningWorker;
  /** Only where the Worker does not serve everybody everything. */
  closed?: ClosedProxy;
}

export const DOMAIN = "ferry.test";
const UNIVERSAL = "mirror";

/** The host names that have to lead to this machine. */
export const HOST_NAMES: readonly string[] = [...REGISTRIES.map(label), UNIVERSAL].map(
  (name) => `${name}.${DOMAIN}`,
);

/** The Worker's routes table: a row for each upstream by its host label, and one for all of them. */
export function routes(upstreams: readonly Upstream[]): Record<string, unknown> {
  const rows = upstreams.map(({ registry, url, realm }) => {
    const row = { upstream: url, registry, realm, library: registry === "docker.io", mirrors: [] };
    return [label(registry), row] as const;
  });
  return { ...Object.fromEntries(rows), [UNIVERSAL]: "*" };
}

export function directTarget(upstream: Upstream): Target {
  const registry = new URL(upstream.url).host;
  const prefixes = { namePrefix: "", userPrefix: "" };
  return { label: `direct ${upstream.registry}`, upstream, registry, ...prefixes, completesNames: false };
}

export function workerTarget(upstream: Upstream, port: number): Target {
  const registry = `${label(upstream.registry)}.${DOMAIN}:${port}`;
  const prefixes = { namePrefix: "", userPrefix: "" };
  const completesNames = upstream.registry === "docker.io";
  return { label: `Worker ${upstream.registry}`, upstream, registry, ...prefixes, completesNames };
}

/** A host of all registries, on which images and users are named with the registry. */
export function universalTarget(upstream: Upstream, port: number): Target {
  const prefix = `${upstream.registry}/`;
  const completesNames = upstream.registry === "docker.io";
  const registry = `${UNIVERSAL}.${DOMAIN}:${port}`;
  return {
    label: `universal ${upstream.registry}`,
    upstream,
    registry,
    namePrefix: prefix,
    userPrefix: prefix,
    completesNames,
  };
}

/** The upstream's credentials, with the user name as this address wants it. */
export function loginAt({ upstream, userPrefix }: Target): Login {
  if (upstream.login === undefined) throw new Error(`${upstream.registry} has no logins`);
  return { ...upstream.login, name: `${userPrefix}${upstream.login.name}` };
}

/** The label for paths and repository names. */
export function slug({ label }: Target): string {
  return label.toLowerCase().replace(/[^a-z0-9]+/g, "-");
}

function label(registry: string): string {
  return registry.replace(/\.[a-z]+$/, "");
}
