// The CDN: an object store behind signed links, which refuses any Authorization header as S3 does.
import { sendBlobBody } from "./blobs.ts";
import { errorHtml, errorXml } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { readCdnLink } from "./links.ts";
import { serveUploadElsewhere } from "./uploads.ts";

/** Serves every path of the CDN. */
export async function serveCdn(fixture: Fixture, exchange: Exchange): Promise<void> {
  if (exchange.header("authorization") !== undefined) {
    // A signed query plus Authorization is two mechanisms at once; clients must drop theirs across origins.
    refuse(fixture, exchange, 400, "InvalidRequest", "Missing x-amz-content-sha256");
    return;
  }
  if (exchange.path.startsWith("/uploads/")) return serveUploadElsewhere(fixture, exchange);
  if (!exchange.reads) {
    refuse(fixture, exchange, 405, "MethodNotAllowed", "The specified method is not allowed");
    return;
  }
  const target = readCdnLink(fixture, exchange.path, exchange.query);
  if (target === undefined) {
    refuse(fixture, exchange, 404, "NoSuchKey", "The specified key does not exist.");
    return;
  }
  if (target === "denied") {
    refuse(fixture, exchange, 403, "AccessDenied", "Request has expired or is not signed");
    return;
  }
  if (fixture.repositories.get(target.repository)?.blobs.has(target.digest) !== true) {
    refuse(fixture, exchange, 404, "NoSuchKey", "The specified key does not exist.");
    return;
  }
  sendBlobBody(fixture, exchange, target);
}

function refuse(fixture: Fixture, exchange: Exchange, status: number, code: string, message: string): void {
  const { type, body } = fixture.settings.htmlErrors ? errorHtml(status) : errorXml(code, message);
  exchange.send(status, { "Content-Type": type }, body);
}
