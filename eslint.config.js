// Type-aware rules: a forgotten await in a Worker is work that is silently cut off.
import tseslint from "typescript-eslint";

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

/** Imports point one way (CONTRIBUTING.md): a folder may not import from those that stand above it. */
function mayNotImport(files, groups, message) {
  return {
    files,
    rules: {
      "no-restricted-imports": ["error", { patterns: groups.map((group) => ({ group: [group], message })) }],
    },
  };
}

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
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
    },
  },
  { files: ["src/**/*.ts"], ignores: ["src/upstream/fetch.ts"], rules: oneDoor },
  { files: ["src/store/cache.ts"], rules: { "no-restricted-globals": ["error", noFetch] } },
  mayNotImport(["src/distribution/**"], ["../*"], "distribution/ is pure and imports nothing of ours."),
  mayNotImport(
    ["src/upstream/**", "src/access/**", "src/*.ts"],
    ["**/lanes/**", "**/handler.ts", "**/store/*"],
    "Imports point from the handler through the lanes to upstream and store; only the public lane has the store.",
  ),
  mayNotImport(
    ["src/lanes/*.ts", "src/page/**"],
    ["**/handler.ts", "**/store/*"],
    "Nothing imports the handler, and only the public lane has the store.",
  ),
  mayNotImport(["src/lanes/public/**", "src/store/**"], ["**/handler.ts"], "Nothing imports the handler."),
  { files: ["src/handler.ts", "src/index.ts"], rules: { "no-restricted-imports": "off" } },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
