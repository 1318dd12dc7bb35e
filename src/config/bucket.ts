// The bucket of `BLOBS`, told from all else that can be bound under that name by the methods it has.

import type { R2Bucket } from "@cloudflare/workers-types";
import { kindOf } from "./quote.ts";
import { EVERY_REPOSITORY, type RepositoryPattern } from "./repository-patterns.ts";
import { isTable, unset, type ReportReason } from "./values.ts";

/** What the owner says of the bucket. */
export interface BucketSettings {
  /** Undefined where the owner bound none. */
  readonly bucket: R2Bucket | undefined;
  /**
   * The repositories that it keeps. Where nothing is said, all of a closed proxy and none of an open one: strangers
   * choose what that is asked for, and must not write its owner's bill (S11).
   */
  readonly bucketRepositories: readonly RepositoryPattern[];
}

/** What the bucket of a closed proxy keeps by default. */
export const EVERYTHING: readonly RepositoryPattern[] = [EVERY_REPOSITORY];

const R2_METHODS = ["head", "get", "put", "delete", "createMultipartUpload"];

/**
 * A method by which another binding is known. The service binding is first: each of its properties may be a function of
 * the other Worker, so that it seems to have every method there is.
 */
const OTHERS: readonly (readonly [method: string, what: string])[] = [
  ["fetch", "a service binding"],
  ["getWithMetadata", "a KV namespace"],
  ["idFromName", "a Durable Object namespace"],
  ["prepare", "a D1 database"],
  ["send", "a queue"],
  ["limit", "a rate limiter"],
  ["writeDataPoint", "an Analytics Engine dataset"],
];

/** The bucket; undefined where none is bound, and where something else is, which is reported. */
export function readBucket(value: unknown, report: ReportReason): R2Bucket | undefined {
  if (unset(value)) return undefined;
  const has = (method: string): boolean => isTable(value) && typeof value[method] === "function";
  const other = OTHERS.find(([method]) => has(method))?.[1];
  if (other === undefined && R2_METHODS.every(has)) return value as R2Bucket;
  report(
    `is ${other ?? kindOf(value)}, and not an R2 bucket: ` +
      'in wrangler.toml a bucket is bound by [[r2_buckets]] with binding = "BLOBS", and its bucket_name',
  );
  return undefined;
}
