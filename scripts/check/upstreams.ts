// Upstreams that are not registries, or none that Cloudflare can reach.

import type { Config } from "../../src/config/config.ts";
import { isAddress, isLocalName, isLoopback } from "../../src/distribution/hosts.ts";
import { warning, type Finding } from "./findings.ts";
import { placeOf, shownToOwner } from "./rows.ts";

/** Where people look at images in a browser, and where clients get them. */
const WEBSITES: Readonly<Record<string, string>> = {
  "hub.docker.com": "https://registry-1.docker.io",
  "www.docker.com": "https://registry-1.docker.io",
  "docker.com": "https://registry-1.docker.io",
  "auth.docker.io": "https://registry-1.docker.io",
  "github.com": "https://ghcr.io",
  "docker.pkg.github.com": "https://ghcr.io",
  "ghcr.com": "https://ghcr.io",
  "www.quay.io": "https://quay.io",
  "access.redhat.com": "https://registry.access.redhat.com",
  "catalog.redhat.com": "https://registry.access.redhat.com",
  "console.cloud.google.com": "https://gcr.io",
  "cloud.google.com": "https://gcr.io",
  "kubernetes.io": "https://registry.k8s.io",
  "k8s.io": "https://registry.k8s.io",
  "gallery.ecr.aws": "https://public.ecr.aws",
  "aws.amazon.com": "https://public.ecr.aws",
  "microsoft.com": "https://mcr.microsoft.com",
  "www.microsoft.com": "https://mcr.microsoft.com",
  "azure.microsoft.com": "https://mcr.microsoft.com",
  "catalog.ngc.nvidia.com": "https://nvcr.io",
  "ngc.nvidia.com": "https://nvcr.io",
  "authn.nvidia.com": "https://nvcr.io",
  "gitlab.com": "https://registry.gitlab.com",
  "www.elastic.co": "https://docker.elastic.co",
  "elastic.co": "https://docker.elastic.co",
  "cloudsmith.io": "https://docker.cloudsmith.io",
  "cloudsmith.com": "https://docker.cloudsmith.io",
  "images.chainguard.dev": "https://cgr.dev",
  "ollama.com": "https://registry.ollama.ai",
  "www.ollama.com": "https://registry.ollama.ai",
};

/** Warnings for upstreams and mirrors from which nothing will come, each for the first row that leads there. */
export function checkUpstreams(config: Config): Finding[] {
  const shown = shownToOwner(config);
  return shown.registries.flatMap((registry) =>
    [registry.upstream, ...registry.mirrors].flatMap((address) => {
      const objection = objectionTo(new URL(address).hostname);
      return objection === undefined ? [] : [warning(`${placeOf(registry, shown)}: ${address} ${objection}`)];
    }),
  );
}

function objectionTo(hostname: string): string | undefined {
  const name = hostname.replace(/\.+$/, "");
  if (isLoopback(name)) return "is this machine: `npm start` reaches it, and a deployed proxy does not";
  if (isAddress(name)) {
    const where = isPrivate(name) ? "is an address of a private network" : "is an address";
    return `${where}, and Cloudflare lets Workers reach hosts by name only (error 1003): give it a public DNS name`;
  }
  if (isLocalName(name)) {
    return "is a name of a private network, which Cloudflare does not know: give it a public DNS name, or a tunnel";
  }
  const registry = WEBSITES[name];
  return registry === undefined ? undefined : `is not a registry: write ${registry}`;
}

/** True of addresses that the Internet does not route (RFC 1918, 6598, 3927, 4193). */
export function isPrivate(address: string): boolean {
  return (
    /^(?:10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.)/.test(
      address,
    ) || /^\[f(?:[cd][0-9a-f]{2}|e[89ab][0-9a-f]):/i.test(address)
  );
}
