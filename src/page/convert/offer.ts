// What this proxy offers to whoever converts.

/** A registry that this proxy serves, and how its images are written here. */
export interface Served {
  /** As in names: `docker.io`. */
  readonly name: string;
  /** Other names of it: `index.docker.io`. */
  readonly aliases: readonly string[];
  /** What stands here before a repository, with its slash: `mirror.example.com/ghcr.io/`, `docker.example.com/`. */
  readonly prefix: string;
}

/** What this proxy offers to whoever converts: nothing is rewritten that is not in it (S23). */
export interface Offer {
  readonly served: readonly Served[];
  /** Hosts of this proxy, with their ports: what begins with one of them goes through it already. */
  readonly hosts: readonly string[];
}
