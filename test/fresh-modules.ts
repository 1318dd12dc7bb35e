// The test files of a project share a process: starting one for each took longer than the tests. So none may find what
// another left there.
import { vi } from "vitest";

/** The modules that are imported from now on remember nothing. And the globals, the clock among them, are the real ones. */
export function forgetModules(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.resetModules();
}
