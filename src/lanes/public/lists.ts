// Lists in the public lane: tags, referrers, the catalog. Asked each time; only a referrers' 404 is remembered.

import { discardBody } from "../../distribution/body.ts";
import { formatPath, withName, type Endpoint } from "../../distribution/path.ts";
import { acceptClass } from "../../distribution/manifest.ts";
import { joinQuery } from "../../distribution/query.ts";
import { PublicResponse } from "../../upstream/anonymous.ts";
import { recallAbsence, rememberAbsence } from "./absence.ts";
import { insufficientScope, pass } from "./content.ts";
import { isHead, ofRepository, type Lane } from "./lane.ts";

type ListEndpoint = Extract<Endpoint, { kind: "tags" | "referrers" | "catalog" }>;

/**
 * Serves GET and HEAD of a list, which says nothing of the repository's visibility: some registries give its content to
 * everybody and its lists to nobody, or the other way round.
 */
export async function serveList(lane: Lane, endpoint: ListEndpoint): Promise<Response> {
  const { errand, context } = lane;
  const { registry, place } = errand;
  const { request } = errand.inbound;
  const search = joinQuery(errand.query);
  const about = place === undefined ? undefined : ofRepository(lane);
  const what = endpoint.kind === "referrers" ? `referrers/${endpoint.digest}${search}` : undefined;
  if (about !== undefined && what !== undefined) {
    const absent = recallAbsence(about, what);
    if (absent !== undefined) return absent;
  }

  const answer = await PublicResponse.fetch(
    {
      registry,
      repository: place?.repository,
      path: formatPath(place === undefined ? endpoint : withName(endpoint, place.repository)),
      search,
      method: isHead(lane) ? "HEAD" : "GET",
      conditions: { accept: request.headers.get("Accept") ?? undefined },
    },
    context,
  );
  if (answer.denied) {
    await discardBody(answer.response);
    throw insufficientScope(errand);
  }
  // What an odd Accept provokes says nothing to other clients.
  const usual = acceptClass(request.headers.get("Accept")) !== undefined;
  if (about !== undefined && what !== undefined && usual && answer.response.status === 404) {
    rememberAbsence(about, what);
  }
  return pass(lane, answer.followed, "bypass");
}
