// The entries of a repository's content.

import type { Digest, Tag } from "../../distribution/reference.ts";
import type { ContentEntry, Entry } from "../../store/entry.ts";
import type { RepositoryLane } from "./lane.ts";

export function manifestEntry({ repository, upstream }: RepositoryLane, digest: Digest): ContentEntry {
  return { kind: "manifest", upstream, repository, digest };
}

export function blobEntry({ repository, upstream }: RepositoryLane, digest: Digest): ContentEntry {
  return { kind: "blob", upstream, repository, digest };
}

export function tagEntry({ repository, upstream }: RepositoryLane, tag: Tag): Entry {
  return { kind: "tag", upstream, repository, tag };
}
