// Uploads: start (also monolithic and mount), chunks, finish, status, cancel; at the Location of each kind.
import { randomBytes, randomUUID } from "node:crypto";
import { admit } from "./access.ts";
import { OciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { remember } from "./fixture.ts";
import type { Fixture } from "./fixture.ts";
import { fits, isDigest } from "./grammar.ts";
import { open } from "./repositories.ts";

/** An upload in progress. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  readonly chunks: Buffer[];
  size: number;
  /** Part of the newest Location; an older one is refused, as registries with signed states do. */
  state: string;
}

const LARGEST_BLOB = 512 * 1024 * 1024;
const MOST_UPLOADS = 256;
const GOOGLE = "/artifacts-uploads/namespaces/embedded/uploads/";

/** `/v2/<name>/blobs/uploads/`: POST, and with "query" Locations everything else too. */
export async function serveUploads(
  fixture: Fixture,
  exchange: Exchange,
  name: string,
  id: string,
): Promise<void> {
  fixture.journal.counters.upload += 1;
  const caller = admit(fixture, exchange, name, ["pull", "push"]);
  const session = id === "" ? exchange.query.get("session") : id;
  if (session !== null) return serveSession(fixture, exchange, find(fixture, session, name));

  exchange.allow("POST");
  const { query } = exchange;
  const algorithm = query.get("digest-algorithm");
  if (algorithm !== null && !["sha256", "sha512"].includes(algorithm)) {
    throw new OciError("DIGEST_INVALID", "unsupported digest algorithm", { detail: algorithm });
  }
  const [mount, from] = [query.get("mount"), query.get("from")];
  if (mount !== null && from !== null && caller.may(from, "pull")) {
    const blob = fixture.repositories.get(from)?.blobs.get(mount);
    if (blob !== undefined) {
      created(fixture, exchange, name, mount, blob);
      return;
    }
  }
  const digest = query.get("digest");
  if (digest !== null) {
    store(fixture, exchange, name, digest, await exchange.body(LARGEST_BLOB));
    return;
  }

  const upload: Upload = { id: randomUUID(), repository: name, chunks: [], size: 0, state: newState() };
  remember(fixture.uploads, upload.id, upload, MOST_UPLOADS);
  exchange.send(202, progress(fixture, upload));
}

/**
 * `/artifacts-uploads/…` on the registry's host, outside of `/v2/`. The state is the permission: docker sends its
 * token only to paths with `/v2/`. A token that does come must be good, so that a wrong one is noticed.
 */
export async function serveGoogleUpload(fixture: Fixture, exchange: Exchange): Promise<void> {
  fixture.journal.counters.upload += 1;
  const upload = find(fixture, exchange.path.slice(GOOGLE.length));
  if (exchange.header("authorization") !== undefined)
    admit(fixture, exchange, upload.repository, ["pull", "push"]);
  else if (exchange.query.get("state") !== upload.state) throw new OciError("DENIED", "invalid upload state");
  return serveSession(fixture, exchange, upload);
}

/** `/uploads/…` on the CDN: the state in the query is the permission. */
export async function serveUploadElsewhere(fixture: Fixture, exchange: Exchange): Promise<void> {
  fixture.journal.counters.upload += 1;
  const upload = find(fixture, exchange.path.slice("/uploads/".length));
  if (exchange.query.get("_state") !== upload.state) throw new OciError("DENIED", "invalid upload state");
  return serveSession(fixture, exchange, upload);
}

async function serveSession(fixture: Fixture, exchange: Exchange, upload: Upload): Promise<void> {
  exchange.allow("GET", "PATCH", "PUT", "DELETE");
  if (exchange.method === "GET") {
    exchange.send(204, progress(fixture, upload));
    return;
  }
  if (exchange.method === "DELETE") {
    fixture.uploads.delete(upload.id);
    exchange.send(204);
    return;
  }
  if ((exchange.query.get("_state") ?? exchange.query.get("state")) !== upload.state) {
    throw new OciError("BLOB_UPLOAD_INVALID", "the Location is not the newest of this upload");
  }
  checkOffset(fixture, exchange, upload);
  upload.state = newState();
  for await (const chunk of exchange.request as AsyncIterable<Buffer>) {
    upload.size += chunk.length;
    if (upload.size > LARGEST_BLOB) throw new OciError("SIZE_INVALID", "blob too large", { status: 413 });
    upload.chunks.push(chunk);
  }
  if (exchange.method === "PATCH") {
    exchange.send(202, progress(fixture, upload));
    return;
  }
  fixture.uploads.delete(upload.id);
  store(
    fixture,
    exchange,
    upload.repository,
    exchange.query.get("digest") ?? "",
    Buffer.concat(upload.chunks),
  );
}

/** Chunks come in order; Content-Range is optional, but if there it must go on where the last one ended. */
function checkOffset(fixture: Fixture, exchange: Exchange, upload: Upload): void {
  const header = exchange.header("content-range");
  if (header === undefined) return;
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(header);
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  if (first !== upload.size || last < first) {
    throw new OciError("RANGE_INVALID", "chunk out of order", { headers: progress(fixture, upload) });
  }
  const length = exchange.header("content-length");
  if (length !== undefined && Number(length) !== last - first + 1) {
    throw new OciError("SIZE_INVALID", "Content-Length and Content-Range differ");
  }
}

function store(fixture: Fixture, exchange: Exchange, name: string, digest: string, bytes: Buffer): void {
  if (!isDigest(digest) || !fits(digest, bytes)) {
    throw new OciError("DIGEST_INVALID", "provided digest did not match uploaded content", {
      detail: { digest },
    });
  }
  created(fixture, exchange, name, digest, bytes);
}

function created(fixture: Fixture, exchange: Exchange, name: string, digest: string, bytes: Buffer): void {
  open(fixture.repositories, name).blobs.set(digest, bytes);
  const origin = fixture.settings.uploadLocation === "absolute" ? fixture.addresses.url : "";
  exchange.send(201, { Location: `${origin}/v2/${name}/blobs/${digest}`, "Docker-Content-Digest": digest });
}

function find(fixture: Fixture, id: string, repository?: string): Upload {
  const upload = fixture.uploads.get(id);
  if (upload === undefined || (repository !== undefined && upload.repository !== repository)) {
    throw new OciError("BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
  }
  return upload;
}

function progress(fixture: Fixture, upload: Upload): Record<string, string> {
  return {
    Location: uploadLocation(fixture, upload),
    // Of an empty upload too: docker parses it as `%d-%d`.
    Range: `0-${Math.max(upload.size - 1, 0)}`,
    "Docker-Upload-UUID": upload.id,
  };
}

function uploadLocation(fixture: Fixture, { id, repository, state }: Upload): string {
  const path = `/v2/${repository}/blobs/uploads/`;
  const escaped = encodeURIComponent(state);
  switch (fixture.settings.uploadLocation) {
    case "path":
      return `${path}${id}?_state=${escaped}`;
    case "absolute":
      return `${fixture.addresses.url}${path}${id}?_state=${escaped}`;
    case "query":
      return `${path}?session=${id}&_state=${escaped}`;
    case "google":
      return `${GOOGLE}${id}?state=${escaped}`;
    case "other-host":
      return `${fixture.addresses.cdnUrl}/uploads/${id}?_state=${escaped}`;
  }
}

/** With a slash and an equals sign, so that a proxy that re-encodes the query is found out. */
function newState(): string {
  return `a/${randomBytes(12).toString("base64url")}==`;
}
