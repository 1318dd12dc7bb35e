// Test files share a workerd; what a file leaves there must not reach the next one.
import { env } from "cloudflare:workers";
import { expect, it, vi } from "vitest";
import { isKept, plant, STORE } from "./store/stage.ts";
import { beginAnew } from "./fresh-worker.ts";

const { BLOBS } = env as unknown as { BLOBS: R2Bucket };
const URL_OF_SOMETHING = `${STORE}something`;

it("it is made fresh before a file", () => {
  expect(Object.hasOwn(caches, "open")).toBe(true);
});

it("a cache has nothing of what was there", async () => {
  await plant(URL_OF_SOMETHING, {}, "something");
  expect(await isKept(URL_OF_SOMETHING)).toBe(true);
  await beginAnew();
  expect(await isKept(URL_OF_SOMETHING)).toBe(false);
});

it("caches of other names stay others", async () => {
  await plant(URL_OF_SOMETHING, {}, "something");
  expect(await (await caches.open("another")).match(URL_OF_SOMETHING)).toBeUndefined();
});

it("the bucket is empty", async () => {
  await Promise.all(["a", "b", "c"].map((key) => BLOBS.put(key, "something")));
  await beginAnew();
  expect((await BLOBS.list()).objects).toEqual([]);
});

it("the Worker is another one, which remembers nothing", async () => {
  const [one, isolate] = await Promise.all([import("../../src/index.ts"), import("../../src/isolate.ts")]);
  const memory = isolate.remember<string, string>(1);
  memory.set("a", "b");
  await beginAnew();
  const [other, another] = await Promise.all([import("../../src/index.ts"), import("../../src/isolate.ts")]);
  expect(other.default).not.toBe(one.default);
  another.forgetIsolate();
  expect(memory.get("a"), "forgotten by its own isolate alone").toBe("b");
});

it("the clock, the timers and the globals are the real ones, and nobody listens in", async () => {
  const globals = (): unknown[] => [Date, setTimeout, clearTimeout, fetch, caches];
  const before = globals();
  vi.useFakeTimers();
  vi.stubGlobal("caches", {});
  vi.spyOn(globalThis, "fetch");
  for (const [index, now] of globals().entries()) expect(now, String(index)).not.toBe(before[index]);
  await beginAnew();
  for (const [index, now] of globals().entries()) expect(now, String(index)).toBe(before[index]);
});
