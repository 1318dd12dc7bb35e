// Sections of buckets with which a deployment fails, so that it is said before.

import { kindOf, quote } from "../../src/config/quote.ts";
import { isTable } from "../../src/config/values.ts";
import { bindingsOf, type Table } from "./files.ts";
import { fault, type Finding } from "./findings.ts";

/** R2's own rule, which wrangler checks too. */
const BUCKET_NAME = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;

/** What wrangler refuses. A bucket without a name is none of it: wrangler makes one. */
export function checkR2Buckets(wrangler: Table): Finding[] {
  const buckets = wrangler["r2_buckets"];
  return [
    ...(Array.isArray(buckets) ? buckets.flatMap(checkBucket) : checkList(buckets)),
    ...twice(wrangler),
  ];
}

function checkList(buckets: unknown): Finding[] {
  if (buckets === undefined) return [];
  return [
    fault(
      `wrangler.toml, [r2_buckets]: is ${kindOf(buckets)}, and must be a list of them: write [[r2_buckets]]`,
    ),
  ];
}

function checkBucket(bucket: unknown): Finding[] {
  const place = "wrangler.toml, [[r2_buckets]]";
  if (!isTable(bucket)) return [fault(`${place}: has ${kindOf(bucket)} in it, and must be tables`)];
  const { binding, bucket_name: name } = bucket;
  const isBound = typeof binding === "string" && binding !== "";
  const isNamed = name === undefined || (typeof name === "string" && BUCKET_NAME.test(name));
  return [
    ...(isBound ? [] : [fault(`${place}: has no binding: add binding = "BLOBS"`)]),
    ...(isNamed ? [] : [fault(`${place}, bucket_name: is ${describeName(name)}, ${NO_NAME}`)]),
  ];
}

function describeName(name: unknown): string {
  return typeof name === "string" ? quote(name) : kindOf(name);
}

const NO_NAME =
  "which is no name of a bucket: write 3 to 63 small letters, digits and hyphens, with a letter or a digit at both ends";

function twice(wrangler: Table): Finding[] {
  const names = bindingsOf(wrangler).map(({ name }) => name);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return [...repeated].map((name) => fault(`wrangler.toml, ${name}: is bound twice: remove one`));
}
