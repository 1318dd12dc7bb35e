// The answers of the public lane: from the store, from the registry, or no.

import { rememberedService } from "../../upstream/realm.ts";
import { forbidTransform, isLimit } from "../../upstream/headers.ts";
import type { Followed } from "../../upstream/redirects.ts";
import { unauthorized } from "../../access/challenge.ts";
import { discardBody } from "../../distribution/body.ts";
import { errorResponse, RegistryError } from "../../distribution/errors.ts";
import { inertType } from "../../distribution/media-types.ts";
import type { Digest } from "../../distribution/reference.ts";
import { answerClient } from "../answer.ts";
import { codeFor } from "../answer-bodies.ts";
import { leftAside, needsLogin, scopeOf, type Errand } from "../errand.ts";
import type { Asked } from "./asked.ts";
import type { Lane } from "./lane.ts";

/** Where an answer came from, for people (`X-Cache`). */
export type Source = "hit" | "miss" | "stale" | "mirror" | "bypass";

/** Content as this lane answers it. */
export interface Content {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of the whole. */
  readonly size: number;
  /** Null where it is not read, for HEAD. */
  readonly body: ReadableStream | Uint8Array | null;
}

/** A 200 with content. @param registry headers of the registry's answer, for what it says of its limits */
export function contentResponse(lane: Lane, content: Content, source: Source, registry?: Headers): Response {
  const headers = new Headers({
    "Content-Type": inertType(content.mediaType, false),
    "Content-Length": String(content.size),
    "Docker-Content-Digest": content.digest,
    "Docker-Distribution-Api-Version": "registry/2.0",
    ETag: `"${content.digest}"`,
  });
  for (const [name, value] of registry ?? []) {
    if (isLimit(name)) headers.set(name, value);
  }
  if (isKnown(lane, content.digest)) {
    letGo(lane, content);
    headers.delete("Content-Length");
    return mark(lane, new Response(null, { status: 304, headers }), source);
  }
  return mark(lane, new Response(content.body, { headers }), source);
}

/** Lets go of content that is not shown: who reads no further would hold what it is sent from (S17). */
export function letGo({ defer }: Lane, content: Content | undefined): void {
  const body = content?.body;
  if (body instanceof ReadableStream) defer(discardBody(new Response(body)));
}

/** True where the client has it already (`If-None-Match`, RFC 9110, section 13.1.2). */
function isKnown(lane: Lane, digest: string): boolean {
  const known = lane.errand.inbound.request.headers.get("If-None-Match") ?? "";
  return known.split(",").some((tag) => ["*", `"${digest}"`].includes(tag.trim().replace(/^W\//, "")));
}

/** The registry's own answer, made fit for the client. */
export async function pass(lane: Lane, followed: Followed, source: Source): Promise<Response> {
  return mark(lane, await answerClient(lane.errand, followed), source);
}

/** What remains where the registry did not say yes. @throws RegistryError where it said nothing at all */
export async function refuse(lane: Lane, asked: Exclude<Asked, { kind: "found" }>): Promise<Response> {
  if (asked.kind === "refused") throw insufficientScope(lane.errand);
  if ("error" in asked) throw asked.error;
  if (asked.kind === "page") throw await pageInstead(lane.errand, asked.answer.followed);
  const { followed, method } = asked.answer;
  return pass(lane, method === "HEAD" ? withWords(lane, followed) : followed, "bypass");
}

/** A success that is a page for people: whoever answered, it was not the registry. */
export async function pageInstead(
  { registry }: Errand,
  { elsewhere, response, url }: Followed,
): Promise<RegistryError> {
  await discardBody(response);
  const host = elsewhere ? url.host : registry.name;
  return new RegistryError("UNKNOWN", `${host} answered with a web page instead of a registry's answer.`, {
    status: 502,
    problem: `${host} answered ${response.status} with a page that is not a registry's`,
  });
}

/** A refusal of HEAD has no words: a client that asked by GET gets those of its status. */
function withWords(lane: Lane, followed: Followed): Followed {
  const { status, headers } = followed.response;
  if (status < 400) return followed;
  const { registry, endpoint } = lane.errand;
  const message = `${registry.name} answered ${status}.`;
  const said = new Headers(headers);
  for (const name of ["Content-Length", "Content-Encoding"]) said.delete(name);
  return {
    ...followed,
    response: errorResponse(codeFor(endpoint, status), message, { status, headers: said }),
  };
}

/**
 * What anonymity cannot have: after our bearer the client hears that a login is needed, and it is right; without any
 * Authorization it is only challenged, so that it presents the credentials that it may have.
 */
export function insufficientScope(errand: Errand): RegistryError {
  const { caller } = errand.inbound;
  // No login would help, so nobody is asked for one.
  if (caller.kind === "guest") return notPublic(errand);
  return unauthorized(errand.inbound, needsLogin(errand), {
    service: rememberedService(errand.registry, errand.place?.repository),
    scope: scopeOf(errand),
    error: caller.presented.authorization.kind === "none" ? undefined : "insufficient_scope",
    description: leftAside(errand),
  });
}

/** What a guest of a closed proxy hears: whoever they are, nobody and the owner's account were asked, and not they. */
function notPublic({ inbound, place, registry }: Errand): RegistryError {
  const what = place === undefined ? registry.name : `${registry.name}/${place.repository}`;
  const hasAccount = inbound.config.access.accounts.has(registry.name);
  const why = hasAccount
    ? `the account that this proxy has at ${registry.name} may not read it either`
    : `this proxy has no account at ${registry.name}`;
  return new RegistryError("DENIED", `${what} is not public, or there is no such repository; ${why}.`);
}

/** Sets what is said of every answer of this lane. */
export function mark(lane: Lane, response: Response, source: Source): Response {
  const { trace } = lane.errand.inbound;
  const { headers } = response;
  headers.set("X-Cache", source);
  headers.set("Server-Timing", `upstream;dur=${trace.upstreamMs}`);
  if (source === "stale") headers.append("Warning", '110 - "Response is Stale"');
  if (lane.errand.ns !== undefined) headers.set("OCI-Namespace", lane.errand.ns);
  forbidTransform(headers);
  trace.cache = source;
  return response;
}
