// Where an upload goes on: the registry's `Location`, carried to the client and back without becoming a way out (S6).

import type { Registry } from "../config/registry.ts";
import { decodeBase64Url, encodeBase64Url } from "../distribution/base64url.ts";
import { RegistryError } from "../distribution/errors.ts";
import { isPlainSession } from "../distribution/path.ts";
import type { RepositoryName } from "../distribution/reference.ts";

/** An address that an upload session stands for. */
interface UploadTarget {
  readonly url: URL;
  /** False on another host than the registry: what it needs is in the address. */
  readonly credentials: boolean;
}

/**
 * The session under which a client is told an upload's next address.
 *
 * The usual path keeps its own session. Another path of the registry (Google's upload below `/artifacts-uploads/`)
 * travels as `~<base64url>` and another host as `~<index into upload_hosts>.<base64url>`: never a URL, so that nobody
 * can make one up that leads elsewhere.
 * @param location the registry's header
 * @param from the address that answered with it
 * @returns session and query, as they follow `/v2/<name>/blobs/uploads/`
 * @throws RegistryError BLOB_UPLOAD_INVALID with 502 where the location is on a host that the row does not name
 */
export function encodeUploadLocation(
  registry: Registry,
  repository: RepositoryName,
  location: string,
  from: URL,
): { session: string; search: string } {
  if (!URL.canParse(location, from.href)) throw badLocation(registry, "is not a valid address.");
  const url = new URL(location, from);
  if (belongsTo(url, registry.upstream)) {
    const prefix = `/v2/${repository}/blobs/uploads/`;
    const session = url.pathname.startsWith(prefix) ? url.pathname.slice(prefix.length) : "";
    if (isPlainSession(session) && !session.startsWith("~"))
      return { session, search: queryOf(location, url) };
    requireUploadPath(registry, repository, url, true);
    return { session: `~${encodeBase64Url(url.pathname + queryOf(location, url))}`, search: "" };
  }
  const index = registry.uploadHosts.indexOf(url.origin);
  if (index === -1)
    throw badLocation(registry, `is on ${url.host}, which \`upload_hosts\` of its row does not name.`);
  requireUploadPath(registry, repository, url, false);
  return { session: `~${index}.${encodeBase64Url(url.pathname + queryOf(location, url))}`, search: "" };
}

/**
 * The address that a session of a client stands for.
 * @param search the client's query with its question mark, appended to the address byte for byte
 * @throws RegistryError BLOB_UPLOAD_UNKNOWN for a session that this proxy would not have made
 */
export function decodeUploadSession(
  registry: Registry,
  repository: RepositoryName,
  session: string,
  search: string,
): UploadTarget {
  if (!session.startsWith("~")) {
    return {
      url: new URL(`/v2/${repository}/blobs/uploads/${session}${search}`, registry.upstream),
      credentials: true,
    };
  }
  const [, index, encoded = ""] = /^~(?:(\d{1,3})\.)?([A-Za-z0-9_-]+)$/.exec(session) ?? [];
  const address = decodeBase64Url(encoded);
  const origin = index === undefined ? registry.upstream : registry.uploadHosts[Number(index)];
  if (address === undefined || origin === undefined || !isPlainAddress(address, origin))
    throw unknownUpload();
  if (!isUploadPath(registry, repository, address, index === undefined)) throw unknownUpload();
  const joined = search === "" || !address.includes("?") ? address + search : `${address}&${search.slice(1)}`;
  return { url: new URL(joined, origin), credentials: index === undefined };
}

/**
 * True below the paths where a registry is known to upload: the usual one of that repository, on its own origin, and
 * the row's. Whole segments are compared, each after unescaping, since that is how a registry routes them.
 */
function isUploadPath(
  registry: Registry,
  repository: RepositoryName,
  address: string,
  isOwnOrigin: boolean,
): boolean {
  if (isOwnOrigin && isProtocolPath(address)) return address.startsWith(`/v2/${repository}/blobs/uploads/`);
  const segments = segmentsOf(address);
  return registry.uploadPaths.some((path) => {
    const expected = segmentsOf(path).slice(0, -1);
    return segments.length > expected.length && expected.every((one, at) => one === segments[at]);
  });
}

/** Below `/v1/` and `/v2/` names are the registry's, and rules about names must hold. */
function isProtocolPath(address: string): boolean {
  return /^\/v[12](\/|$)/.test(unescapePath(address));
}

function segmentsOf(address: string): string[] {
  const [path = ""] = address.split("?", 1);
  return path.split("/").map(unescapePath);
}

/** @throws RegistryError BLOB_UPLOAD_INVALID with 502 and, where it helps, the line that would allow the address */
function requireUploadPath(
  registry: Registry,
  repository: RepositoryName,
  { host, pathname }: URL,
  isOwnOrigin: boolean,
): void {
  if (isUploadPath(registry, repository, pathname, isOwnOrigin)) return;
  const [directory] = /^\/[A-Za-z0-9._~-]+\/(?=.)/.exec(pathname) ?? [];
  const advice =
    directory === undefined || (isOwnOrigin && isProtocolPath(pathname))
      ? ""
      : ` If it is right, the owner of this proxy adds to the registry's row: upload_paths = ["${directory}"]`;
  throw badLocation(registry, `is at a path of ${host} where no upload is known to go on.${advice}`);
}

/** The path must be one that URL parsing leaves as it is: no `//`, no `\`, no scheme, no dot segments. */
function isPlainAddress(address: string, origin: string): boolean {
  const path = address.split("?", 1)[0] ?? "";
  if (!path.startsWith("/") || path.includes("//") || /[\\#\s]/.test(address)) return false;
  if (!URL.canParse(address, origin)) return false;
  const url = new URL(address, origin);
  return url.origin === origin && url.pathname === path && !/\/\/|\\|\/\.\.?(\/|$)/.test(unescapePath(path));
}

/** The path as a registry reads it, which decodes its escapes before it routes. */
function unescapePath(address: string): string {
  const [path = ""] = address.split("?", 1);
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** A registry behind a balancer often names itself by http; its path is asked at its configured origin all the same. */
function belongsTo(url: URL, upstream: string): boolean {
  const own = new URL(upstream);
  const isHttp =
    url.protocol === "http:" && url.hostname === own.hostname && url.port === "" && own.port === "";
  return url.origin === own.origin || isHttp;
}

/** The query as the registry wrote it: a URL parser would escape some of its bytes. */
function queryOf(location: string, url: URL): string {
  const [address = ""] = location.split("#", 1);
  const start = address.indexOf("?");
  return start === -1 || !/^[\x21-\x7e]*$/.test(location) ? url.search : address.slice(start);
}

function badLocation(registry: Registry, why: string): RegistryError {
  return new RegistryError(
    "BLOB_UPLOAD_INVALID",
    `The upload location that ${registry.name} answered ${why}`,
    {
      status: 502,
    },
  );
}

function unknownUpload(): RegistryError {
  return new RegistryError("BLOB_UPLOAD_UNKNOWN", "There is no such upload session. Start the upload again.");
}
