// A registry's answer, made fit for the client: headers from the list, names and addresses as the client knows them,
// no page of HTML, and the body as it comes.

import { discardBody, readCapped } from "../distribution/body.ts";
import {
  codeOfStatus,
  errorResponse,
  isEdgeStatus,
  RegistryError,
  statusForClient,
  type ErrorCode,
} from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import { isHtml, isJson } from "../distribution/media-types.ts";
import type { Endpoint } from "../distribution/path.ts";
import { responseHeaders } from "../upstream/headers.ts";
import type { Followed } from "../upstream/redirects.ts";
import { mapLinks, mapLocation } from "./answer-addresses.ts";
import { mapChallenges } from "./answer-challenges.ts";
import type { Errand } from "./errand.ts";

/** Lists are read only where the repository's name in them must be mapped. */
const MAX_TAG_LIST = 4 * 1024 * 1024;
const BODYLESS = [204, 205, 304];

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

  if (isUnfit(errand, followed)) return replaceBody(errand, followed, headers);
  const status = statusForClient(response.status);
  if (status === 200 && tagListNeedsMapping(errand, followed)) {
    return mapTagList(errand, response, headers);
  }
  if (errand.endpoint.kind === "blob" && isHtml(headers.get("Content-Type"))) {
    // A blob may well be a page; shown as one on our host name it would be phishing.
    headers.set("Content-Type", "application/octet-stream");
  }
  if (BODYLESS.includes(status)) return new Response(null, { status, headers });
  return new Response(response.body, { status, headers });
}

/** True of bodies that are not relayed: HTML, and what a CDN says of its own errors in XML or prose. */
function isUnfit(errand: Errand, followed: Followed): boolean {
  const { response, elsewhere } = followed;
  const type = response.headers.get("Content-Type");
  if (isEdgeStatus(response.status)) return !isJson(type);
  if (response.status >= 400) return isHtml(type) || (elsewhere && !isJson(type));
  return isHtml(type) && errand.endpoint.kind !== "blob";
}

async function replaceBody(errand: Errand, followed: Followed, headers: Headers): Promise<Response> {
  const { response, url } = followed;
  await discardBody(response);
  const host = followed.elsewhere ? url.host : errand.registry.name;
  const problem = `${host} answered ${response.status} with a page that is no registry's`;
  for (const name of ["Content-Type", "Content-Length", "ETag", "Last-Modified", "Docker-Content-Digest"]) {
    headers.delete(name);
  }
  if (response.status < 400) {
    throw new RegistryError("UNKNOWN", `${host} answered with a web page instead of a registry's answer.`, {
      status: 502,
      problem,
    });
  }
  errand.inbound.trace.problem = problem;
  const status = statusForClient(response.status);
  const code = codeFor(errand.endpoint, status);
  return errorResponse(code, `${host} answered ${response.status}.`, { status, headers });
}

/** The code that says most about a status of that endpoint. */
export function codeFor(endpoint: Endpoint, status: number): ErrorCode {
  if (status !== 404) return codeOfStatus(status);
  if (endpoint.kind === "manifest") return "MANIFEST_UNKNOWN";
  return endpoint.kind === "blob" ? "BLOB_UNKNOWN" : "NAME_UNKNOWN";
}

function tagListNeedsMapping(errand: Errand, followed: Followed): boolean {
  const { place, endpoint } = errand;
  if (endpoint.kind !== "tags" || place === undefined) return false;
  return followed.redirected || place.clientName !== place.repository;
}

async function mapTagList(errand: Errand, response: Response, headers: Headers): Promise<Response> {
  const bytes = await readCapped(response.body, MAX_TAG_LIST);
  if (bytes === undefined) {
    throw new RegistryError(
      "SIZE_INVALID",
      "The tag list is larger than 4 MiB: ask for it in pages, with ?n=1000.",
      {
        status: 502,
      },
    );
  }
  headers.delete("Content-Length");
  const text = new TextDecoder().decode(bytes);
  const list = parseObject(text);
  const body =
    list?.["name"] === undefined ? text : JSON.stringify({ ...list, name: errand.place?.clientName });
  return new Response(body, { status: response.status, headers });
}
