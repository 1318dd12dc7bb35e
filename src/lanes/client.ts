// The client lane: a request with a client's own credentials, or none, goes to the registry as that client's, and
// what comes back goes to that client only. Nothing here is stored or shared.

import type { OpenCaller } from "../access/admission.ts";
import { readToken } from "../access/bearer.ts";
import { unauthorized } from "../access/challenge.ts";
import { noteLogin, refuseGuessing } from "../access/failed-logins.ts";
import { qualifyLogin } from "../access/login-names.ts";
import { formatBasic, type Authorization } from "../distribution/authorization.ts";
import { discardBody } from "../distribution/body.ts";
import { RegistryError } from "../distribution/errors.ts";
import { isHtml } from "../distribution/media-types.ts";
import { formatPath, withName, type Endpoint } from "../distribution/path.ts";
import { joinQuery, queryPart, type QueryPart } from "../distribution/query.ts";
import { isRead } from "../routing/inbound.ts";
import { LONG_TIMEOUT_MS, send, SHORT_TIMEOUT_MS, type UpstreamRequest } from "../upstream/fetch.ts";
import { forbidSharing, requestHeaders, withoutCredentials } from "../upstream/headers.ts";
import { decodeUploadSession } from "../upstream/location.ts";
import { learnRealm, rememberedService } from "../upstream/realm.ts";
import { sendFollowing, type Followed } from "../upstream/redirects.ts";
import { answerClient } from "./answer.ts";
import { brakeCaller, scopeOf, type Errand } from "./errand.ts";

/**
 * Serves a request under `/v2/` from the registry.
 * @param caller of an open proxy: there is no client lane for anybody else (S2)
 * @param changed told when the registry itself took a write, and by which status; all that this lane has of the store
 * @throws RegistryError what this proxy itself refuses; the registry's refusals come back as responses
 */
export async function serveFromUpstream(
  errand: Errand,
  caller: OpenCaller,
  changed: (status: number) => Promise<void>,
): Promise<Response> {
  const { inbound, endpoint } = errand;
  const { request, route } = inbound;
  // A login that is right or wrong at once, without a token service (S13); a registry may well read one that we cannot.
  const isLogin = ["basic", "other"].includes(caller.presented.authorization.kind);
  if (isLogin) refuseGuessing(request.headers);
  const isCounted = endpoint.kind === "manifest" && request.method === "GET";
  if (isCounted) await brakeCaller({ errand });
  const authorization = await credentialsFor(errand, caller);
  const { url, credentials } = upstreamAddress(errand);
  // Docker's own token travels with its searches, and on a host of every registry nobody knows whose it is.
  const dockerToken = route.kind === "universal" ? undefined : caller.presented.dockerToken;
  const headers = requestHeaders(request.headers, authorization, dockerToken);
  const outgoing = {
    url,
    method: request.method,
    headers: credentials ? headers : withoutCredentials(headers),
    deadline: deadlineOf(request.method, endpoint),
  };

  const follows = isRead(request.method) && endpoint.kind !== "upload";
  const followed = await (follows
    ? sendFollowing(outgoing, inbound)
    : sendOnce(errand, { ...outgoing, body: request.body }));
  const { response } = followed;
  const isRegistrys = credentials && !isHtml(response.headers.get("Content-Type"));
  if (response.ok && !isRead(request.method) && isRegistrys) await changed(response.status);
  if (isLogin) await noteJudged(errand, response, isCounted);
  const answer = await answerClient(errand, { ...followed, elsewhere: followed.elsewhere || !credentials });
  // What credentials fetched is one client's, whatever the registry says to caches on the way (S19).
  if (authorization !== undefined || dockerToken !== undefined) forbidSharing(answer.headers);
  return answer;
}

/** @throws RegistryError TOOMANYREQUESTS where too many logins from there have failed meanwhile */
async function noteJudged(errand: Errand, response: Response, isCounted: boolean): Promise<void> {
  try {
    const isRight = response.status !== 401;
    noteLogin(errand.inbound.request.headers, isRight);
    if (!isRight && !isCounted) await brakeCaller({ errand });
  } catch (error) {
    await discardBody(response);
    throw error;
  }
}

