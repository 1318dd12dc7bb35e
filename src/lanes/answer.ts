// A registry's answer, made fit for the client: headers from the list, names and addresses as the client knows them,
// no page of HTML, and the body as it comes.

import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { responseHeaders } from "../upstream/headers.ts";
import type { Followed } from "../upstream/redirects.ts";
import { mapLinks, mapLocation } from "./answer-addresses.ts";
import { answerError, answerSuccess } from "./answer-bodies.ts";
import { mapChallenges } from "./answer-challenges.ts";
import type { Errand } from "./errand.ts";
import { nameTagList } from "./tag-list.ts";

/** The answer for the client. @throws RegistryError with 502 where the registry's answer is none */
export async function answerClient(errand: Errand, followed: Followed): Promise<Response> {
  const { response } = followed;
  if (followed.elsewhere && response.status === 401) {
    await discardBody(response);
    throw new RegistryError(
      "UNKNOWN",
      `${errand.registry.name} redirects to ${followed.url.host}, which asks for credentials of its own.`,
      { status: 502, problem: `${followed.url.host} asked for credentials after a redirect` },
    );
  }
  const headers = responseHeaders(followed.registryHeaders, response.headers);
  if (errand.ns !== undefined) headers.set("OCI-Namespace", errand.ns);
  // A guest of a closed proxy is asked for no login, and the host of a key row is in no answer (S16).
  if (!followed.elsewhere && errand.inbound.caller.kind === "open") {
    await mapChallenges(errand, response, headers);
  }
  if (response.status >= 200 && response.status < 300) {
    mapLocation(errand, response, followed.url, headers);
    mapLinks(errand, response, headers);
  }

  if (response.status >= 400) return answerError(errand, followed, headers);
  const answer = await answerSuccess(errand, followed, headers);
  const { endpoint, place } = errand;
  if (answer.status !== 200 || endpoint.kind !== "tags" || place === undefined) return answer;
  const isOther = followed.redirected || place.clientName !== place.repository;
  return isOther ? nameTagList(errand, answer, place.clientName) : answer;
}
