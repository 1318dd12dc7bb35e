// What every step of the public lane works with: the errand, the store, and work that outlives the answer.

import type { Config } from "../../config/config.ts";
import { matchesRepository } from "../../config/repository-patterns.ts";
import { RegistryError } from "../../distribution/errors.ts";
import type { RepositoryName } from "../../distribution/reference.ts";
import type { Defer } from "../../routing/inbound.ts";
import { BucketStore } from "../../store/bucket.ts";
import { CacheStore } from "../../store/cache.ts";
import type { Class } from "../../store/entry.ts";
import { NoStore } from "../../store/none.ts";
import type { Store } from "../../store/store.ts";
import { PublicResponse, type PublicContext } from "../../upstream/anonymous.ts";
import type { ReadRequest } from "../../upstream/read-request.ts";
import type { Answer } from "../../upstream/answer.ts";
import { OwnerResponse, type Owner } from "../../upstream/owner.ts";
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
  /** Whose account its questions are asked with; undefined for nobody's. */
  readonly owner: Owner | undefined;
  /** Asks the registry itself. @throws RegistryError where there is no answer */
  readonly ask: (request: ReadRequest) => Promise<Answer>;
}

/** A lane that is about one repository. */
export interface RepositoryLane extends Lane {
  /**
   * Origin of the registry, and of a private class whose it is: all that is kept or remembered of a lane has it in its name,
   * so that nothing of one class is found by the other (S10).
   */
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
  const context = { tokens: new TokenStore(store, defer, () => false), trace, isOurs };
  return {
    errand,
    config,
    store,
    bucket: config.bucket === undefined || !keeps ? undefined : new BucketStore(config.bucket, defer),
    defer,
    context,
    owner: undefined,
    ask: (request) => PublicResponse.fetch(request, context),
  };
}

/**
 * The same lane for the owner's account: with a class of its own in the Cache API and in memory, and never in the bucket
 * (S10). Of a guest of a closed proxy only.
 */
export function ofOwner(lane: Lane, owner: Owner): Lane {
  const { context, defer, errand } = lane;
  const of: Class = { name: `private ${owner.identity}`, secret: owner.secret };
  return {
    ...lane,
    store: errand.registry.store ? new CacheStore(defer, of) : new NoStore(),
    bucket: undefined,
    owner,
    ask: (request) => OwnerResponse.fetch(request, owner, context),
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
  const upstream =
    lane.owner === undefined ? registry.upstream : `${registry.upstream} ${lane.owner.identity}`;
  const subject = { upstream, repository, lasting };
  // The owner's tokens are kept elsewhere (`src/upstream/owner-token.ts`).
  const tokens = new TokenStore(
    lane.store,
    lane.defer,
    () => lane.owner === undefined && registry.store && isProven(subject),
  );
  const context = { ...lane.context, tokens };
  const about = { ...lane, ...subject, tokens, context };
  if (lane.owner !== undefined) return about;
  return { ...about, ask: (request) => PublicResponse.fetch(request, context) };
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
