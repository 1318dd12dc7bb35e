// Two kinds of tests: pure modules and the fixture in Node, the Worker in workerd.
import { availableParallelism } from "node:os";
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

// Not wrangler.toml: an owner's domains, variables and secrets must not reach the tests.
const workerd = (): ReturnType<typeof cloudflareTest> =>
  cloudflareTest({
    main: "./src/index.ts",
    miniflare: { compatibilityDate: "2026-08-15", r2Buckets: ["BLOBS"], kvNamespaces: ["KV"] },
  });

const ADVERSARY = "test/worker/store/adversary*.test.ts";

/** Those that run first, beside each other. On two cores too, of which Vitest would leave one idle. */
const together = { maxWorkers: Math.max(2, availableParallelism() - 1), sequence: { groupOrder: 0 } };

export default defineConfig({
  test: {
    silent: "passed-only",
    coverage: { provider: "istanbul", include: ["src/**/*.ts"], reporter: ["text", "html"] },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          setupFiles: ["./test/unit/before-each-file.ts"],
          ...together,
          testTimeout: 20_000,
        },
      },
      {
        // Few files that take long, so that each can have a workerd of its own.
        plugins: [workerd()],
        test: {
          name: "adversary",
          include: [ADVERSARY],
          ...together,
          testTimeout: 20_000,
          provide: { runs: Number(process.env["FERRY_RUNS"] ?? 1) },
        },
      },
      {
        plugins: [workerd()],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          exclude: [ADVERSARY],
          globalSetup: ["./test/registry/setup.ts"],
          // To start workerd for each file takes longer than the tests do: all share one, and each file finds it fresh.
          // One, since where there are more the pool hands out files one by one, and each makes the next one's imports slower.
          isolate: false,
          maxWorkers: 1,
          setupFiles: ["./test/worker/before-each-file.ts"],
          sequence: { groupOrder: 1 },
          testTimeout: 20_000,
        },
      },
    ],
  },
});
