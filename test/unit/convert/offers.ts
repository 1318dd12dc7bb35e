// What two proxies offer to whoever converts: one with a host for everything, and one with a host per registry.
import type { Offer, Served } from "../../../src/page/convert/offer.ts";
import { DOCKER_HUB, KNOWN_REGISTRIES } from "../../../src/registries.ts";

/** Not quay.io: something must not be served. */
export const SERVED = ["docker.io", "ghcr.io", "registry.k8s.io", "mcr.microsoft.com", "gcr.io"].map(
  (name) => {
    const known = KNOWN_REGISTRIES.find((one) => one.name === name);
    if (known === undefined) throw new Error(`${name} is not known`);
    return known;
  },
);

function served(prefixOf: (name: string) => string): Served[] {
  return SERVED.map(({ name, aliases = [] }) => ({ name, aliases, prefix: prefixOf(name) }));
}

export const UNIVERSAL: Offer = {
  served: served((name) => `mirror.example.com/${name === DOCKER_HUB ? "" : `${name}/`}`),
  hosts: ["mirror.example.com", "localhost:8787"],
};

/** The label of a registry's host: `docker`, `ghcr`. */
export const labelOf = (name: string): string => name.split(".")[name.startsWith("registry.") ? 1 : 0] ?? "";

export const PER_HOST: Offer = {
  served: served((name) => `${labelOf(name)}.example.com/`),
  hosts: SERVED.map(({ name }) => `${labelOf(name)}.example.com`),
};
