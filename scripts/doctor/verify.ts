// Whether a manifest is what its digest says.

import { hasDigest, isVerifiable } from "../../src/distribution/digest.ts";
import { parseDigest } from "../../src/distribution/reference.ts";
import type { Answer } from "./answers.ts";
import { failed, ok, WITH_IMAGE, type Finding } from "./finding.ts";

/** Computes the digest of what came. @param name of the image, for its owner */
export async function verify({ body, headers }: Answer, name: string): Promise<Finding> {
  const digest = parseDigest(headers.get("Docker-Content-Digest") ?? "");
  if (digest === undefined || !isVerifiable(digest)) {
    return failed(
      "manifest",
      `${name} came without a digest that can be computed`,
      `name another image: ${WITH_IMAGE}`,
    );
  }
  if (await hasDigest(body, digest)) {
    return ok("manifest", `${name}, ${body.byteLength} bytes, digest verified (${digest.slice(0, 19)}…)`);
  }
  return failed(
    "manifest",
    `${name} has not the digest that it came with (${digest})`,
    "something on the way changes what is sent: ask from another network",
  );
}
