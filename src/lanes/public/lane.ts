// What every step of the public lane works with: the errand, the store, and work that outlives the answer.

import type { Config } from "../../config/config.ts";
import { matchesRepository } from "../../config/repository-patterns.ts";
import { RegistryError } from "../../distribution/errors.ts";
import type { RepositoryName } from "../../distribution/reference.ts";
import type { Defer } from "../../routing/inbound.ts";
import { BucketStore } from "../../store/bucket.ts";
import { CacheStore } from "../../store/cache.ts";
import { NoStore } from "../../store/none.ts";
import type { Store } from "../../store/store.ts";
import type { PublicContext } from "../../upstream/anonymous.ts";
import { keepRealm } from "../../upstream/realm.ts";
import type { Errand } from "../errand.ts";
import { TokenStore } from "./anonymous-tokens.ts";
import type { Witness } from "./record.ts";
import { isProven } from "./record-store.ts";
import { Visibility } from "./visibility.ts";

export interface Lane {
  readonly errand: Errand;
  readonly config: Config;
  /** The store of this data centre. */
  readonly store: Store;
  /** The store that lasts; only where the owner bound one. */
  readonly bucket: BucketStore | undefined;
  readonly defer: Defer;
  readonly context: PublicContext;
}

/** A lane that is about one repository. */
export interface RepositoryLane extends Lane {
  /** Origin of the registry. */
  readonly upstream: string;
  readonly repository: RepositoryName;
  /** The bucket, of a repository that is kept there: strangers must not write the owner's bill (S11). */
  readonly lasting: BucketStore | undefined;
  /** Those of the context, which are anybody's once the repository is proved. */
  readonly tokens: TokenStore;
}

/** A lane that is about a repository's content, and knows whether that may be shown. */
export interface ContentLane extends RepositoryLane {
  readonly visibility: Visibility;
}

/** Sets up the lane for a request. */
export function openLane(errand: Errand): Lane {
  const { config, defer, isOurs, trace } = errand.inbound;
  const keeps = errand.registry.store;
  const store = keeps ? new CacheStore(defer) : new NoStore();
  // Of the catalog nothing is ever proved.
  const tokens = new TokenStore(store, defer, () => false);
  return {
    errand,
    config,
    store,
    bucket: config.bucket === undefined || !keeps ? undefined : new BucketStore(config.bucket, defer),
    defer,
    context: { tokens, trace, isOurs },
  };
}

/** The lane of a request that names a repository. @throws RegistryError NAME_INVALID for one that does not */
export function ofRepository(lane: Lane): RepositoryLane {
  const { place, registry } = lane.errand;
  if (place === undefined) throw new RegistryError("NAME_INVALID", "The request names no repository.");
  const { repository } = place;
  const { bucketRepositories } = lane.config;
  const isKept = matchesRepository(bucketRepositories, registry.name, repository);
  const lasting = isKept ? lane.bucket : undefined;
  const subject = { upstream: registry.upstream, repository, lasting };
  const tokens = new TokenStore(lane.store, lane.defer, () => registry.store && isProven(subject));
  return { ...lane, ...subject, tokens, context: { ...lane.context, tokens } };
}

/** The same, with what is known of the repository: the one look at its record that a request takes. */
export async function ofContent(lane: Lane): Promise<ContentLane> {
  const about = ofRepository(lane);
  return { ...about, visibility: await Visibility.of(about) };
}

/**
 * The registry answered with the repository's own thing: proof of it, and leave to keep the token that got it.
 * @param askedAt when the question was sent
 * @param witness what a tag resolved to
 */
export async function proveRepository(lane: ContentLane, askedAt: number, witness?: Witness): Promise<void> {
  await lane.visibility.prove(askedAt, witness);
  keepRealm(lane.errand.registry, lane.repository);
  lane.tokens.share({ upstream: lane.upstream, scope: `repository:${lane.repository}:pull` });
}

/** True where the client wants headers only: to be asked where it decides what is asked or read. */
export function isHead(lane: Lane): boolean {
  return lane.errand.inbound.request.method === "HEAD";
}
