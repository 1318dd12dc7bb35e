// What is known of public registries: names, aliases, token services, mirrors. A new registry is one row here.

import { DOCKER_HUB } from "./distribution/reference.ts";

/** What the proxy knows of a registry before it has asked it anything. */
export interface KnownRegistry {
  /** The name in image references, prefixes and `ns=`. */
  readonly name: string;
  /** Where it is served. */
  readonly upstream: string;
  /** An image that it is known for, below its name, for the page; a form that begins with `owner/` where it is for none. */
  readonly example: string;
  /** Other names for it, valid in prefixes and `ns=`, and other hosts that owners give as its upstream. */
  readonly aliases?: readonly string[];
  /** Origin of its token service, where that is not its own: the pinned pair that may get credentials. */
  readonly realm?: string;
  /** True where one-part names stand for `library/…`. */
  readonly library?: boolean;
  /** True where it has ollama's models: container clients cannot run them, and ollama wants a host of their own. */
  readonly models?: boolean;
  /** Read-only stand-ins for anonymous pulls, in order. */
  readonly mirrors?: readonly string[];
  /** Origin of its search (`/v1/search`), where that is not its own. */
  readonly search?: string;
  /** True where `/v2/` itself is a 404, which there is an answer without a challenge. */
  readonly hasNoPing?: boolean;
  /** Hosts that its upload `Location` may name beside its own. */
  readonly uploadHosts?: readonly string[];
}

/** Where uploads go on beside the usual path, by the host that serves the registry: a name, or all below a suffix. */
const UPLOAD_PATHS: readonly { readonly host: RegExp; readonly paths: readonly string[] }[] = [
  // Google's registries, Artifact Registry's among them, answer a POST with a `Location` below this path.
  { host: /^(?:.+\.)?gcr\.io$|\.pkg\.dev$/, paths: ["/artifacts-uploads/"] },
];

export const KNOWN_REGISTRIES: readonly KnownRegistry[] = [
  {
    name: DOCKER_HUB,
    upstream: "https://registry-1.docker.io",
    example: "nginx",
    // docker.n8n.io serves Docker Hub's n8nio/n8n under the same path, with Docker Hub's challenge and its limit.
    aliases: ["index.docker.io", "registry-1.docker.io", "docker.n8n.io"],
    realm: "https://auth.docker.io",
    library: true,
    search: "https://index.docker.io",
    mirrors: ["https://mirror.gcr.io"],
  },
  // lscr.io answers with ghcr.io's challenge and redirects manifests there; asked directly, the token is not lost.
  {
    name: "ghcr.io",
    upstream: "https://ghcr.io",
    example: "github/super-linter",
    aliases: ["lscr.io"],
  },
  { name: "quay.io", upstream: "https://quay.io", example: "coreos/etcd:v3.5.17" },
  {
    name: "gcr.io",
    upstream: "https://gcr.io",
    example: "distroless/static:latest",
  },
  // k8s.gcr.io has been frozen since April 2023 and redirects to registry.k8s.io.
  {
    name: "registry.k8s.io",
    upstream: "https://registry.k8s.io",
    example: "pause:3.10",
    aliases: ["k8s.gcr.io"],
  },
  {
    name: "docker.cloudsmith.io",
    upstream: "https://docker.cloudsmith.io",
    example: "owner/repository/image:tag",
  },
  { name: "public.ecr.aws", upstream: "https://public.ecr.aws", example: "docker/library/alpine:latest" },
  { name: "mcr.microsoft.com", upstream: "https://mcr.microsoft.com", example: "dotnet/runtime:9.0" },
  // Logins at nvcr.io are answered by NVIDIA's account service.
  {
    name: "nvcr.io",
    upstream: "https://nvcr.io",
    example: "nvidia/cuda:12.6.3-base-ubuntu24.04",
    realm: "https://authn.nvidia.com",
  },
  {
    name: "registry.gitlab.com",
    upstream: "https://registry.gitlab.com",
    example: "gitlab-org/cli:latest",
    realm: "https://gitlab.com",
  },
  {
    name: "docker.elastic.co",
    upstream: "https://docker.elastic.co",
    example: "elasticsearch/elasticsearch:8.17.0",
    realm: "https://docker-auth.elastic.co",
  },
  // Bearer realm="https://cgr.dev/token",service="cgr.dev",scope="repository:…:pull": its own origin. Digests want a token too.
  { name: "cgr.dev", upstream: "https://cgr.dev", example: "chainguard/static:latest" },
  // Not a whole registry: `/v2/` and tag lists are 404, public models need no token, manifests come as text/plain with neither
  // Content-Length nor Docker-Content-Digest (HEAD has `Ollama-Content-Digest`). The client takes the blob's length by HEAD,
  // and without a redirect asks here for up to 16 ranges at a time, without `Authorization`. From r2.cloudflarestorage.com.
  {
    name: "registry.ollama.ai",
    upstream: "https://registry.ollama.ai",
    example: "llama3.2:1b",
    library: true,
    models: true,
    hasNoPing: true,
  },
  // `/v2/` is 200, and all is public. There is a token service all the same, at its own origin
  // (/auth/realms/rhcc/protocol/redhat-docker-v2/auth); layers are redirected to quay.io's CDN. What needs a login is elsewhere:
  // at registry.redhat.io.
  {
    name: "registry.access.redhat.com",
    upstream: "https://registry.access.redhat.com",
    example: "ubi9/ubi-minimal:latest",
  },
];

/** The known registry that goes by a host name, be it its name, an alias or the host of its upstream. */
export function knownRegistry(host: string): KnownRegistry | undefined {
  return BY_HOST.get(host);
}

/**
 * The paths below which a host's uploads are known to go on, beside `/v2/<name>/blobs/uploads/`. They belong to the
 * host and not to a registry's name: there are more such hosts than rows here, each region's and project's own.
 * @param hostname a URL's
 */
export function knownUploadPaths(hostname: string): readonly string[] {
  return UPLOAD_PATHS.find(({ host }) => host.test(hostname))?.paths ?? [];
}

const BY_HOST: ReadonlyMap<string, KnownRegistry> = new Map(
  KNOWN_REGISTRIES.flatMap((registry) =>
    [registry.name, new URL(registry.upstream).host, ...(registry.aliases ?? [])].map(
      (host) => [host, registry] as const,
    ),
  ),
);
