// The owner's bucket, as the tests of the store that lasts bind it: what is asked of it is counted, and it fails, is late or
// lies when it is told to.
import { env } from "cloudflare:workers";
import { forgetIsolate } from "../ferry.ts";
import { forgetCaches } from "../fresh-worker.ts";

export const { BLOBS } = env as unknown as { readonly BLOBS: R2Bucket };

export type Operation = "delete" | "get" | "head" | "put";
/** "late" comes to nothing, when the trouble ends; "garbage" is an object that is something else. */
export type Trouble = "fail" | "garbage" | "late";

export class LastingBucket {
  /** How often each operation was called since `reset`. */
  readonly counts: Record<Operation, number> = { delete: 0, get: 0, head: 0, put: 0 };
  readonly troubles = new Map<Operation, Trouble>();
  /** The only object that is in trouble, where it is not all of them. */
  troubledKey: string | undefined;

  /** With nothing in it. */
  static async open(): Promise<LastingBucket> {
    await beginWithoutObjects();
    return new LastingBucket();
  }

  /** What the Worker finds as `BLOBS`. */
  readonly binding = {
    head: (key: string): Promise<unknown> => this.#meet("head", key, () => BLOBS.head(key)),
    get: (key: string, options: R2GetOptions): Promise<unknown> =>
      this.#meet("get", key, () => BLOBS.get(key, options)),
    put: (key: string, value: never, options: R2PutOptions): Promise<unknown> =>
      this.#meet("put", key, () => BLOBS.put(key, value, options)),
    delete: (key: string): Promise<unknown> => this.#meet("delete", key, () => BLOBS.delete(key)),
    createMultipartUpload: (key: string): Promise<unknown> => BLOBS.createMultipartUpload(key),
  };

  /** Class A and class B, as they are billed; to delete is free. */
  get billed(): { readonly a: number; readonly b: number } {
    const { get, head, put } = this.counts;
    return { a: put, b: get + head };
  }

  reset(): void {
    Object.assign(this.counts, { delete: 0, get: 0, head: 0, put: 0 });
  }

  /** Every operation is in the same trouble from now on; without one, none is. */
  trouble(trouble?: Trouble, operations: readonly Operation[] = ["delete", "get", "head", "put"]): void {
    for (const operation of operations) {
      if (trouble === undefined) this.troubles.delete(operation);
      else this.troubles.set(operation, trouble);
    }
  }

  async #meet(operation: Operation, key: string, call: () => Promise<unknown>): Promise<unknown> {
    this.counts[operation] += 1;
    const isTroubled = this.troubledKey === undefined || this.troubledKey === key;
    switch (isTroubled ? this.troubles.get(operation) : undefined) {
      case "fail":
        throw new Error("R2 fails");
      case "late":
        // A promise that nobody resolves would be noticed by the runtime, which ends the request.
        for (let waited = 0; waited < LATE_MS && this.troubles.get(operation) === "late"; waited += 20) {
          await scheduler.wait(20);
        }
        throw new Error("R2 is late");
      case "garbage":
        return garbage(operation);
      case undefined:
        return call();
    }
  }
}

const LATE_MS = 3_500;

function garbage(operation: Operation): unknown {
  const text = "no document, no metadata";
  const object = { key: "x", size: text.length, customMetadata: { kind: "x" }, uploaded: new Date() };
  if (operation === "head") return object;
  const body = new Response(text);
  return operation === "get" ? { ...object, body: body.body, text: () => body.text() } : undefined;
}

/** Another isolate in another data centre, over the same bucket. */
export function moveAway(): void {
  forgetIsolate();
  forgetCaches();
}

async function beginWithoutObjects(): Promise<void> {
  const { objects: all } = await BLOBS.list();
  if (all.length > 0) await BLOBS.delete(all.map(({ key }) => key));
}

/** Every object of the bucket: its key, and its words where it is a record. */
export async function objects(): Promise<
  readonly { readonly key: string; readonly words: Record<string, string> }[]
> {
  const listed = await BLOBS.list({ include: ["customMetadata"] });
  return Promise.all(
    listed.objects.map(async ({ key, customMetadata }) => {
      if (customMetadata !== undefined && Object.keys(customMetadata).length > 0)
        return { key, words: customMetadata };
      const text = await (await BLOBS.get(key))?.text();
      return { key, words: JSON.parse(text ?? "{}") as Record<string, string> };
    }),
  );
}
