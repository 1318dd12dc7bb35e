// What two proxies offer: one that has one host for all registries, and one that has a host for each.
import type { Offer } from "../../../src/page/convert/offer.ts";

const ALIASES: Readonly<Record<string, readonly string[]>> = {
  "docker.io": ["index.docker.io"],
  "registry.k8s.io": ["k8s.gcr.io"],
};

function offer(hosts: readonly string[], prefixes: Readonly<Record<string, string>>): Offer {
  const served = Object.entries(prefixes).map(([name, prefix]) => ({
    name,
    aliases: ALIASES[name] ?? [],
    prefix,
  }));
  return { hosts, served };
}

export const UNIVERSAL = offer(["mirror.example.com"], {
  "docker.io": "mirror.example.com/",
  "ghcr.io": "mirror.example.com/ghcr.io/",
  "quay.io": "mirror.example.com/quay.io/",
  "registry.k8s.io": "mirror.example.com/registry.k8s.io/",
});

export const HOSTS = offer(
  ["docker.example.com", "ghcr.example.com", "quay.example.com", "k8s.example.com"],
  {
    "docker.io": "docker.example.com/",
    "ghcr.io": "ghcr.example.com/",
    "quay.io": "quay.example.com/",
    "registry.k8s.io": "k8s.example.com/",
  },
);

/** The offer that a sample is for, by its name. */
export function offerOf(sample: string): Offer {
  return sample === "hosts" ? HOSTS : UNIVERSAL;
}
