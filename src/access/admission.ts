// Who may use this proxy: decided before anything is said about lanes (S2).

import type { Presented } from "./caller.ts";

/**
 * Somebody whom an open proxy serves like everybody else. What they present is theirs and a registry's: the client
 * lane passes it on, and takes no other kind of caller.
 */
export interface OpenCaller {
  readonly kind: "open";
  readonly presented: Presented;
}

/** Who was let in, and as what. */
export type Caller = OpenCaller;

/** Lets a caller in. This version is open: a configuration that sets any rule about access is a fault, and serves nobody. */
export function admit(presented: Presented): Caller {
  return { kind: "open", presented };
}
