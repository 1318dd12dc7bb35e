// Clients that read little or nothing of what they asked for: sockets, since any HTTP library reads ahead.

import { request } from "node:http";
import { connect } from "node:net";

const ANONYMOUS = "Bearer ferry.anonymous";
/** The host of the first registry. */
export const HOST = "reg.localhost";

/** A client that has sent its request. */
export interface SlowClient {
  /** The status, once it came; `closed` where nothing came. */
  readonly status: Promise<string>;
  leave(): void;
}

/** Asks for a path. @param bytesPerSecond that the client reads; 0 for one that reads nothing after the head */
export function askSlowly(socketPath: string, path: string, bytesPerSecond: number, host = HOST): SlowClient {
  const socket = connect(socketPath);
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${ANONYMOUS}\r\n\r\n`);
  const status = new Promise<string>((resolve) => {
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString("latin1", 9, 12)));
    socket.once("close", () => resolve("closed"));
  });
  socket.on("data", (chunk: Buffer) => {
    // Node reads 64 KiB at once, and then nothing while it is paused.
    socket.pause();
    if (bytesPerSecond > 0) setTimeout(() => socket.resume(), (1000 * chunk.byteLength) / bytesPerSecond);
  });
  return { status, leave: () => socket.destroy() };
}

/** Asks for a path, and reads the answer to its end. */
export async function askWhole(
  socketPath: string,
  path: string,
  host = HOST,
): Promise<{ status: number; cache: string | undefined }> {
  const headers = { Host: host, Authorization: ANONYMOUS, Accept: "*/*" };
  return new Promise((resolve, reject) => {
    request({ socketPath, path, headers, agent: false }, (response) => {
      const { statusCode: status = 0 } = response;
      const cache = response.headers["x-cache"]?.toString();
      response.on("error", reject);
      response.on("end", () => resolve({ status, cache }));
      response.resume();
    })
      .on("error", reject)
      .end();
  });
}
