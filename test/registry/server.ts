// One HTTP server of the three: recording, latency, injected failures, errors as answers.
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf, errorHtml, errorJson, errorXml, OciError } from "./errors.ts";
import type { ErrorBody } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import type { Fixture } from "./fixture.ts";
import type { Failure, RecordedRequest } from "./types.ts";

export type Handler = (fixture: Fixture, exchange: Exchange) => Promise<void>;

export interface RunningServer {
  origin: string;
  host: string;
  close(): Promise<void>;
}

/** Starts one server on loopback. */
export async function listen(
  fixture: Fixture,
  kind: RecordedRequest["server"],
  handler: Handler,
  port = 0,
): Promise<RunningServer> {
  const server = createServer((request, response) => void handle(fixture, kind, handler, request, response));
  // Node's five seconds would close idle connections just as a test's pool takes them up again.
  server.keepAliveTimeout = 60_000;
  const host = `127.0.0.1:${port === 0 ? await onNewPort(server) : await onPort(server, port)}`;
  return {
    origin: `http://${host}`,
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Ports that were given out: what a proxy keeps of one registry must not be found by a test of the next. */
const usedPorts = new Set<number>();

async function onNewPort(server: Server): Promise<number> {
  for (;;) {
    const port = await onPort(server, 0);
    if (!usedPorts.has(port)) {
      usedPorts.add(port);
      return port;
    }
    await new Promise((resolve) => server.close(resolve));
  }
}

async function onPort(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function handle(
  fixture: Fixture,
  kind: RecordedRequest["server"],
  handler: Handler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const record = fixture.journal.begin(kind, request);
  response.on("finish", () => (record.status = response.statusCode));
  // Clients break off now and then; that is theirs to do.
  response.on("error", () => undefined);
  request.on("error", () => undefined);
  noise(kind, response);
  const exchange = new Exchange(request, response, record);
  try {
    if (fixture.settings.latencyMs > 0) await sleep(fixture.settings.latencyMs);
    const failure = failureOf(fixture, kind, record.path);
    if (failure === "hang") return;
    if (failure === "drop") return void request.socket.destroy();
    if (failure !== null) throw injected(fixture, failure);
    await handler(fixture, exchange);
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    sendError(fixture, exchange, error);
  }
}

/** Headers that real registries and CDNs send and that are no business of a proxy's clients. */
function noise(kind: RecordedRequest["server"], response: ServerResponse): void {
  response.setHeader("Server", "embedded-registry");
  if (kind === "token") return;
  response.setHeader("Set-Cookie", ["session=upstream-cookie; Path=/", "AWSALB=upstream-balancer"]);
  response.setHeader("X-Amz-Request-Id", "0123456789ABCDEF");
  response.setHeader("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  if (kind === "cdn") return;
  response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  response.setHeader("Docker-RateLimit-Source", "192.0.2.1");
}

function failureOf({ settings }: Fixture, kind: RecordedRequest["server"], path: string): Failure | null {
  if (kind === "token") return settings.failToken;
  if (kind === "cdn") return settings.failCdn;
  return settings.failPath === null || path.includes(settings.failPath) ? settings.fail : null;
}

function injected(fixture: Fixture, status: number): OciError {
  const headers =
    status === 429 || status === 503 ? { "Retry-After": String(fixture.settings.retryAfter) } : {};
  return new OciError(codeOf(status), "injected failure", { status, headers });
}

function sendError(fixture: Fixture, exchange: Exchange, error: unknown): void {
  const known = error instanceof OciError ? error : new OciError("UNKNOWN", String(error));
  const { type, body } = errorBody(fixture, exchange, known);
  exchange.send(known.status, { "Content-Type": type, ...known.headers }, body);
}

function errorBody(fixture: Fixture, exchange: Exchange, error: OciError): ErrorBody {
  if (fixture.settings.htmlErrors && exchange.record.server !== "token") return errorHtml(error.status);
  if (exchange.record.server === "cdn") return errorXml(error.code, error.message);
  return errorJson(error.code, error.message, error.detail);
}
