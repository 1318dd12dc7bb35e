// The addresses in a registry's answer, made ours: `Location` of uploads and of what was created, `Link` of lists.

import { formatLink, parseLinks } from "../distribution/link.ts";
import { formatPath, parsePath, withName, type Endpoint } from "../distribution/path.ts";
import { joinQuery, queryPart, splitQuery } from "../distribution/query.ts";
import { parseDigest } from "../distribution/reference.ts";
import type { Place } from "../routing/names.ts";
import { encodeUploadLocation } from "../upstream/location.ts";
import type { Errand } from "./errand.ts";

/** `Location` of uploads, and of what was created. Always a path: oras and ggcr refuse another host. */
export function mapLocation(errand: Errand, response: Response, from: URL, headers: Headers): void {
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

/** Each becomes an address with the repository's name; lists have one or two. */
const MAX_LINKS = 8;

/** The next page is the same endpoint with another query, wherever a redirect had the list come from. */
export function mapLinks(errand: Errand, response: Response, headers: Headers): void {
  const { endpoint, place, ns } = errand;
  if (endpoint.kind !== "tags" && endpoint.kind !== "catalog" && endpoint.kind !== "referrers") return;
  for (const link of parseLinks(response.headers.get("Link")).slice(0, MAX_LINKS)) {
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
  return formatPath(withName(endpoint, place.addressName));
}
