// The registry's paths, as the specification's table of endpoints.
import { admitPing } from "./access.ts";
import { serveBlob, serveDownload } from "./blobs.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { isName } from "./grammar.ts";
import { serveCatalog, serveReferrers, serveSearch, serveTags } from "./lists.ts";
import { serveManifest } from "./manifests.ts";
import { serveToken } from "./token.ts";
import { serveGoogleUpload, serveUploads } from "./uploads.ts";

/** Serves every path of the registry. */
export async function serveRegistry(fixture: Fixture, exchange: Exchange): Promise<void> {
  const { path } = exchange;
  if (path === "/token" && fixture.settings.challenge.sameOriginRealm === true)
    return serveToken(fixture, exchange);
  if (path.startsWith("/artifacts-downloads/")) {
    serveDownload(fixture, exchange);
    return;
  }
  if (path.startsWith("/artifacts-uploads/")) return serveGoogleUpload(fixture, exchange);
  if (path === "/v2/" || path === "/v2") {
    servePing(fixture, exchange);
    return;
  }
  if (path === "/v1/search") {
    serveSearch(fixture, exchange);
    return;
  }
  if (path === "/v2/_catalog") {
    serveCatalog(fixture, exchange);
    return;
  }
  if (!path.startsWith("/v2/")) throw notFound();

  // The rightmost keyword decides, since names may hold words like "blobs".
  const parts = path.slice("/v2/".length).split("/");
  const [keyword, word, tail] = [parts.at(-3), parts.at(-2), decoded(parts.at(-1) ?? "")];
  if (word === "manifests") return serveManifest(fixture, exchange, name(fixture, parts, 2), tail);
  if (word === "referrers") {
    serveReferrers(fixture, exchange, name(fixture, parts, 2), tail);
    return;
  }
  if (word === "tags" && tail === "list") {
    serveTags(fixture, exchange, name(fixture, parts, 2));
    return;
  }
  if (keyword === "blobs" && word === "uploads") {
    return serveUploads(fixture, exchange, name(fixture, parts, 3), tail);
  }
  if (word === "blobs" && tail === "uploads")
    return serveUploads(fixture, exchange, name(fixture, parts, 2), "");
  if (word === "blobs") {
    serveBlob(fixture, exchange, name(fixture, parts, 2), tail);
    return;
  }
  throw notFound();
}

function servePing(fixture: Fixture, exchange: Exchange): void {
  fixture.journal.counters.ping += 1;
  if (fixture.settings.ollama) throw notFound();
  exchange.allow("GET", "HEAD");
  admitPing(fixture, exchange);
  exchange.sendJson(200, {});
}

function name(fixture: Fixture, parts: string[], after: number): string {
  const repository = parts.slice(0, -after).join("/");
  if (!isName(repository))
    throw new OciError("NAME_INVALID", "invalid repository name", { detail: { repository } });
  if (fixture.settings.library && !repository.includes("/")) {
    throw new OciError("NAME_UNKNOWN", "repository name not known to registry", {
      detail: { name: repository },
    });
  }
  return repository;
}

/** Some clients escape the digest's colon. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new OciError("NAME_INVALID", "malformed escape in path");
  }
}

function notFound(): OciError {
  return new OciError("UNSUPPORTED", "404 page not found", { status: 404 });
}
