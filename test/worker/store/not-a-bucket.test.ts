// workerd's own bindings under the name BLOBS: the unit tests know them by their methods only.
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { configOf } from "../../../src/config/config.ts";
import type { OciErrors } from "../client-ferry.ts";
import { Ferry } from "../ferry.ts";

const { BLOBS, KV } = env as unknown as { BLOBS: R2Bucket; KV: KVNamespace };
const ROUTES = { docker: "https://registry.example.com" };

describe("BLOBS", () => {
  it("may be a bucket", () => {
    const result = configOf({ ROUTES, BLOBS });
    expect(result.ok && result.config.bucket).toBe(BLOBS);
  });

  it("F10: that is a KV namespace is 500 from the first request on", async () => {
    const response = await new Ferry(ROUTES, { BLOBS: KV }).fetch("https://docker.example.com/v2/");
    expect(response.status).toBe(500);
    expect((await response.json<OciErrors>()).errors[0]?.message).toContain("BLOBS");
    const result = configOf({ ROUTES, BLOBS: KV });
    expect(!result.ok && result.faults[0]?.reason).toContain("is a KV namespace, and not an R2 bucket");
  });

  it("S20: the environment of the tests themselves is right, whatever else is bound in it", () => {
    expect(configOf({ ...env, ROUTES })).toMatchObject({ ok: true });
  });
});
