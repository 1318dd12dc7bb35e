// What keeps private content out of the store is a type: these lines must not compile.
import { expect, it } from "vitest";
import { CacheStore } from "../../../src/store/cache.ts";
import type { StoreKey } from "../../../src/store/store.ts";
import { PublicResponse } from "../../../src/upstream/anonymous.ts";

const key = "0".repeat(64) as StoreKey;
const bytes = new Uint8Array(1);

it("the store takes content only with an answer to an anonymous request", () => {
  const store = new CacheStore();
  const wrong = [
    // @ts-expect-error a client's response is no proof of being public
    (): Promise<void> => store.writeContent(key, {}, bytes, 1, new Response()),
    // @ts-expect-error nor is one that looks like it
    (): Promise<void> => store.writeContent(key, {}, bytes, 1, { response: new Response(), askedAt: 0 }),
    // @ts-expect-error content does not go where records go
    (): Promise<void> => store.writeRecord(key, bytes, 1),
  ];
  expect(wrong).toHaveLength(3);
});

it("nobody but the anonymous fetch makes such an answer", () => {
  const make = (): unknown => {
    // @ts-expect-error the constructor is private
    return new PublicResponse({}, 0, "GET");
  };
  expect(make).toBeTypeOf("function");
});
