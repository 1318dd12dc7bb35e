// One request and its answer: reading with a bound, answering with exact lengths.
import type { IncomingMessage, ServerResponse } from "node:http";
import { OciError } from "./errors.ts";
import type { RecordedRequest } from "./types.ts";

export type Headers = Record<string, string | string[]>;

/** One request in progress. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly record: RecordedRequest;
  readonly method: string;
  /** As received: not decoded, not normalised. */
  readonly path: string;
  readonly query: URLSearchParams;

  constructor(request: IncomingMessage, response: ServerResponse, record: RecordedRequest) {
    this.request = request;
    this.response = response;
    this.record = record;
    this.method = record.method;
    this.path = record.path;
    this.query = new URLSearchParams(record.query);
  }

  header(name: string): string | undefined {
    return this.record.headers[name];
  }

  /** GET and HEAD. */
  get reads(): boolean {
    return this.method === "GET" || this.method === "HEAD";
  }

  /** Answers. HEAD gets the headers that GET would, the length included, and no body. */
  send(status: number, headers: Headers = {}, body: Buffer | string = ""): void {
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const bodiless = status === 204 || status === 304;
    this.response.writeHead(
      status,
      bodiless ? headers : { "Content-Length": String(bytes.length), ...headers },
    );
    this.response.end(bodiless || this.method === "HEAD" ? undefined : bytes);
  }

  /** The same without a length: in chunks. */
  sendUnmeasured(status: number, headers: Headers, body: Buffer): void {
    this.response.writeHead(status, headers);
    this.response.end(this.method === "HEAD" ? undefined : body);
  }

  sendJson(status: number, value: unknown, headers: Headers = {}): void {
    this.send(status, { "Content-Type": "application/json", ...headers }, JSON.stringify(value));
  }

  /** The request's body, at most `limit` bytes; longer ones are 413. */
  async body(limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new OciError("SIZE_INVALID", "body too large", { status: 413 });
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Throws 405 unless the method is one of these. */
  allow(...methods: string[]): void {
    if (methods.includes(this.method)) return;
    throw new OciError("UNSUPPORTED", "method not allowed", { headers: { Allow: methods.join(", ") } });
  }
}
