// Sections of buckets that Cloudflare or wrangler refuses.
import { describe, expect, it } from "vitest";
import { reportOf, TABLE } from "./stage.ts";

function bucket(name: string, binding = "BLOBS"): string {
  return `[[r2_buckets]]\nbinding = "${binding}"\nbucket_name = ${name}\n`;
}

const FORM = "write 3 to 63 small letters, digits and hyphens, with a letter or a digit at both ends";

describe("D: check-config stops a deployment", () => {
  it("of buckets that are no list", () => {
    const { faults, effective } = reportOf(
      bucket('"layers"').replace("[[r2_buckets]]", "[r2_buckets]") + TABLE,
    );
    expect(faults).toEqual([
      "wrangler.toml, [r2_buckets]: is a table, and must be a list of them: write [[r2_buckets]]",
    ]);
    expect(effective).toEqual([]);
  });

  it.each(['"Layers"', '"my_layers"', '"ab"', '"-layers"', '"layers-"', '""'])(
    "of a bucket's name that R2 refuses: %s",
    (name) => {
      expect(reportOf(bucket(name) + TABLE).faults).toEqual([
        `wrangler.toml, [[r2_buckets]], bucket_name: is ${name}, which is no name of a bucket: ${FORM}`,
      ]);
    },
  );

  it("of a bucket's name that is too long", () => {
    expect(reportOf(bucket(`"${"a".repeat(63)}"`) + TABLE).faults).toEqual([]);
    expect(reportOf(bucket(`"${"a".repeat(64)}"`) + TABLE).faults).toEqual([expect.stringContaining(FORM)]);
  });

  it("of a bucket's name that is no text", () => {
    expect(reportOf(bucket("5") + TABLE).faults).toEqual([
      `wrangler.toml, [[r2_buckets]], bucket_name: is a number, which is no name of a bucket: ${FORM}`,
    ]);
  });

  it("of a bucket without a binding", () => {
    expect(reportOf(`[[r2_buckets]]\nbucket_name = "layers"\n${TABLE}`).faults).toEqual([
      'wrangler.toml, [[r2_buckets]]: has no binding: add binding = "BLOBS"',
    ]);
  });

  it("of two bindings of one name", () => {
    expect(reportOf(bucket('"one"') + bucket('"two"') + TABLE).faults).toEqual([
      "wrangler.toml, BLOBS: is bound twice: remove one",
    ]);
    expect(
      reportOf(`${bucket('"one"')}[[kv_namespaces]]\nbinding = "BLOBS"\nid = "x"\n${TABLE}`).faults,
    ).toContain("wrangler.toml, BLOBS: is bound twice: remove one");
  });

  it("of no bucket that may be deployed: without a name wrangler makes one", () => {
    for (const toml of [bucket('"a-1"'), bucket('"one"', "FILES"), '[[r2_buckets]]\nbinding = "BLOBS"\n']) {
      expect(reportOf(toml + TABLE).faults).toEqual([]);
    }
  });
});
