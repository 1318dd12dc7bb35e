// Blobs: GET and HEAD, direct or by redirect, and DELETE.
import { admit } from "./access.ts";
import { sendContent } from "./content.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { isDigest } from "./grammar.ts";
import { cdnLink, downloadLink, readDownloadLink } from "./links.ts";
import type { LinkTarget } from "./links.ts";
import { known } from "./repositories.ts";

/** `/v2/<name>/blobs/<digest>`. */
export function serveBlob(fixture: Fixture, exchange: Exchange, name: string, digest: string): void {
  exchange.allow("GET", "HEAD", "DELETE");
  if (exchange.method === "GET") fixture.journal.counters.blobGet += 1;
  if (exchange.method === "HEAD") fixture.journal.counters.blobHead += 1;
  admit(fixture, exchange, name, [exchange.reads ? "pull" : "delete"]);
  if (!isDigest(digest)) throw new OciError("DIGEST_INVALID", "invalid digest", { detail: digest });
  const body = known(fixture.repositories, name).blobs.get(digest);
  if (body === undefined)
    throw new OciError("BLOB_UNKNOWN", "blob unknown to registry", { detail: { digest } });

  if (exchange.method === "DELETE") {
    known(fixture.repositories, name).blobs.delete(digest);
    return exchange.send(202);
  }
  const { redirectBlobs, redirectStatus } = fixture.settings;
  const target: LinkTarget = { repository: name, digest };
  if (redirectBlobs === "relative") return redirect(exchange, 302, downloadLink(fixture, target));
  if (redirectBlobs) return redirect(exchange, redirectStatus, cdnLink(fixture, target));
  sendBlobBody(fixture, exchange, target);
}

/** `/artifacts-downloads/…` on the registry's host: the link is the permission. */
export function serveDownload(fixture: Fixture, exchange: Exchange): void {
  exchange.allow("GET", "HEAD");
  const target = readDownloadLink(fixture, exchange.path);
  if (target === undefined || target === "denied") throw new OciError("DENIED", "invalid download link");
  sendBlobBody(fixture, exchange, target);
}

/** The blob's bytes, wherever they are served from. */
export function sendBlobBody(fixture: Fixture, exchange: Exchange, { repository, digest }: LinkTarget): void {
  const body = fixture.repositories.get(repository)?.blobs.get(digest);
  if (body === undefined)
    throw new OciError("BLOB_UNKNOWN", "blob unknown to registry", { detail: { digest } });
  const onCdn = exchange.record.server === "cdn";
  sendContent(fixture, exchange, {
    kind: "blob",
    body,
    digest,
    headers: {
      "Content-Type": "application/octet-stream",
      // Object stores do not know the protocol's header.
      ...(!onCdn && { "Docker-Content-Digest": digest }),
      ...(onCdn && { "Cache-Control": "public, max-age=31536000" }),
    },
  });
}

function redirect(exchange: Exchange, status: number, location: string): void {
  const body = `<a href="${location.replaceAll("&", "&amp;")}">moved</a>\n`;
  exchange.send(status, { Location: location, "Content-Type": "text/html; charset=utf-8" }, body);
}
