// A registry's answer, made fit for the client: headers from the list, names and addresses as the client knows them,
// no page of HTML, and the body as it comes.

import { formatChallenge, isScheme, parseChallenges, type Challenge } from "../distribution/challenge.ts";
import {
  codeOfStatus,
  errorResponse,
  isEdgeStatus,
  RegistryError,
  statusForClient,
  type ErrorCode,
} from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import { formatLink, parseLinks } from "../distribution/link.ts";
import { isHtml, isJson } from "../distribution/media-types.ts";
import { formatPath, parsePath, withName, type Endpoint } from "../distribution/path.ts";
import { joinQuery, queryPart, splitQuery } from "../distribution/query.ts";
import { parseDigest, type RepositoryName } from "../distribution/reference.ts";
import { formatScope, isRepositoryScope, parseScopes } from "../distribution/scope.ts";
import { ourChallenge, realmOf } from "../routing/inbound.ts";
import { clientNameOf, type Place } from "../routing/names.ts";
import { readCapped, discardBody } from "../upstream/fetch.ts";
import { responseHeaders } from "../upstream/headers.ts";
import { encodeUploadLocation } from "../upstream/location.ts";
import { learnRealm } from "../upstream/realm.ts";
import type { Followed } from "../upstream/redirects.ts";
import { scopeOf, type Errand } from "./errand.ts";

/** Lists are read only where the repository's name in them must be mapped. */
const MAX_TAG_LIST = 4 * 1024 * 1024;
const BODYLESS = [204, 205, 304];

