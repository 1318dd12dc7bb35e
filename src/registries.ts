// What is known of public registries: names, aliases, token services, mirrors. A new registry is one row here.

/** What the proxy knows of a registry before it has asked it anything. */
export interface KnownRegistry {
  /** The name in image references, prefixes and `ns=`. */
  readonly name: string;
  /** Where it is served. */
  readonly upstream: string;
  /** Other names for it, valid in prefixes and `ns=`, and other hosts that owners give as its upstream. */
  readonly aliases?: readonly string[];
  /** Origin of its token service, where that is not its own: the pinned pair that may get credentials. */
  readonly realm?: string;
  /** True where one-part names stand for `library/…`. */
  readonly library?: boolean;
  /** Read-only stand-ins for anonymous pulls, in order. */
  readonly mirrors?: readonly string[];
  /** Origin of its search (`/v1/search`), where that is not its own. */
  readonly search?: string;
  /** Hosts that its upload `Location` may name beside its own. */
  readonly uploadHosts?: readonly string[];
}

export const DOCKER_HUB = "docker.io";

export const KNOWN_REGISTRIES: readonly KnownRegistry[] = [
  {
    name: DOCKER_HUB,
    upstream: "https://registry-1.docker.io",
    aliases: ["index.docker.io", "registry-1.docker.io"],
    realm: "https://auth.docker.io",
    library: true,
    search: "https://index.docker.io",
    mirrors: ["https://mirror.gcr.io"],
  },
  // lscr.io answers with ghcr.io's challenge and redirects manifests there; asked directly, the token is not lost.
  { name: "ghcr.io", upstream: "https://ghcr.io", aliases: ["lscr.io"] },
  { name: "quay.io", upstream: "https://quay.io" },
  { name: "gcr.io", upstream: "https://gcr.io" },
  // k8s.gcr.io has been frozen since April 2023 and redirects to registry.k8s.io.
  { name: "registry.k8s.io", upstream: "https://registry.k8s.io", aliases: ["k8s.gcr.io"] },
  { name: "docker.cloudsmith.io", upstream: "https://docker.cloudsmith.io" },
  { name: "public.ecr.aws", upstream: "https://public.ecr.aws" },
  { name: "mcr.microsoft.com", upstream: "https://mcr.microsoft.com" },
  // Logins at nvcr.io are answered by NVIDIA's account service.
  { name: "nvcr.io", upstream: "https://nvcr.io", realm: "https://authn.nvidia.com" },
  { name: "registry.gitlab.com", upstream: "https://registry.gitlab.com", realm: "https://gitlab.com" },
  {
    name: "docker.elastic.co",
    upstream: "https://docker.elastic.co",
    realm: "https://docker-auth.elastic.co",
  },
];

/** The known registry that goes by a host name, be it its name, an alias or the host of its upstream. */
export function knownRegistry(host: string): KnownRegistry | undefined {
  return BY_HOST.get(host);
}

const BY_HOST: ReadonlyMap<string, KnownRegistry> = new Map(
  KNOWN_REGISTRIES.flatMap((registry) =>
    [registry.name, new URL(registry.upstream).host, ...(registry.aliases ?? [])].map(
      (host) => [host, registry] as const,
    ),
  ),
);
