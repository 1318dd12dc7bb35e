// What the registry holds: blobs, manifests and tags, per repository.
import { OciError } from "./errors.ts";

export interface StoredManifest {
  mediaType: string;
  body: Buffer;
}

/** One repository. Blobs belong to it: another repository's blobs are unknown here until pushed or mounted. */
export interface Repository {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, StoredManifest>;
  /** Tag to digest. */
  readonly tags: Map<string, string>;
}

export type Repositories = Map<string, Repository>;

/** The repository of that name, made if need be. */
export function open(repositories: Repositories, name: string): Repository {
  let repository = repositories.get(name);
  if (repository === undefined) {
    repository = { blobs: new Map(), manifests: new Map(), tags: new Map() };
    repositories.set(name, repository);
  }
  return repository;
}

/** The repository of that name, or 404 NAME_UNKNOWN. */
export function known(repositories: Repositories, name: string): Repository {
  const repository = repositories.get(name);
  if (repository === undefined) {
    throw new OciError("NAME_UNKNOWN", "repository name not known to registry", { detail: { name } });
  }
  return repository;
}

/** Removes a manifest and every tag that names it. False if there is none. */
export function removeManifest(repository: Repository, digest: string): boolean {
  for (const [tag, target] of repository.tags) if (target === digest) repository.tags.delete(tag);
  return repository.manifests.delete(digest);
}
