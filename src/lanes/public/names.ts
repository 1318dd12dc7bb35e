// What maps of the isolate call a repository, and what is in one: the one place where such a name is made, so that none of them
// forgets the class (S10).

import type { RepositoryName } from "../../distribution/reference.ts";

/** A repository as a lane has it: its registry, with the account of a private class. */
export interface Kept {
  readonly upstream: string;
  readonly repository: RepositoryName;
}

/** The name of a repository, or of a tag or digest in it. */
export function nameOf({ repository, upstream }: Kept, reference?: string): string {
  return reference === undefined ? `${upstream} ${repository}` : `${upstream} ${repository} ${reference}`;
}
