// The clients of the CPU benchmark: a list of requests over a fixed number of connections, each answer held to what its
// row says of it.

import { Agent, request, type IncomingMessage } from "node:http";
import { ACCEPT } from "../registry/accept.ts";

/** A request, and what its answer must be. */
export interface Ask {
  readonly method?: "GET" | "HEAD";
  readonly host?: string;
  readonly path: string;
  readonly authorization?: string;
  readonly status?: number;
  /** `X-Cache` of who keeps something; undefined where nothing is kept. */
  readonly cache?: "hit" | "miss" | undefined;
  /** Bytes of the body; undefined where it is whoever answers that decides. */
  readonly bytes?: number | undefined;
}

/** Who answers. */
export type Subject = "ours" | "bare" | "floor";

/**
 * Sends all of them, each connection one after the other.
 * @throws Error where an answer is not what was to be measured
 */
export async function sendAll(
  socketPath: string,
  subject: Subject,
  asks: readonly Ask[],
  connections: number,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  // One iterator for all of them: each takes the next that nobody has taken.
  const left = asks.values();
  const client = async (): Promise<void> => {
    for (const ask of left) await send({ agent, socketPath }, subject, ask);
  };
  try {
    await Promise.all(Array.from({ length: connections }, client));
  } finally {
    agent.destroy();
  }
}

async function send(
  connection: { agent: Agent; socketPath: string },
  subject: Subject,
  ask: Ask,
): Promise<void> {
  const { authorization, cache, host = "reg.localhost", method = "GET", path } = ask;
  const headers = {
    Host: host,
    "User-Agent": "docker/28.5.1 go/go1.24.8 kernel/6.8.0 os/linux arch/amd64",
    Accept: path === "/" ? "text/html" : ACCEPT,
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    ...(subject === "floor" && cache === "hit" ? { "X-Floor": "warm" } : {}),
  };
  return new Promise((resolve, reject) => {
    request({ ...connection, path, method, headers }, (response) => {
      let bytes = 0;
      response.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
      response.on("error", reject);
      response.on("end", () => {
        const fault = faultOf(response, bytes, subject, ask);
        if (fault === undefined) resolve();
        else reject(new Error(`${subject}: ${method} ${path} ${fault}`));
      });
    })
      .on("error", reject)
      .end();
  });
}

/** Why a figure of this answer would not be what it says. */
function faultOf(
  { headers, statusCode }: IncomingMessage,
  bytes: number,
  subject: Subject,
  ask: Ask,
): string | undefined {
  const { cache, status = 200 } = ask;
  if (statusCode !== status) return `is ${statusCode ?? 0}, not ${status}`;
  if (ask.bytes !== undefined && bytes !== ask.bytes) return `has ${bytes} bytes, not ${ask.bytes}`;
  const expected = subject === "bare" ? undefined : cache;
  const said = headers["x-cache"];
  return said === expected ? undefined : `is "${String(said)}", not "${String(expected)}"`;
}
