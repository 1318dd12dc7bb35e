// What the set-up hands to the tests inside workerd.
declare module "vitest" {
  interface ProvidedContext {
    controlUrl: string;
    /** By how much property tests multiply their runs (`FERRY_RUNS`). */
    runs: number;
  }
}
export {};