/** The answer for the client. @throws RegistryError with 502 where the registry's answer is none */
export async function answerClient(errand: Errand, followed: Followed): Promise<Response> {
  const { response } = followed;
  const { request, trace } = errand.inbound;
  if (followed.elsewhere && response.status === 401) {
    await discardBody(response);
    trace.problem = `${followed.url.host} asked for credentials after a redirect`;
    throw new RegistryError(
      "UNKNOWN",
      `${errand.registry.name} redirects to ${followed.url.host}, which asks for credentials of its own.`,
      { status: 502 },
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
  if (request.method !== "HEAD" && status === 200 && tagListNeedsMapping(errand, followed)) {
    return mapTagList(errand, response, headers);
  }
  if (errand.endpoint.kind === "blob" && isHtml(headers.get("Content-Type"))) {
    // A blob may well be a page; shown as one on our host name it would be phishing.
    headers.set("Content-Type", "application/octet-stream");
  }
  if (request.method === "HEAD") {
    await discardBody(response);
    if (tagListNeedsMapping(errand, followed)) headers.delete("Content-Length");
    return new Response(null, { status, headers });
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
  errand.inbound.trace.problem = `${host} answered ${response.status} with a page that is no registry's`;
  for (const name of ["Content-Type", "Content-Length", "ETag", "Last-Modified", "Docker-Content-Digest"]) {
    headers.delete(name);
  }
  if (response.status < 400) {
    throw new RegistryError("UNKNOWN", `${host} answered with a web page instead of a registry's answer.`, {
      status: 502,
    });
  }
  const status = statusForClient(response.status);
  const code = codeFor(errand.endpoint, status);
  const answer = errorResponse(code, `${host} answered ${response.status}.`, {
    status,
    headers,
  });
  return errand.inbound.request.method === "HEAD" ? new Response(null, answer) : answer;
}

/** The code that says most about a status of that endpoint. */
export function codeFor(endpoint: Endpoint, status: number): ErrorCode {
  if (status !== 404) return codeOfStatus(status);
  if (endpoint.kind === "manifest") return "MANIFEST_UNKNOWN";
  return endpoint.kind === "blob" ? "BLOB_UNKNOWN" : "NAME_UNKNOWN";
}

/** Challenges so that token requests come back here, in the client's names, one to a line, Bearer first. */
async function mapChallenges(errand: Errand, response: Response, headers: Headers): Promise<void> {
  const challenges = parseChallenges(response.headers.get("WWW-Authenticate"));
  const mapped = challenges.map((challenge) =>
    isScheme(challenge, "bearer") ? mapBearer(errand, challenge) : formatChallenge(challenge),
  );
  if (response.status === 401 && challenges.length === 0) {
    // Some of Google's 401s name no challenge; podman and docker have nothing to go by then.
    const learned = await learnRealm(errand.registry, errand.place?.repository, errand.inbound.trace);
    if (learned.kind === "bearer") {
      mapped.push(ourChallenge(errand.inbound, { service: learned.service, scope: scopeOf(errand) }));
    }
  }
  const bearerFirst = (text: string): number => (/^bearer\b/i.test(text) ? 0 : 1);
  mapped.sort((one, other) => bearerFirst(one) - bearerFirst(other));
  for (const text of mapped) headers.append("WWW-Authenticate", text);
}

function mapBearer(errand: Errand, challenge: Challenge): string {
  const { inbound } = errand;
  const parameters = new Map([["realm", realmOf(inbound)]]);
  for (const [name, value] of challenge.parameters) {
    if (name === "realm") continue;
    if (name === "scope") {
      // ghcr.io's ping names a repository `user/image` that nobody asked for.
      if (errand.endpoint.kind !== "ping") parameters.set(name, mapScopes(errand, value));
    } else if (name === "service" && inbound.route.kind === "universal") {
      parameters.set(name, inbound.host.authority);
    } else {
      parameters.set(name, value);
    }
  }
  if (inbound.route.kind === "universal") parameters.set("service", inbound.host.authority);
  return formatChallenge({ scheme: "Bearer", parameters });
}

function mapScopes(errand: Errand, value: string): string {
  const { inbound, registry, place } = errand;
  return parseScopes(value)
    .map((scope) => {
      if (!isRepositoryScope(scope)) return formatScope(scope);
      const name =
        scope.name === place?.repository
          ? place.scopeName
          : clientNameOf(inbound.config, inbound.route, registry, scope.name);
      return formatScope({ ...scope, name });
    })
    .join(" ");
}

/** `Location` of uploads, and of what was created. Always a path: oras and ggcr refuse another host. */
function mapLocation(errand: Errand, response: Response, from: URL, headers: Headers): void {
  const { registry, place, endpoint } = errand;
  const location = response.headers.get("Location");
  if (location === null || place === undefined) return;
  if (response.status !== 201) {
    if (endpoint.kind !== "upload" && endpoint.kind !== "upload-start") return;
    const { session, search } = encodeUploadLocation(registry, place.repository, location, from);
    headers.set("Location", `/v2/${place.addressName}/blobs/uploads/${session}${search}`);
    return;
  }
  const created = createdAt(errand, place, location, from);
  if (created !== undefined) headers.set("Location", addressOf(created, place));
}

/** The blob or manifest that a 201 is about: the registry's word, else what the request said. */
function createdAt(errand: Errand, place: Place, location: string, from: URL): Endpoint | undefined {
  const { endpoint, query } = errand;
  const said = URL.canParse(location, from.href)
    ? parseOrNothing(new URL(location, from).pathname)
    : undefined;
  if (said?.kind === "blob" || said?.kind === "manifest") return said;
  if (endpoint.kind === "manifest") return endpoint;
  const digest = parseDigest(
    query.find((part) => part.name === "digest" || part.name === "mount")?.value ?? "",
  );
  return digest === undefined ? undefined : { kind: "blob", name: place.clientName, digest };
}

function parseOrNothing(path: string): Endpoint | undefined {
  try {
    return parsePath(path);
  } catch {
    return undefined;
  }
}

/** The next page is the same endpoint with another query, wherever a redirect had the list come from. */
function mapLinks(errand: Errand, response: Response, headers: Headers): void {
  const { endpoint, place, ns } = errand;
  if (endpoint.kind !== "tags" && endpoint.kind !== "catalog" && endpoint.kind !== "referrers") return;
  for (const link of parseLinks(response.headers.get("Link"))) {
    const search = /\?[^#]*/.exec(link.target)?.[0] ?? "";
    // The catalog has no name that could carry the registry, and a registry with a port fits in none.
    const keepsNamespace = place === undefined || place.registry.name.includes(":");
    const query = keepsNamespace ? withNamespace(search, ns) : search;
    const target = (place === undefined ? formatPath(endpoint) : addressOf(endpoint, place)) + query;
    headers.append("Link", formatLink({ ...link, target }));
  }
}

function withNamespace(search: string, ns: string | undefined): string {
  return ns === undefined ? search : joinQuery([...splitQuery(search), queryPart("ns", ns)]);
}

function addressOf(endpoint: Endpoint, place: Place): string {
  return formatPath(withName(endpoint, place.addressName as RepositoryName));
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
