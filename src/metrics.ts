// One data point for each request, for an owner who bound a dataset. What a log may not have, a point has not (S21).

import type { Dataset } from "./config/bindings.ts";
import type { Trace } from "./log.ts";

/** Bytes of an index that Analytics Engine takes. */
const MAX_INDEX = 96;

/**
 * Writes the point of an answered request. docs/metrics.md says what each column is.
 * @param bytes that the answer has, as far as its header says
 */
export function writePoint(dataset: Dataset, trace: Trace, status: number, bytes: number): void {
  const line = trace.line(status);
  const text = (name: string): string => (typeof line[name] === "string" ? line[name] : "");
  const number = (name: string): number => (typeof line[name] === "number" ? line[name] : 0);
  dataset.writeDataPoint({
    indexes: [text("registry").slice(0, MAX_INDEX)],
    blobs: [
      ...["host", "method", "endpoint", "repository", "user", "lane", "cache", "rule"].map(text),
      String(status),
    ],
    doubles: [bytes, ...["total_ms", "upstream_ms", "upstream_requests"].map(number)],
  });
}
