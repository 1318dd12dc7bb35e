// Answers with stored bytes: conditions, ranges, and the faults that happen to bodies.
import { gzipSync } from "node:zlib";
import { errorXml, OciError } from "./errors.ts";
import type { Exchange, Headers } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import { multipart, parseRange } from "./range.ts";

export interface Content {
  kind: "blob" | "manifest";
  body: Buffer;
  digest: string;
  headers: Headers & { "Content-Type": string };
}

/** Answers GET or HEAD with a blob or manifest. */
export function sendContent(fixture: Fixture, exchange: Exchange, content: Content): void {
  const { body, digest, kind } = content;
  const etag = `"${digest}"`;
  const headers: Headers = { ETag: etag, ...content.headers };
  if (matches(exchange.header("if-none-match"), etag)) return exchange.send(304, headers);
  if (fixture.settings.gzipEncode) return sendGzipped(exchange, body, headers);
  if (kind === "manifest") return exchange.send(200, headers, body);

  headers["Accept-Ranges"] = "bytes";
  // A Range means something for GET only; If-Range with another entity makes it void.
  const ifRange = exchange.header("if-range");
  const wanted = exchange.method === "GET" && (ifRange === undefined || ifRange === etag);
  const ranges = wanted ? parseRange(exchange.header("range"), body.length) : undefined;
  if (ranges === undefined) return sendBlob(fixture, exchange, 200, headers, body);
  if (ranges === "unsatisfiable") return refuseRange(exchange, body.length);
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) {
    const range = `bytes ${only.first}-${only.last}/${body.length}`;
    const slice = body.subarray(only.first, only.last + 1);
    return sendBlob(fixture, exchange, 206, { ...headers, "Content-Range": range }, slice);
  }
  const several = multipart(body, ranges, content.headers["Content-Type"]);
  sendBlob(fixture, exchange, 206, { ...headers, "Content-Type": several.type }, several.body);
}

function refuseRange(exchange: Exchange, size: number): void {
  const headers = { "Content-Range": `bytes */${size}` };
  if (exchange.record.server === "cdn") {
    const { type, body } = errorXml("InvalidRange", "The requested range is not satisfiable");
    return exchange.send(416, { ...headers, "Content-Type": type }, body);
  }
  throw new OciError("RANGE_INVALID", "range not satisfiable", { headers });
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((candidate) => [etag, `W/${etag}`, "*"].includes(candidate.trim()));
}

function sendGzipped(exchange: Exchange, body: Buffer, headers: Headers): void {
  exchange.send(200, { ...headers, "Content-Encoding": "gzip" }, gzipSync(body));
}

/** Sends a blob, or the first bytes of it and then breaks the socket. */
function sendBlob(
  fixture: Fixture,
  exchange: Exchange,
  status: number,
  headers: Headers,
  body: Buffer,
): void {
  const after = fixture.settings.breakBlobAfter;
  const breaks = after !== null && body.length > after && exchange.method === "GET" && fixture.breaksLeft > 0;
  if (!breaks) return exchange.send(status, headers, body);
  fixture.breaksLeft -= 1;
  const { response } = exchange;
  exchange.record.status = status;
  response.writeHead(status, { ...headers, "Content-Length": String(body.length) });
  response.flushHeaders();
  // Only once the bytes were handed over: destroying at once would drop them.
  response.write(body.subarray(0, after), () => response.destroy());
}
