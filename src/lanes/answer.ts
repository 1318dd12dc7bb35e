// A registry's answer, made fit for the client: headers from the list, names and addresses as the client knows them,
// no page of HTML, and the body as it comes.

import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import { responseHeaders } from "../upstream/headers.ts";
import type { Followed } from "../upstream/redirects.ts";
import { mapLinks, mapLocation } from "./answer-addresses.ts";
import { answerError, answerSuccess } from "./answer-bodies.ts";
import { mapChallenges } from "./answer-challenges.ts";
import type { Errand } from "./errand.ts";
import { readWithRoom } from "./reading-room.ts";

/** Lists are read only where the repository's name in them must be mapped. */
const MAX_TAG_LIST = 4 * 1024 * 1024;

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
  if (!followed.elsewhere) await mapChallenges(errand, response, headers);
  if (response.status >= 200 && response.status < 300) {
    mapLocation(errand, response, followed.url, headers);
    mapLinks(errand, response, headers);
  }

  if (response.status >= 400) return answerError(errand, followed, headers);
  const answer = await answerSuccess(errand, followed, headers);
  return answer.status === 200 && tagListNeedsMapping(errand, followed) ? mapTagList(errand, answer) : answer;
}

function tagListNeedsMapping(errand: Errand, followed: Followed): boolean {
  const { place, endpoint } = errand;
  if (endpoint.kind !== "tags" || place === undefined) return false;
  return followed.redirected || place.clientName !== place.repository;
}

async function mapTagList(errand: Errand, { body, headers, status }: Response): Promise<Response> {
  const bytes = await readWithRoom(body, MAX_TAG_LIST);
  if (bytes === undefined) {
    throw new RegistryError(
      "SIZE_INVALID",
      "The tag list is larger than 4 MiB: ask for it in pages, with ?n=1000.",
      { status: 502 },
    );
  }
  headers.delete("Content-Length");
  const text = new TextDecoder().decode(bytes);
  const list = parseObject(text);
  const mapped =
    list?.["name"] === undefined ? text : JSON.stringify({ ...list, name: errand.place?.clientName });
  return new Response(mapped, { status, headers });
}
