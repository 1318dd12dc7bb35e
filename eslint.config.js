// Type-aware rules: a forgotten await in a Worker is work that is silently cut off. And the rules of this repository.
import tseslint from "typescript-eslint";
import { oneWay } from "./lint/one-way.js";
import { onlyHere } from "./lint/only-here.js";

const noFetch = {
  name: "fetch",
  message: "Everything leaves through src/upstream/fetch.ts (security rule S1).",
};
const noCaches = { name: "caches", message: "The store is behind src/store/." };
/** The global object by its names: what is reached through it is reached past the two rules above. */
const noGlobalObject = ["globalThis", "self"].map((name) => ({ name, message: "Name the global itself." }));

export default tseslint.config(
  { ignores: ["node_modules/", ".wrangler/", "coverage/", "**/worker-configuration.d.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["vitest.config.ts"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { ferry: { rules: { "one-way": oneWay, "only-here": onlyHere } } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "ferry/one-way": "error",
    },
  },
  {
    files: ["src/**"],
    rules: {
      "ferry/only-here": "error",
      "no-restricted-globals": ["error", noFetch, noCaches, ...noGlobalObject],
      "no-restricted-properties": [
        "error",
        ...["globalThis", "self"].flatMap((object) => [
          { object, property: "fetch", message: noFetch.message },
          { object, property: "caches", message: noCaches.message },
        ]),
      ],
    },
  },
  {
    files: ["src/upstream/fetch.ts"],
    rules: { "no-restricted-globals": ["error", noCaches, ...noGlobalObject] },
  },
  {
    files: ["src/store/cache.ts"],
    rules: { "no-restricted-globals": ["error", noFetch, ...noGlobalObject] },
  },
  {
    // In a browser nothing leaves but to the host of the page, which its Content-Security-Policy sees to.
    files: ["src/page/browser/registry.ts"],
    rules: { "no-restricted-globals": ["error", noCaches, ...noGlobalObject] },
  },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
