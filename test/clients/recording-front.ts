// What clients of a closed proxy see before `wrangler dev`: it says where they come from, and writes down what they ask.

import { createServer, request as ask } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { listen, readBody } from "../tools/http.ts";

/** A request as the Worker had it, and the status of its answer. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  /** What was sent, such as a token request's form. */
  readonly body: string;
  readonly status: number;
}

export interface RecordingFront {
  readonly port: number;
  /** From now on callers come from there, an address of loopback: `wrangler dev` gives it to the Worker as CF-Connecting-IP. */
  comeFrom(address: string): void;
  /** What was asked since the last call. */
  take(): Seen[];
  readonly close: () => Promise<void>;
}

/** @param portNow where the Worker is at that time */
export async function startRecordingFront(portNow: () => number, address: string): Promise<RecordingFront> {
  let localAddress = address;
  let seen: Seen[] = [];
  // Who begins with TLS is answered 400 at once, as by any server of Node's.
  const server = createServer((request, response) => {
    passOn(request, response, { port: portNow(), localAddress }).then(
      (one) => seen.push(one),
      () => response.destroy(),
    );
  });
  const { url, close } = await listen(server);
  return {
    port: Number(new URL(url).port),
    comeFrom(other) {
      localAddress = other;
    },
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    close,
  };
}

/** Ends with the answer's head: a client may end before it has read the rest. */
async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  way: { port: number; localAddress: string },
): Promise<Seen> {
  const body = await readBody(request);
  const { method = "GET", url = "/", headers } = request;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = ask({ host: "127.0.0.1", ...way, method, path: url, headers, agent: false }, resolve);
    asked.on("error", reject);
    response.on("close", () => asked.destroy());
    asked.end(body);
  });
  answer.on("error", () => response.destroy());
  response.writeHead(answer.statusCode ?? 502, answer.headers);
  answer.pipe(response);
  const { authorization = "" } = headers;
  const status = answer.statusCode ?? 502;
  return { method, path: url, authorization, body: body.toString("latin1"), status };
}
