// Lists in the public lane: tags, referrers, the catalog. Asked each time; only a referrers' 404 is remembered.

import { discardBody } from "../../distribution/body.ts";
import { isHtml } from "../../distribution/media-types.ts";
import { formatPath, withName, type Endpoint } from "../../distribution/path.ts";
import { joinQuery } from "../../distribution/query.ts";
import { recallAbsence, rememberAbsence } from "./absence.ts";
import { insufficientScope, pass } from "./content.ts";
import { isHead, ofRepository, type Lane } from "./lane.ts";

/** What a registry answers (distribution-spec, end-12), and what some answer instead. */
const REFERRERS = "application/vnd.oci.image.index.v1+json, application/json";

type ListEndpoint = Extract<Endpoint, { kind: "tags" | "referrers" | "catalog" }>;

/**
 * Serves GET and HEAD of a list, which says nothing of the repository's visibility: some registries give its content to
 * everybody and its lists to nobody, or the other way round.
 */
export async function serveList(lane: Lane, endpoint: ListEndpoint): Promise<Response> {
  const { errand } = lane;
  const { registry, place } = errand;
  const search = joinQuery(errand.query);
  const about = place === undefined ? undefined : ofRepository(lane);
  const what = endpoint.kind === "referrers" ? `referrers/${endpoint.digest}${search}` : undefined;
  if (about !== undefined && what !== undefined) {
    const absent = recallAbsence(about, what);
    if (absent !== undefined) return absent;
  }

  const answer = await (about ?? lane).ask({
    registry,
    repository: place?.repository,
    path: formatPath(place === undefined ? endpoint : withName(endpoint, place.repository)),
    search,
    method: isHead(lane) ? "HEAD" : "GET",
    conditions: { accept: endpoint.kind === "referrers" ? REFERRERS : "application/json" },
  });
  if (answer.refusedBy !== undefined) {
    await discardBody(answer.response);
    throw insufficientScope(errand);
  }
  // Clients ask by GET: what odd requests by HEAD provoke, or a page that somebody else answers with, is not for others
  // (S18).
  const { headers, status } = answer.response;
  const isAbsent =
    status === 404 &&
    !answer.followed.elsewhere &&
    answer.method === "GET" &&
    !isHtml(headers.get("Content-Type"));
  if (about !== undefined && what !== undefined && isAbsent) {
    rememberAbsence(about, what, answer.askedAt);
  }
  return pass(lane, answer.followed, "bypass");
}
