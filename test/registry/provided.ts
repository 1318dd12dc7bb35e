// What the set-up hands to the tests inside workerd.
declare module "vitest" {
  interface ProvidedContext {
    controlUrl: string;
  }
}
export {};
