// The endpoints of the distribution protocol: from a path to what is asked for, and back.

import { RegistryError } from "./errors.ts";
import {
  formatReference,
  parseDigest,
  parseRepositoryName,
  parseTag,
  type Digest,
  type Reference,
  type RepositoryName,
} from "./reference.ts";

/** What a path under `/v2/` asks for. */
export type Endpoint =
  | { readonly kind: "ping" }
  | { readonly kind: "catalog" }
  | { readonly kind: "manifest"; readonly name: RepositoryName; readonly reference: Reference }
  | { readonly kind: "blob"; readonly name: RepositoryName; readonly digest: Digest }
  | { readonly kind: "tags"; readonly name: RepositoryName }
  | { readonly kind: "referrers"; readonly name: RepositoryName; readonly digest: Digest }
  | { readonly kind: "upload-start"; readonly name: RepositoryName }
  | { readonly kind: "upload"; readonly name: RepositoryName; readonly session: string };

export type EndpointKind = Endpoint["kind"];

/** The methods of each endpoint (distribution-spec, "Endpoints"; HEAD wherever GET is, as HTTP has it). */
export const METHODS: Readonly<Record<EndpointKind, readonly string[]>> = {
  ping: ["GET", "HEAD"],
  catalog: ["GET", "HEAD"],
  manifest: ["GET", "HEAD", "PUT", "DELETE"],
  blob: ["GET", "HEAD", "DELETE"],
  tags: ["GET", "HEAD"],
  referrers: ["GET", "HEAD"],
  "upload-start": ["POST"],
  upload: ["GET", "HEAD", "PATCH", "PUT", "DELETE"],
};

/** A session is opaque to clients; characters that a client might decode or re-encode are kept out of it. */
const SESSION = /^(?!\.{1,2}$)[A-Za-z0-9._~=-]+$/;

/**
 * Parses the path of a URL (as `URL.pathname` has it: dot segments folded, not decoded).
 * Names may hold the protocol's own words (`a/manifests/b`): the rightmost keyword decides.
 * @throws RegistryError NAME_INVALID, DIGEST_INVALID (400), MANIFEST_UNKNOWN (404: a tag out of the grammar
 *   cannot exist, and the specification's conformance suite expects 404), NAME_UNKNOWN (404: no such endpoint)
 */
export function parsePath(path: string): Endpoint {
  if (path === "/v2" || path === "/v2/") return { kind: "ping" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  if (!path.startsWith("/v2/")) throw noEndpoint(path);

  const segments = path.slice("/v2/".length).split("/");
  const last = segments.at(-1) ?? "";
  const beforeLast = segments.at(-2);
  const nameBefore = (count: number): RepositoryName => repositoryName(segments.slice(0, -count).join("/"));

  // `blobs/uploads/` with its slash, and without it, as some clients write.
  if (last === "" && beforeLast === "uploads" && segments.at(-3) === "blobs") {
    return { kind: "upload-start", name: nameBefore(3) };
  }
  if (last === "uploads" && beforeLast === "blobs") return { kind: "upload-start", name: nameBefore(2) };

  switch (beforeLast) {
    case "manifests":
      return { kind: "manifest", name: nameBefore(2), reference: reference(last) };
    case "blobs":
      return { kind: "blob", name: nameBefore(2), digest: digest(last) };
    case "referrers":
      return { kind: "referrers", name: nameBefore(2), digest: digest(last) };
    case "tags":
      if (last === "list") return { kind: "tags", name: nameBefore(2) };
      break;
    case "uploads":
      if (segments.at(-3) === "blobs" && SESSION.test(last)) {
        return { kind: "upload", name: nameBefore(3), session: last };
      }
      break;
  }
  throw noEndpoint(path);
}

/** The path of an endpoint; `parsePath(formatPath(endpoint))` is the endpoint. */
export function formatPath(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "ping":
      return "/v2/";
    case "catalog":
      return "/v2/_catalog";
    case "manifest":
      return `/v2/${endpoint.name}/manifests/${formatReference(endpoint.reference)}`;
    case "blob":
      return `/v2/${endpoint.name}/blobs/${endpoint.digest}`;
    case "tags":
      return `/v2/${endpoint.name}/tags/list`;
    case "referrers":
      return `/v2/${endpoint.name}/referrers/${endpoint.digest}`;
    case "upload-start":
      return `/v2/${endpoint.name}/blobs/uploads/`;
    case "upload":
      return `/v2/${endpoint.name}/blobs/uploads/${endpoint.session}`;
  }
}

/** True of a session that `parsePath` would accept. */
export function isPlainSession(text: string): boolean {
  return SESSION.test(text);
}

/** The repository an endpoint is about, if it is about one. */
export function nameOf(endpoint: Endpoint): RepositoryName | undefined {
  return "name" in endpoint ? endpoint.name : undefined;
}

/** The same endpoint of another repository. */
export function withName<E extends Endpoint>(endpoint: E, name: RepositoryName): E {
  return "name" in endpoint ? { ...endpoint, name } : endpoint;
}

function repositoryName(text: string): RepositoryName {
  const name = parseRepositoryName(text);
  if (name === undefined) {
    throw new RegistryError(
      "NAME_INVALID",
      "The repository name is not valid: lower-case letters, digits and single separators (. _ __ -) in parts " +
        "divided by one slash each, no escapes, at most 255 characters.",
      { detail: { name: text.slice(0, 300) } },
    );
  }
  return name;
}

function digest(text: string): Digest {
  const parsed = parseDigest(unescapeColon(text));
  if (parsed === undefined) {
    throw new RegistryError(
      "DIGEST_INVALID",
      "The digest is not valid: it is an algorithm, a colon and the encoded hash, such as sha256: and 64 " +
        "lower-case hexadecimal digits.",
      { detail: { digest: text.slice(0, 300) } },
    );
  }
  return parsed;
}

function reference(text: string): Reference {
  const plain = unescapeColon(text);
  if (plain.includes(":")) return { kind: "digest", digest: digest(plain) };
  const tag = parseTag(plain);
  if (tag === undefined) {
    throw new RegistryError(
      "MANIFEST_UNKNOWN",
      "There can be no such tag: a tag has at most 128 letters, digits, dots, underscores and hyphens, and does " +
        "not begin with a dot or a hyphen.",
      { detail: { reference: text.slice(0, 300) } },
    );
  }
  return { kind: "tag", tag };
}

/** RFC 3986 allows a colon in a path, but some HTTP libraries escape it; no other escape is ever needed. */
function unescapeColon(text: string): string {
  return text.replace(/%3a/gi, ":");
}

function noEndpoint(path: string): RegistryError {
  return new RegistryError("NAME_UNKNOWN", "The path is not an endpoint of the registry protocol.", {
    detail: { path: path.slice(0, 300) },
  });
}
