// What is bound as BLOBS: a bucket, or something that only looks like one. The methods are those that workerd's own
// bindings have.
import { describe, expect, it } from "vitest";
import { describeFault, readConfig } from "../../src/config/config.ts";

const ROUTES = { row: "https://registry.example.com" };

function withMethods(...names: string[]): Record<string, () => undefined> {
  return Object.fromEntries(names.map((name) => [name, () => undefined]));
}

const R2 = withMethods("head", "get", "put", "delete", "list", "createMultipartUpload");
const KV = withMethods("get", "put", "delete", "list", "getWithMetadata");
/** A service binding answers to every name: each may be a function of the other Worker. */
const SERVICE: unknown = new Proxy({}, { get: () => () => undefined });

function faultOf(BLOBS: unknown): string | undefined {
  const result = readConfig({ ROUTES, BLOBS });
  return result.ok ? undefined : result.faults.map(describeFault).join("\n");
}

describe("BLOBS", () => {
  it("is the bucket that is bound", () => {
    const result = readConfig({ ROUTES, BLOBS: R2 });
    expect(result.ok && result.config.bucket).toBe(R2);
  });

  it.each(["", null, undefined])("is no bucket where it is empty: %j", (BLOBS) => {
    const result = readConfig({ ROUTES, BLOBS });
    expect(result.ok && result.config.bucket).toBe(undefined);
  });

  it.each<[string, unknown]>([
    ["a KV namespace", KV],
    ["a service binding", SERVICE],
    ["a D1 database", withMethods("prepare", "batch", "exec")],
    ["a Durable Object namespace", withMethods("get", "idFromName", "newUniqueId")],
    ["a queue", withMethods("send", "sendBatch")],
    ["a rate limiter", withMethods("limit")],
    ["an Analytics Engine dataset", withMethods("writeDataPoint")],
    ["a text", "registry-ferry-blobs"],
    ["a list", [R2]],
    ["a boolean", true],
    ["a number", 1],
    ["a table", {}],
    ["a table", withMethods("get", "put")],
  ])("F10: that is %s is a fault that says so, and what to write", (what, value) => {
    expect(faultOf(value)).toContain(`BLOBS: is ${what}, and not an R2 bucket`);
    expect(faultOf(value)).toContain('[[r2_buckets]] with binding = "BLOBS"');
  });

  it("F10: is not taken for a bucket by a part of its methods", () => {
    for (const method of ["head", "get", "put", "delete", "createMultipartUpload"])
      expect(faultOf({ ...R2, [method]: undefined })).toContain("not an R2 bucket");
    expect(faultOf({ ...R2, ...KV })).toContain("not an R2 bucket");
  });
});
