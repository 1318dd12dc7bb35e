// Two kinds of tests: pure modules and the fixture in Node, the Worker in workerd.
import { cloudflareTest } from "@cloudflare/vitest-pool-workers";
import { defineConfig } from "vitest/config";

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
          testTimeout: 20_000,
        },
      },
      {
        // Not wrangler.toml: an owner's domains, variables and secrets must not reach the tests.
        plugins: [
          cloudflareTest({
            main: "./src/index.ts",
            miniflare: { compatibilityDate: "2026-08-15", r2Buckets: ["BLOBS"], kvNamespaces: ["KV"] },
          }),
        ],
        test: {
          name: "worker",
          include: ["test/worker/**/*.test.ts"],
          globalSetup: ["./test/registry/setup.ts"],
          // To start workerd for each file takes longer than the tests do: all share one, and each file finds it fresh.
          isolate: false,
          setupFiles: ["./test/worker/before-each-file.ts"],
          testTimeout: 20_000,
          provide: { runs: Number(process.env["FERRY_RUNS"] ?? 1) },
        },
      },
    ],
  },
});
