// The public lane: requests of clients without credentials, served with tokens of our own and from the store (S7).

import { parseTag } from "../../distribution/reference.ts";
import { dropAbsences } from "./absence.ts";
import { insufficientScope } from "./content.ts";
import { serveBlob } from "./blobs.ts";
import { ofRepository, type Lane } from "./lane.ts";
import { serveList } from "./lists.ts";
import { dropManifest } from "./manifest-shelf.ts";
import { serveManifest } from "./manifests.ts";
import { dropTag } from "./tags.ts";
import { readVisibility } from "./visibility.ts";

/**
 * Serves a read; anything else is told to log in, and nothing leaves.
 * @throws RegistryError UNAUTHORIZED with a challenge for writes, and for what nobody may read without credentials
 */
export async function servePublicly(lane: Lane): Promise<Response> {
  const { endpoint, inbound } = lane.errand;
  const { method } = inbound.request;
  if (method !== "GET" && method !== "HEAD") throw insufficientScope(lane.errand);
  switch (endpoint.kind) {
    case "manifest":
      return serveManifest(ofRepository(lane), endpoint);
    case "blob":
      return serveBlob(ofRepository(lane), endpoint);
    case "tags":
    case "referrers":
    case "catalog":
      return serveList(lane, endpoint);
    default:
      throw insufficientScope(lane.errand);
  }
}

/** After a manifest was pushed or deleted through here, the next pull asks what its tag stands for. */
export async function forgetChanged(lane: Lane): Promise<void> {
  const { endpoint } = lane.errand;
  if (endpoint.kind !== "manifest") return;
  const about = ofRepository(lane);
  const { generation } = await readVisibility(about);
  const { reference } = endpoint;
  dropAbsences(about);
  if (reference.kind === "digest") await dropManifest(about, generation, reference.digest);
  // A push by digest may name tags in its query (distribution-spec, end-7b).
  const named = lane.errand.query.filter((part) => part.name === "tag").map((part) => parseTag(part.value));
  for (const tag of [reference.kind === "tag" ? reference.tag : undefined, ...named]) {
    if (tag !== undefined) await dropTag(about, generation, tag);
  }
}
