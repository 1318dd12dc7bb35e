// The optional bindings beside the bucket: a rate limiter, and a dataset of Analytics Engine. Each is told from all else
// that can be bound under its name by the method that it has.

import { kindOf } from "./quote.ts";
import { isTable, unset, type ReportReason } from "./values.ts";

/** The platform's rate limiter (`[[ratelimits]]`). */
export interface RateLimiter {
  limit(options: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/** A dataset of Analytics Engine (`[[analytics_engine_datasets]]`). */
export interface Dataset {
  writeDataPoint(point: {
    readonly indexes: readonly string[];
    readonly blobs: readonly (string | null)[];
    readonly doubles: readonly number[];
  }): void;
}

/** The limiter of `RATE_LIMITER`; undefined where none is bound, and where something else is, which is reported. */
export function readLimiter(value: unknown, report: ReportReason): RateLimiter | undefined {
  const isIt = isBinding(value, "limit", "a rate limiter", "[[ratelimits]]", report);
  return isIt ? (value as RateLimiter) : undefined;
}

/** The dataset of `METRICS`; undefined where none is bound, and where something else is, which is reported. */
export function readDataset(value: unknown, report: ReportReason): Dataset | undefined {
  const setting = "[[analytics_engine_datasets]]";
  const isIt = isBinding(value, "writeDataPoint", "a dataset of Analytics Engine", setting, report);
  return isIt ? (value as Dataset) : undefined;
}

function isBinding(
  value: unknown,
  method: string,
  what: string,
  setting: string,
  report: ReportReason,
): boolean {
  if (unset(value)) return false;
  // Each property of a service binding may be a function of the other Worker: it seems to have every method there is.
  const has = (name: string): boolean => isTable(value) && typeof value[name] === "function";
  if (has(method) && !has("fetch")) return true;
  report(`is ${has("fetch") ? "a service binding" : kindOf(value)}, and not ${what}: bind one by ${setting}`);
  return false;
}
