// Manifests in the public lane: by tag, or by digest.

import type { Endpoint } from "../../distribution/path.ts";
import type { ContentLane } from "./lane.ts";
import { serveDigest } from "./manifests-by-digest.ts";
import { serveTag } from "./manifests-by-tag.ts";

/** Serves GET and HEAD of a manifest. */
export function serveManifest(
  lane: ContentLane,
  { reference }: Extract<Endpoint, { kind: "manifest" }>,
): Promise<Response> {
  return reference.kind === "tag" ? serveTag(lane, reference.tag) : serveDigest(lane, reference.digest);
}
