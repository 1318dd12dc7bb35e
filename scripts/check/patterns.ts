// Patterns of what the bucket keeps that are right, and mean more or less than their owner may think.

import type { RepositoryPattern } from "../../src/config/repository-patterns.ts";

const DOCKER_HUB = "docker.io";

/** Registries on which each repository has an owner before it. */
const TWO_PARTS = [
  "docker.cloudsmith.io",
  "gcr.io",
  "ghcr.io",
  "public.ecr.aws",
  "quay.io",
  "registry.gitlab.com",
];

/** Where everybody may publish. What is on others their owners have chosen. */
const OF_EVERYBODY = [DOCKER_HUB, ...TWO_PARTS];

/**
 * What is to be said of patterns by which something is kept.
 * @param said the variable as it was written: an alias is not seen in a pattern
 */
export function checkPatternsOfBucket(patterns: readonly RepositoryPattern[], said: string): string[] {
  return patterns.flatMap((pattern) => {
    if (isWhole(pattern)) return [describeWhole(pattern, said)];
    if (!isTooShort(pattern)) return [];
    const instead = pattern.text.replace(/\/\*+$/, "/<owner>");
    return [
      `"${pattern.text}" keeps nothing, since each name on ${pattern.registry} has two parts or more: ` +
        `write "${instead}/**"`,
    ];
  });
}

/** True of all of a registry where strangers publish, or of all registries. */
function isWhole({ below, parts, registry }: RepositoryPattern): boolean {
  if (registry !== undefined && !OF_EVERYBODY.includes(registry)) return false;
  const isAny = parts.every((literals) => literals.length > 1 && literals.every((literal) => literal === ""));
  return isAny && (below || parts.length > 1);
}

function isTooShort(
  pattern: RepositoryPattern,
): pattern is RepositoryPattern & { readonly registry: string } {
  const { below, parts, registry } = pattern;
  return registry !== undefined && TWO_PARTS.includes(registry) && !below && parts.length === 1;
}

/** Whoever may pull then chooses what is on the owner's bill (S11). */
function describeWhole({ registry, text }: RepositoryPattern, said: string): string {
  const what = registry ?? "every registry of the table";
  return (
    `"${text}" lets everybody who can use the proxy fill your bucket with any public image of ${what}: ` +
    `name the repositories that you use, such as ${examples(registry, said)}`
  );
}

function examples(registry: string | undefined, said: string): string {
  if (registry === undefined || registry === DOCKER_HUB) return `"${DOCKER_HUB}/library/*"`;
  const isAlias = registry === "ghcr.io" && said.includes("lscr.io/");
  return isAlias ? '"ghcr.io/linuxserver/**" (lscr.io is ghcr.io)' : `"${registry}/<owner>/**"`;
}
