// The service behind the Cache API, as workerd speaks to it: PUT has a whole response as its body, GET finds it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, readBody } from "../tools/http.ts";

const NOTHING = { "Content-Length": 0 };

interface Kept {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface CacheService {
  readonly port: number;
  /** Everything that was kept, by its size in bytes. */
  sizes(): number[];
  clear(): void;
  close(): Promise<void>;
}

export async function startCacheService(): Promise<CacheService> {
  const kept = new Map<string, Kept>();
  // workerd says in its first line alone what it asks for.
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    // Whoever asks may be gone before the answer is.
    serveCache(kept, request, response).catch(() => response.destroy());
  });
  const { url, close } = await listen(server);
  return {
    port: Number(new URL(url).port),
    sizes: () => [...kept.values()].map(({ body }) => body.byteLength),
    clear: () => kept.clear(),
    close,
  };
}

async function serveCache(
  kept: Map<string, Kept>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const key = JSON.stringify([request.headers["cf-cache-namespace"], request.url]);
  if (request.method === "PUT") {
    kept.set(key, parse(await readBody(request)));
    response.writeHead(204).end();
    return;
  }
  if (request.method === "PURGE") {
    response.writeHead(kept.delete(key) ? 200 : 404, NOTHING).end();
    return;
  }
  const found = kept.get(key);
  // A miss, as RFC 9111 (section 5.2.1.7) has it for `only-if-cached`. With a length: workerd gives up a connection on which
  // it does not see at once that nothing more comes.
  if (found === undefined) response.writeHead(504, NOTHING).end();
  else response.writeHead(200, { ...found.headers, "CF-Cache-Status": "HIT" }).end(found.body);
}

/** A response as it goes over the wire. */
function parse(message: Buffer): Kept {
  const end = message.indexOf("\r\n\r\n");
  const [, ...lines] = message.subarray(0, end).toString().split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = message.subarray(end + 4);
  delete headers["transfer-encoding"];
  return { headers: { ...headers, "content-length": String(body.byteLength) }, body };
}
