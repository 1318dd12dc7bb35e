// Signed, expiring links to blobs: on the CDN, or on the registry's own host as Google has them.
import type { Fixture } from "./fixture.ts";

const DOWNLOADS = "/artifacts-downloads/namespaces/embedded/repositories/";

export interface LinkTarget {
  repository: string;
  digest: string;
}

/** An absolute link to the CDN, in the manner of a pre-signed object store URL. */
export function cdnLink(fixture: Fixture, { repository, digest }: LinkTarget): string {
  const expires = String(Date.now() + fixture.settings.linkSeconds * 1000);
  const query = new URLSearchParams({
    "X-Repository": repository,
    "X-Expires": expires,
    "X-Signature": fixture.sign("cdn", repository, digest, expires),
  });
  return `${fixture.addresses.cdnUrl}/blobs/${digest.replace(":", "/")}/data?${query.toString()}`;
}

/** What a CDN request names, "denied" if the signature or the time does not fit, undefined if it is no blob's path. */
export function readCdnLink(
  fixture: Fixture,
  path: string,
  query: URLSearchParams,
): LinkTarget | "denied" | undefined {
  const match = /^\/blobs\/([a-z0-9]{1,32})\/([a-f0-9]{1,128})\/data$/.exec(path);
  if (match === null) return undefined;
  const digest = `${match[1] ?? ""}:${match[2] ?? ""}`;
  const repository = query.get("X-Repository") ?? "";
  const expires = query.get("X-Expires") ?? "";
  if (query.get("X-Signature") !== fixture.sign("cdn", repository, digest, expires)) return "denied";
  return Number(expires) > Date.now() ? { repository, digest } : "denied";
}

/** A relative link on the registry's host; all of it is in the path. */
export function downloadLink(fixture: Fixture, { repository, digest }: LinkTarget): string {
  const expires = String(Date.now() + fixture.settings.linkSeconds * 1000);
  const signature = fixture.sign("download", repository, digest, expires);
  const token = Buffer.from(JSON.stringify([repository, digest, expires, signature])).toString("base64url");
  return `${DOWNLOADS}any/downloads/${token}`;
}

/** As `readCdnLink`, for the relative ones. */
export function readDownloadLink(fixture: Fixture, path: string): LinkTarget | "denied" | undefined {
  if (!path.startsWith(DOWNLOADS)) return undefined;
  const token = path.slice(path.lastIndexOf("/") + 1);
  const parts = tokenParts(token);
  if (parts.length !== 4) return "denied";
  const [repository = "", digest = "", expires = "", signature = ""] = parts;
  if (signature !== fixture.sign("download", repository, digest, expires)) return "denied";
  return Number(expires) > Date.now() ? { repository, digest } : "denied";
}

function tokenParts(token: string): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    return Array.isArray(parts) ? parts.map(String) : [];
  } catch {
    return [];
  }
}
