// A workerd that nobody used, without starting one.
import { env } from "cloudflare:workers";
import { forgetModules } from "../fresh-modules.ts";

/** An isolate that remembers nothing, in a data centre that has nothing, over an empty bucket. */
export async function beginAnew(): Promise<void> {
  forgetModules();
  forgetCaches();
  await emptyBucket((env as unknown as { readonly BLOBS: R2Bucket }).BLOBS);
}

/** A cache cannot be emptied, since it does not say what it has; so each name means another one from now on. */
export function forgetCaches(): void {
  enterCentre(crypto.randomUUID());
}

/** The next questions are asked in this data centre, which has what it had when it was left. */
export function enterCentre(centre: string): void {
  // The method of the class, since that of the object is the one that was put there for the file before.
  const open = (name: string): Promise<Cache> =>
    CacheStorage.prototype.open.call(caches, `${name} of ${centre}`);
  Object.defineProperty(caches, "open", { value: open, configurable: true, writable: true });
}

async function emptyBucket(bucket: R2Bucket): Promise<void> {
  for (;;) {
    const { objects } = await bucket.list();
    if (objects.length === 0) return;
    await bucket.delete(objects.map(({ key }) => key));
  }
}
