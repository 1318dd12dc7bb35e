// The fixture's vocabulary: options, results and records, with no Node types, so that tests inside workerd share them.

/** How a server misbehaves: a status for every request, a closed socket, or silence. */
export type Failure = number | "drop" | "hang";

/** Odd challenges that real registries send; each names the oddity, see the README for where it was seen. */
export interface ChallengeOptions {
  /** `service=registry.test` without quotes (gcr.io since 2026-02). */
  unquotedService?: boolean;
  /** No `service` at all (pkg.dev). */
  omitService?: boolean;
  /** No `scope` on resources (gcr.io, pkg.dev). */
  omitScope?: boolean;
  /** A 401 without `WWW-Authenticate`; "resources": only there, while the ping still has it (gcr.io). */
  omitHeader?: boolean | "resources";
  /** The ping's challenge has the literal scope `repository:user/image:pull` (ghcr.io). */
  literalPingScope?: boolean;
  /** The ping's challenge has `scope=""` (nvcr.io). */
  emptyScopeOnPing?: boolean;
  /** `Basic …, Bearer …` in one header line. */
  extraBasic?: boolean;
  /** `/v2/` answers 200 though resources challenge. */
  pingOpen?: boolean;
  /** Names this realm instead of the token service. */
  realm?: string;
  /** The realm is `/token` on the registry's own origin, which then serves it. */
  sameOriginRealm?: boolean;
  /** A query of the realm, without `?`; clients must keep it. */
  realmQuery?: string;
}

/** What a registry is and how it misbehaves. All but `port` can be changed while it runs. */
export interface RegistryOptions {
  /** The registry's port; 0 is any. The token service and the CDN always take any. */
  port?: number;
  auth?: "token" | "none" | "basic";
  /** User name to password. */
  users?: Record<string, string>;
  /** Repositories that need a user, matched by whole leading path segments. */
  private?: string[];
  /** Private repositories (matched likewise) that only these users may pull; others of `private`: any user. */
  readers?: Record<string, string[]>;
  /** Who may push and delete. Anonymous never may, except under `auth: "none"`, where all may. */
  writers?: string[] | "anyone";
  /** What the token service says when an anonymous caller asks for a private repository. */
  anonymousPrivate?: "reduced" | 401 | 403;
  /** Unknown repositories look like private ones: 401 insufficient_scope (as on Docker Hub). */
  hideUnknown?: boolean;
  /** One-part repository names are unknown (as on Docker Hub). */
  library?: boolean;
  /** Blobs by redirect to the CDN; "relative": 302 with a relative Location on the same host, as Google does. */
  redirectBlobs?: boolean | "relative";
  redirectStatus?: 301 | 302 | 303 | 307 | 308;
  /** Lifetime of a signed CDN link. */
  linkSeconds?: number;
  challenge?: ChallengeOptions;
  /** Delay before every answer of the three servers. */
  latencyMs?: number;
  /** Manifest GETs left before 429; null: no limit and no RateLimit headers. Setting it starts anew. */
  quota?: number | null;
  /** The same of users, all together; null: theirs is `quota` too. Setting it starts anew. */
  userQuota?: number | null;
  /** Seconds in the Retry-After of a 429. */
  retryAfter?: number;
  /** Failure of every registry request, or of those whose path contains `failPath`. */
  fail?: Failure | null;
  failPath?: string | null;
  failToken?: Failure | null;
  failCdn?: Failure | null;
  /** Breaks the socket after so many bytes of a blob's body. Setting it starts the count of times anew. */
  breakBlobAfter?: number | null;
  /** How many times; null: always. */
  breakBlobTimes?: number | null;
  /** Manifests and blobs come with `Content-Encoding: gzip`, whatever was accepted. */
  gzipEncode?: boolean;
  /** Errors of registry and CDN are HTML pages. */
  htmlErrors?: boolean;
  headManifest?: "ok" | 405 | "no-digest";
  /** Give a refresh token when asked by offline_token=true or access_type=offline. */
  refreshTokens?: boolean;
  tokenJson?: "both" | "token" | "access_token";
  /** What `expires_in` says, in seconds; null leaves it out. */
  expiresIn?: number | null;
  /** When tokens really expire, in seconds; null: when `expires_in` says (300 without it). */
  maxTokenAge?: number | null;
  /** false: the token service answers POST with 405. */
  postToken?: boolean;
  uploadLocation?: "path" | "absolute" | "query" | "google" | "other-host";
  /** Most tags, repositories and referrers per page. */
  pageSize?: number;
  /** false: there is no referrers endpoint (404). */
  referrers?: boolean;
  /**
   * As registry.ollama.ai: `/v2/` and tag lists are 404; manifests are text/plain, with neither Content-Length nor
   * Docker-Content-Digest, and HEAD has Ollama-Content-Digest. It goes with `auth: "none"`.
   */
  ollama?: boolean;
}

/** Requests seen, by server and by kind. */
export interface Counters {
  registry: number;
  token: number;
  cdn: number;
  ping: number;
  manifestGet: number;
  manifestHead: number;
  manifestPut: number;
  blobGet: number;
  blobHead: number;
  upload: number;
  tags: number;
  catalog: number;
  referrers: number;
}

/** One request as a server saw it. Header names are lower-case, repeated ones joined with ", ". */
export interface RecordedRequest {
  server: "registry" | "token" | "cdn";
  method: string;
  path: string;
  /** Byte-exact, without the question mark. */
  query: string;
  headers: Record<string, string>;
  /** First 4 KiB, of POSTs to the token service only. */
  body?: string;
  /** 0 until answered, and for ever if the socket was dropped before. */
  status: number;
}

export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface SeedImage {
  repository: string;
  /** Default "latest". */
  tag?: string;
  /** Sizes of the layers' incompressible content in bytes; the blobs are a little larger. Default [2048, 4096]. */
  layers?: number[];
  /** Default linux/amd64 and linux/arm64; without an index only the first. */
  platforms?: string[];
  /** Default true. */
  index?: boolean;
  /** Same seed, same bytes. Default: repository and tag. */
  seed?: string;
  /** Media types. Default "oci". */
  format?: "oci" | "docker";
  algorithm?: "sha256" | "sha512";
}

export interface SeededManifest extends Descriptor {
  platform: string;
  config: Descriptor;
  layers: Descriptor[];
}

/** A seeded image; its own descriptor is what the tag names. */
export interface SeededImage extends Descriptor {
  repository: string;
  tag: string;
  /** The index, or null. */
  index: Descriptor | null;
  manifests: SeededManifest[];
}

export interface SeedManifest {
  repository: string;
  /** A tag or a digest. */
  reference: string;
  mediaType: string;
  body: string;
  /** Skip every check, so that a body can be stored under a wrong digest (poisoning tests). */
  unchecked?: boolean;
}

export interface SeedReferrer {
  repository: string;
  /** The subject's digest. */
  subject: string;
  artifactType: string;
  /** Content of its only layer; makes referrers differ. */
  content?: string;
  annotations?: Record<string, string>;
}

/** Where a registry's three servers are. `host` is the authority, the URLs are origins but for the realm. */
export interface Addresses {
  url: string;
  host: string;
  /** The realm: an absolute URL with its path. */
  tokenUrl: string;
  cdnUrl: string;
}
