// The bucket and the patterns of what it keeps: one without the other does nothing.

import { EVERYTHING } from "../../src/config/bucket.ts";
import type { Config } from "../../src/config/config.ts";
import { isBlank } from "../../src/config/values.ts";
import { environmentOf, type Files } from "./files.ts";
import { warning, type Finding } from "./findings.ts";
import { checkPatternsOfBucket } from "./patterns.ts";
import { sourceOf } from "./variables.ts";

const PATTERNS = "BUCKET_REPOSITORIES";

/** Warnings where less is kept than the owner may think, or more. */
export function checkBucket(files: Files, config: Config): Finding[] {
  const said = environmentOf(files)[PATTERNS];
  const place = `${sourceOf(files, PATTERNS)}, ${PATTERNS}`;
  const { access, bucket, bucketRepositories: patterns } = config;
  const { kept, without } = sorted(config);
  return [
    ...(bucket !== undefined && isBlank(said) && !access.isClosed ? [warning(readOnly(files))] : []),
    ...(bucket === undefined && patterns.length > 0 && !isBlank(said)
      ? [warning(`${place}: ${WITHOUT_BUCKET}`)]
      : []),
    ...without.map(({ text, registry = "" }) =>
      warning(
        `${place}: nothing of ${registry} is kept, by \`store = false\` of its row: remove "${text}", or that option`,
      ),
    ),
    // Of a closed proxy its own people choose what is asked for.
    ...(bucket === undefined || access.isClosed ? [] : checkPatternsOfBucket(kept, JSON.stringify(said))).map(
      (objection) => warning(`${place}: ${objection}`),
    ),
  ];
}

/** True where the bucket keeps what it keeps by itself: nothing of an open proxy, everything of a closed one. */
export function isUsual({ access, bucketRepositories: patterns }: Config): boolean {
  const texts = patterns.map(({ text }) => text).join(" ");
  return texts === (access.isClosed ? EVERYTHING : []).map(({ text }) => text).join(" ");
}

/** The setting as it will be: what the bucket keeps, or what it would keep. */
export function describeKept(config: Config): string {
  const { bucket, bucketRepositories: patterns, registries } = config;
  if (patterns.length === 0) return bucket === undefined ? "none" : "none, so that the bucket is only read";
  if (bucket === undefined) return patterns.map(({ text }) => text).join(", ");
  const { kept } = sorted(config);
  if (kept.length === 0) return "the bucket keeps nothing, by `store = false`";
  const texts = kept.map(({ text }) => text).join(", ");
  const left = [...new Set(registries.values())].filter(({ store }) => !store).map(({ name }) => name);
  const isAll = kept.some(({ registry }) => registry === undefined);
  const less = isAll && left.length > 0 ? `, and nothing of ${left.join(", ")}, by \`store = false\`` : "";
  return `the bucket keeps ${texts}${less}`;
}

type Patterns = Config["bucketRepositories"];

/** Patterns by which something is kept, and those of rows that say `store = false`. */
function sorted({ bucketRepositories: patterns, registries }: Config): { kept: Patterns; without: Patterns } {
  const kept = patterns.filter(
    ({ registry }) => registry === undefined || registries.get(registry)?.store !== false,
  );
  return { kept, without: patterns.filter((pattern) => !kept.includes(pattern)) };
}

const WITHOUT_BUCKET =
  "nothing is kept in a bucket, since none is bound: add above [vars] the three lines " +
  '`[[r2_buckets]]`, `binding = "BLOBS"` and `bucket_name = "registry-ferry-blobs"`, or uncomment them';

function readOnly(files: Files): string {
  return (
    `${sourceOf(files, "BLOBS")}, BLOBS: this bucket is read, and nothing is written into it: ` +
    `name what it is to keep below [vars], by a line such as ${PATTERNS} = "docker.io/library/*"`
  );
}
