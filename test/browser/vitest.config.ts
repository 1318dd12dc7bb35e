// `npm run test:browser`: the page in Chromium, before the Worker in `wrangler dev`. Not a part of `npm test`, which needs neither.

import { join } from "node:path";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    name: "browser",
    root: join(import.meta.dirname, "../.."),
    include: ["test/browser/*.test.ts"],
    globalSetup: ["test/browser/stage.ts"],
    setupFiles: ["test/browser/after-each.ts"],
    // One browser and one set of registries for all files: what one file does would be in another's journal.
    isolate: false,
    maxWorkers: 1,
    silent: "passed-only",
    testTimeout: 30_000,
    expect: { poll: { timeout: 10_000, interval: 25 } },
    hookTimeout: 60_000,
  },
});
