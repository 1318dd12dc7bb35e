// Type-aware rules: a forgotten await in a Worker is work that is silently cut off. And the rules of this repository.
import tseslint from "typescript-eslint";
import { oneWay } from "./lint/one-way.js";

const noFetch = {
  name: "fetch",
  message: "Everything leaves through src/upstream/fetch.ts (security rule S1).",
};
const noCaches = { name: "caches", message: "The store is behind src/store/." };
const oneDoor = {
  "no-restricted-globals": ["error", noFetch, noCaches],
  "no-restricted-properties": [
    "error",
    { object: "globalThis", property: "fetch", message: "Everything leaves through src/upstream/fetch.ts." },
    { object: "self", property: "fetch", message: "Everything leaves through src/upstream/fetch.ts." },
  ],
};

export default tseslint.config(
  { ignores: ["node_modules/", ".wrangler/", "coverage/", "worker-configuration.d.ts"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ["vitest.config.ts"] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    plugins: { ferry: { rules: { "one-way": oneWay } } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "ferry/one-way": "error",
    },
  },
  { files: ["src/**/*.ts"], ignores: ["src/upstream/fetch.ts"], rules: oneDoor },
  { files: ["src/store/cache.ts"], rules: { "no-restricted-globals": ["error", noFetch] } },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