/** Sends a write, or what is about an upload, and follows nothing. */
async function sendOnce(errand: Errand, outgoing: UpstreamRequest): Promise<Followed> {
  const response = await send(outgoing, errand.inbound.trace);
  if (response.status >= 300 && response.status < 400) {
    // Clients turn a redirected PUT or PATCH into a GET, and its body has gone by then; a session's address is one that
    // a client could have made up (S6).
    await discardBody(response);
    throw new RegistryError(
      "UNKNOWN",
      `${errand.registry.name} redirects a ${outgoing.method}, which is not followed.`,
      { status: 502 },
    );
  }
  const { url } = outgoing;
  return { response, registryHeaders: response.headers, url, elsewhere: false, redirected: false };
}

/** Uploads take as long as they take; for the rest it is the time that clients wait for headers. */
function deadlineOf(method: string, endpoint: Endpoint): number | undefined {
  if (method === "POST" || method === "PUT" || method === "PATCH") return undefined;
  return Date.now() + (endpoint.kind === "ping" ? SHORT_TIMEOUT_MS : LONG_TIMEOUT_MS);
}

function upstreamAddress(errand: Errand): { url: URL; credentials: boolean } {
  const { registry, endpoint, place } = errand;
  const search = joinQuery(queryFor(errand));
  if (place === undefined)
    return { url: new URL(formatPath(endpoint) + search, registry.upstream), credentials: true };
  if (endpoint.kind === "upload") {
    return decodeUploadSession(registry, place.repository, endpoint.session, search);
  }
  const path = formatPath(withName(endpoint, place.repository));
  return { url: new URL(path + search, registry.upstream), credentials: true };
}

/**
 * The query in the registry's names: the `from` of a cross-repository mount. From another registry nothing can be
 * mounted: then a plain upload begins, which is what the specification has registries do that cannot mount.
 */
function queryFor({ mountFrom, query, registry }: Errand): readonly QueryPart[] {
  if (mountFrom === undefined) return query;
  if (mountFrom.registry !== registry) {
    return query.filter((part) => part.name !== "from" && part.name !== "mount");
  }
  if (mountFrom.repository === mountFrom.clientName) return query;
  return query.map((part) => (part.name === "from" ? queryPart("from", mountFrom.repository) : part));
}

/**
 * The Authorization for the registry, from what the client presented.
 * @throws RegistryError UNAUTHORIZED for a bearer of ours that is not for this registry, and nothing leaves
 */
async function credentialsFor(errand: Errand, { presented }: OpenCaller): Promise<string | undefined> {
  const { inbound, registry } = errand;
  const { authorization, header } = presented;
  const isOnlyRegistry = inbound.route.kind === "registry";
  if (authorization.kind === "none") return undefined;
  if (authorization.kind === "bearer") {
    const token = readToken(authorization.token);
    if (token.kind === "registry" && token.registry === registry.name) return `Bearer ${token.token}`;
    if (token.kind === "foreign" && isOnlyRegistry) return header;
    throw invalidToken(
      errand,
      "This token is not one for this registry. Ask for one at the address of the challenge.",
    );
  }
  // As it came, for the registry to judge: no bearer of ours is hidden in it (S2).
  return isOnlyRegistry ? header : basicFor(errand, authorization);
}

/** Basic on a universal host: for the registry that the user name says, and only if that takes Basic itself (S3). */
async function basicFor(errand: Errand, authorization: Authorization): Promise<string> {
  const { inbound, registry } = errand;
  if (authorization.kind !== "basic") {
    throw invalidToken(errand, "This host takes a token of its own token service.");
  }
  const qualified = qualifyLogin(inbound, authorization.user, authorization.password);
  if (qualified.registry === registry) {
    const learned = await learnRealm(registry, errand.place?.repository, inbound.trace);
    if (learned.kind === "basic") return formatBasic(qualified.user, qualified.password);
  }
  throw invalidToken(
    errand,
    `${registry.name} is not reached by these credentials. Log in through the token service.`,
  );
}

function invalidToken(errand: Errand, message: string): RegistryError {
  return unauthorized(errand.inbound, message, {
    service: rememberedService(errand.registry, errand.place?.repository),
    scope: scopeOf(errand),
    error: "invalid_token",
  });
}
