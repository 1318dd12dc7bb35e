// What the global setup hands to the tests.

/** A registry as it is known to the tests: what arrives there, and what is in it. */
export interface StagedRegistry {
  /** Its address at the control server. */
  readonly control: string;
  readonly url: string;
}

export interface Stage {
  /** Chromium's own address. */
  readonly browser: string;
  /** The port of each proxy. */
  readonly ports: { readonly open: number; readonly login: number; readonly address: number };
  readonly hub: StagedRegistry;
  /** Where a test may play a registry that says anything. */
  readonly hostilePort: number;
  /** The digest of the index of `library/nginx:1.27`, and of its image for linux/amd64. */
  readonly nginx: { readonly index: string; readonly amd64: string };
}

declare module "vitest" {
  export interface ProvidedContext {
    stage: Stage;
  }
}
