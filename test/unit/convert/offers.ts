// What proxies offer to whoever converts: some with a host for everything, and some with a host per registry.
import { DOCKER_HUB } from "../../../src/distribution/reference.ts";
import type { Offer } from "../../../src/page/convert/offer.ts";
import { knownRegistry, type KnownRegistry } from "../../../src/registries.ts";

/** Not quay.io: something must not be served. */
export const SERVED = ["docker.io", "ghcr.io", "registry.k8s.io", "mcr.microsoft.com", "gcr.io"].map(known);
/** For YAML, not gcr.io and mcr.microsoft.com. */
const SERVED_FOR_YAML = ["docker.io", "ghcr.io", "quay.io", "registry.k8s.io"].map(known);

function known(name: string): KnownRegistry {
  const registry = knownRegistry(name);
  if (registry === undefined) throw new Error(`${name} is not known`);
  return registry;
}

function universal(registries: readonly KnownRegistry[]): Offer {
  const prefixOf = (name: string): string => (name === DOCKER_HUB ? "" : `${name}/`);
  const served = registries.map(({ name, aliases = [] }) => ({
    name,
    aliases,
    prefix: `mirror.example.com/${prefixOf(name)}`,
  }));
  return { served, hosts: ["mirror.example.com", "localhost:8787"] };
}

/** The label of a registry's host: `docker`, `ghcr`. */
export const labelOf = (name: string): string => name.split(".")[name.startsWith("registry.") ? 1 : 0] ?? "";

function perHost(registries: readonly KnownRegistry[]): Offer {
  const hostOf = (name: string): string => `${labelOf(name)}.example.com`;
  const served = registries.map(({ name, aliases = [] }) => ({ name, aliases, prefix: `${hostOf(name)}/` }));
  return { served, hosts: registries.map(({ name }) => hostOf(name)) };
}

export const UNIVERSAL = universal(SERVED);
export const PER_HOST = perHost(SERVED);
export const YAML_UNIVERSAL = universal(SERVED_FOR_YAML);
const YAML_PER_HOST = perHost(SERVED_FOR_YAML);

/** The offer that a sample of YAML is for, by its name. */
export function offerOf(sample: string): Offer {
  return sample === "hosts" ? YAML_PER_HOST : YAML_UNIVERSAL;
}
