// The public lane: requests of clients without credentials, served with tokens of our own and from the store (S7).

import { parseTag } from "../../distribution/reference.ts";
import { isRead } from "../../routing/inbound.ts";
import { dropAbsences } from "./absence.ts";
import { insufficientScope } from "./content.ts";
import { serveBlob } from "./blobs.ts";
import { ofContent, type Lane } from "./lane.ts";
import { serveList } from "./lists.ts";
import { endReference } from "./ending.ts";
import { serveManifest } from "./manifests.ts";
import { dropTag } from "./tags.ts";

/**
 * Serves a read; anything else is told to log in, and nothing leaves.
 * @throws RegistryError UNAUTHORIZED with a challenge for writes, and for what nobody may read without credentials
 */
export async function servePublicly(lane: Lane): Promise<Response> {
  const { endpoint, inbound } = lane.errand;
  if (!isRead(inbound.request.method)) throw insufficientScope(lane.errand);
  switch (endpoint.kind) {
    case "ping":
      return pong();
    case "manifest":
      return serveManifest(await ofContent(lane), endpoint);
    case "blob":
      return serveBlob(await ofContent(lane), endpoint);
    case "tags":
    case "referrers":
    case "catalog":
      return serveList(lane, endpoint);
    default:
      throw insufficientScope(lane.errand);
  }
}

/** `/v2/` for our own bearer, and of registries that challenge nobody. */
function pong(): Response {
  return new Response("{}", {
    headers: {
      "Content-Type": "application/json",
      "Content-Length": "2",
      "Cache-Control": "no-transform",
      "Docker-Distribution-Api-Version": "registry/2.0",
    },
  });
}

/**
 * After a write that the registry took (201 to PUT, 202 to DELETE), what it was about is asked anew: a tag, a manifest, a
 * blob. Nothing else is forgotten (S9).
 */
export async function forgetChanged(lane: Lane, status: number): Promise<void> {
  const { endpoint, inbound, query } = lane.errand;
  const { method } = inbound.request;
  const isDeleted = method === "DELETE" && status === 202;
  if (!isDeleted && !(method === "PUT" && status === 201)) return;
  if (endpoint.kind !== "manifest" && endpoint.kind !== "blob") return;
  const about = await ofContent(lane);
  dropAbsences(about);
  if (endpoint.kind === "blob")
    return endReference(about, { kind: "blob", digest: endpoint.digest }, "deleted");
  const { reference } = endpoint;
  if (reference.kind === "digest" && isDeleted) {
    await endReference(about, { kind: "manifest", digest: reference.digest }, "deleted");
  }
  // A push by digest may name tags in its query (distribution-spec, end-7b).
  const named = query.filter((part) => part.name === "tag").map((part) => parseTag(part.value));
  for (const tag of [reference.kind === "tag" ? reference.tag : undefined, ...named]) {
    if (tag !== undefined) await dropTag(about, tag);
  }
}
