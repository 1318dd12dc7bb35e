// The body of a registry's answer: nothing in it acts, and nothing passes that the endpoint does not have (S19, S6).

import { discardBody, readCapped } from "../distribution/body.ts";
import {
  codeOfStatus,
  errorResponse,
  RegistryError,
  statusForClient,
  type ErrorCode,
} from "../distribution/errors.ts";
import { parseObject } from "../distribution/json.ts";
import { inertType, isHtml, isJson, mediaTypeOf } from "../distribution/media-types.ts";
import type { Endpoint } from "../distribution/path.ts";
import { isRead } from "../routing/inbound.ts";
import type { Followed } from "../upstream/redirects.ts";
import type { Errand } from "./errand.ts";

const MAX_ERROR = 64 * 1024;
const BODYLESS = [204, 205, 304];
/** The one list that has a type of its own, by which oras knows that there are referrers at all. */
const REFERRERS = "application/vnd.oci.image.index.v1+json";

/**
 * An answer that is not an error, of a type that no browser acts on.
 * @param headers those of the answer to the client so far
 * @throws RegistryError UNKNOWN with 502 for a page of HTML where the endpoint has none
 */
export async function answerSuccess(errand: Errand, followed: Followed, headers: Headers): Promise<Response> {
  const { response } = followed;
  const { status } = response;
  const type = response.headers.get("Content-Type");
  if (isHtml(type) && !(errand.endpoint.kind === "blob" && isRead(errand.inbound.request.method))) {
    await discardBody(response);
    throw noPage(errand, followed);
  }
  if (BODYLESS.includes(status)) return new Response(null, { status, headers });
  switch (payloadOf(errand, status)) {
    case "content":
      headers.set("Content-Type", inertType(type, status === 206));
      break;
    case "list":
      headers.set("Content-Type", mediaTypeOf(type) === REFERRERS ? REFERRERS : "application/json");
      break;
    case "words":
      if (!isJson(type)) return withoutBody(response, headers);
      headers.set("Content-Type", "application/json");
  }
  return new Response(response.body, { status, headers });
}

/** What an answer may bring: a manifest or a blob, a list, or (of writes and uploads) no more than some JSON. */
function payloadOf({ endpoint, inbound }: Errand, status: number): "content" | "list" | "words" {
  if (!isRead(inbound.request.method) || status >= 300) return "words";
  if (endpoint.kind === "manifest" || endpoint.kind === "blob") return "content";
  return endpoint.kind === "upload" || endpoint.kind === "upload-start" ? "words" : "list";
}

async function withoutBody(response: Response, headers: Headers): Promise<Response> {
  await discardBody(response);
  headers.delete("Content-Type");
  headers.delete("Content-Length");
  return new Response(null, { status: response.status, headers });
}

function noPage(errand: Errand, followed: Followed): RegistryError {
  const host = hostOf(errand, followed);
  return new RegistryError("UNKNOWN", `${host} answered with a web page instead of a registry's answer.`, {
    status: 502,
    problem: `${host} answered ${followed.response.status} with a page that is not a registry's`,
  });
}

/** An error in the registry's own words where they are a JSON object, else in ours. The status stays. */
export async function answerError(errand: Errand, followed: Followed, headers: Headers): Promise<Response> {
  const { response } = followed;
  const status = statusForClient(response.status);
  const said = await readErrorBody(response);
  if (said.fits) {
    headers.set("Content-Type", "application/json");
    return new Response(said.bytes, { status, headers });
  }
  for (const name of ["Content-Type", "Content-Length", "ETag", "Last-Modified", "Docker-Content-Digest"]) {
    headers.delete(name);
  }
  const host = hostOf(errand, followed);
  if (!said.isEmpty) {
    errand.inbound.trace.problem = `${host} answered ${response.status} with a page that is not a registry's`;
  }
  return errorResponse(codeFor(errand.endpoint, status), `${host} answered ${response.status}.`, {
    status,
    headers,
  });
}

type ErrorBody =
  { readonly fits: true; readonly bytes: Uint8Array } | { readonly fits: false; readonly isEmpty: boolean };

/** An error's body, if it is one that clients may see: a JSON object of at most 64 KiB. */
export async function readErrorBody({ body }: Response): Promise<ErrorBody> {
  const bytes = await readCapped(body, MAX_ERROR).catch(() => undefined);
  if (bytes !== undefined && parseObject(new TextDecoder().decode(bytes)) !== undefined) {
    return { fits: true, bytes };
  }
  return { fits: false, isEmpty: bytes?.byteLength === 0 };
}

function hostOf(errand: Errand, { elsewhere, url }: Followed): string {
  return elsewhere ? url.host : errand.registry.name;
}

/** The code that says most about a status of that endpoint. */
export function codeFor(endpoint: Endpoint, status: number): ErrorCode {
  if (status !== 404) return codeOfStatus(status);
  if (endpoint.kind === "manifest") return "MANIFEST_UNKNOWN";
  return endpoint.kind === "blob" ? "BLOB_UNKNOWN" : "NAME_UNKNOWN";
}
