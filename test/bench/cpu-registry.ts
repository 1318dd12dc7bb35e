// The upstream of the CPU benchmark, as a process: a registry that wants tokens, its token service, and the CDN that it
// redirects blobs to. Every repository has everything, and each manifest has a tag: the digits of its digest.

import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { listen } from "../tools/http.ts";
import { OCI_IMAGE } from "../registry/accept.ts";
import { answerParent } from "./cpu-backend.ts";

/** `addresses`, or new contents of one kind and size. */
export type RegistryQuestion =
  "addresses" | { readonly kind: "manifest" | "blob"; readonly size: number; readonly count: number };

/** The addresses of registry and token service, or the digests of the new contents. */
export type RegistryAnswer = readonly string[];

interface Content {
  readonly mediaType: string;
  readonly size: number;
  /** How it begins; the rest is the same of all blobs. */
  readonly head: Buffer;
}

const CHUNK = 64 * 1024;
/** The rest of every blob, as often as it takes. */
const REST = randomBytes(CHUNK);
const PAGE = `<!doctype html><title>A registry</title>${"<p>Some words for people.</p>".repeat(100)}`;

const contents = new Map<string, Content>();
let made = 0;
const registry = await listen(createServer(serveRegistry));
const tokens = await listen(createServer(serveToken));
const cdn = await listen(createServer(serveCdn));
const realm = `${tokens.url}/token`;

answerParent((asked): RegistryAnswer => {
  const question = asked as RegistryQuestion;
  if (question === "addresses") return [registry.url, realm];
  const { count, kind, size } = question;
  return Array.from({ length: count }, () => add(kind === "blob" ? blobOf(size) : manifestOf(size)));
});

function add(content: Content): string {
  const hash = createHash("sha256");
  for (const chunk of chunksOf(content)) hash.update(chunk);
  const digest = `sha256:${hash.digest("hex")}`;
  contents.set(digest, content);
  return digest;
}

function blobOf(size: number): Content {
  made += 1;
  const head = Buffer.from(REST.subarray(0, Math.min(size, CHUNK)));
  head.write(`blob ${made} `);
  return { mediaType: "application/octet-stream", size, head };
}

/** An image with as many layers as there is room for, and a word that fills the rest. */
function manifestOf(size: number): Content {
  made += 1;
  const descriptor = (mediaType: string, number: number): unknown => ({
    mediaType: `application/vnd.oci.image.${mediaType}`,
    digest: `sha256:${createHash("sha256").update(`${made} ${number}`).digest("hex")}`,
    size: 1000 + number,
  });
  const document = {
    schemaVersion: 2,
    mediaType: OCI_IMAGE,
    config: descriptor("config.v1+json", 0),
    layers: [] as unknown[],
    annotations: { "org.opencontainers.image.title": "" },
  };
  const layer = descriptor("layer.v1.tar+gzip", 1);
  const room = size - JSON.stringify(document).length - 16;
  const layers = Math.floor(room / (JSON.stringify(layer).length + 4));
  document.layers = Array.from({ length: layers }, (_, index) => descriptor("layer.v1.tar+gzip", index + 1));
  const missing = size - JSON.stringify(document).length;
  document.annotations["org.opencontainers.image.title"] = "x".repeat(missing);
  return { mediaType: OCI_IMAGE, size, head: Buffer.from(JSON.stringify(document)) };
}

function* chunksOf({ head, size }: Content): Generator<Buffer> {
  yield head;
  for (let sent = head.byteLength; sent < size; sent += CHUNK)
    yield REST.subarray(0, Math.min(CHUNK, size - sent));
}

function serveRegistry(request: IncomingMessage, response: ServerResponse): void {
  const path = request.url ?? "/";
  if (path === "/") {
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", "Content-Length": PAGE.length });
    response.end(PAGE);
    return;
  }
  const version = { "Docker-Distribution-Api-Version": "registry/2.0" };
  if (request.headers.authorization?.startsWith("Bearer ") !== true) {
    const challenge = `Bearer realm="${realm}",service="registry.test"`;
    response.writeHead(401, {
      ...version,
      "WWW-Authenticate": challenge,
      "Content-Type": "application/json",
    });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}');
    return;
  }
  if (path === "/v2/") {
    response
      .writeHead(200, { ...version, "Content-Type": "application/json", "Content-Length": 2 })
      .end("{}");
    return;
  }
  const reference = path.slice(path.lastIndexOf("/") + 1);
  if (path.includes("/blobs/")) {
    const location = `${cdn.url}/data/${reference}?signature=0123456789`;
    response.writeHead(307, { ...version, Location: location, "Content-Length": 0 }).end();
    return;
  }
  const digest = reference.includes(":") ? reference : `sha256:${reference}`;
  answer(request, response, digest, { ...version, "Docker-Content-Digest": digest, ETag: `"${digest}"` });
}

function serveCdn(request: IncomingMessage, response: ServerResponse): void {
  // As those of real registries, which take an Authorization for a second signature.
  if (request.headers.authorization !== undefined) {
    response.writeHead(400).end();
    return;
  }
  const { pathname } = new URL(request.url ?? "/", cdn.url);
  answer(request, response, pathname.slice("/data/".length), { "Accept-Ranges": "bytes" });
}

function answer(
  { method }: IncomingMessage,
  response: ServerResponse,
  digest: string,
  headers: Record<string, string>,
): void {
  const content = contents.get(digest);
  if (content === undefined) {
    response.writeHead(404).end();
    return;
  }
  const { mediaType, size } = content;
  response.writeHead(200, { ...headers, "Content-Type": mediaType, "Content-Length": size });
  if (method === "HEAD") response.end();
  else if (size === content.head.byteLength) response.end(content.head);
  else Readable.from(chunksOf(content)).pipe(response);
}

function serveToken(request: IncomingMessage, response: ServerResponse): void {
  const whose = request.headers.authorization === undefined ? "anonymous" : "alice";
  const token = `${whose}-${"0123456789abcdef".repeat(32)}`;
  const text = JSON.stringify({
    token,
    access_token: token,
    expires_in: 3600,
    issued_at: new Date().toISOString(),
  });
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": text.length }).end(text);
}
