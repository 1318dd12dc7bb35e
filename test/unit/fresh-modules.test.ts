// Test files share a process; what a file leaves there must not reach the next one.
import { expect, it, vi } from "vitest";
import { forgetModules } from "../fresh-modules.ts";

it("a module is another one after that, and the globals are the real ones", async () => {
  const globals = (): unknown[] => [Date, setTimeout, fetch];
  const real = globals();
  const one = await import("../../src/isolate.ts");
  expect(await import("../../src/isolate.ts")).toBe(one);
  vi.useFakeTimers();
  vi.stubGlobal("fetch", undefined);
  forgetModules();
  expect(await import("../../src/isolate.ts")).not.toBe(one);
  expect(globals()).toEqual(real);
});
