// The bucket and the patterns of what it keeps: one without the other does nothing.

import type { Config } from "../../src/config/config.ts";
import { isBlank } from "../../src/config/values.ts";
import { environmentOf, type Files } from "./files.ts";
import { warning, type Finding } from "./findings.ts";
import { sourceOf } from "./variables.ts";

const PATTERNS = "BUCKET_REPOSITORIES";

/** Warnings where less is kept than the owner may think. */
export function checkBucket(files: Files, config: Config): Finding[] {
  const said = environmentOf(files)[PATTERNS];
  const place = `${sourceOf(files, PATTERNS)}, ${PATTERNS}`;
  const { bucket, bucketRepositories: patterns, registries } = config;
  const kept = patterns.filter(
    ({ registry }) => registry === undefined || registries.get(registry)?.store !== false,
  );
  const without = patterns.filter((pattern) => !kept.includes(pattern));
  return [
    ...(bucket !== undefined && isBlank(said) ? [warning(readOnly(files))] : []),
    ...(bucket === undefined && patterns.length > 0 ? [warning(`${place}: ${WITHOUT_BUCKET}`)] : []),
    ...without.map(({ text, registry = "" }) =>
      warning(
        `${place}: nothing of ${registry} is kept, by \`store = false\` of its row: remove "${text}", or that option`,
      ),
    ),
  ];
}

/** The setting as it will be: what the bucket keeps, or what it would keep. */
export function describeKept({ bucket, bucketRepositories: patterns }: Config): string {
  if (patterns.length === 0) return bucket === undefined ? "none" : "none, so that the bucket is only read";
  const texts = patterns.map(({ text }) => text).join(", ");
  return bucket === undefined ? texts : `the bucket keeps ${texts}`;
}

const WITHOUT_BUCKET =
  "nothing lasts, since no bucket is bound: add above [vars] the three lines " +
  '`[[r2_buckets]]`, `binding = "BLOBS"` and `bucket_name = "registry-ferry-blobs"`, or uncomment them';

function readOnly(files: Files): string {
  return (
    `${sourceOf(files, "BLOBS")}, BLOBS: this bucket is read, and nothing is written into it: ` +
    `name what it is to keep below [vars], by a line such as ${PATTERNS} = "docker.io/library/*"`
  );
}
