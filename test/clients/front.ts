// The port that clients see before `wrangler dev`: it refuses at once those who begin with TLS.

import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

const TLS_HANDSHAKE = 0x16;
/** As plain servers answer it: docker with its images in containerd takes a closed connection for a failure, and not for http. */
const NO_TLS = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";

/**
 * Clients that may use http try https first. workerd keeps such a connection open until the client gives up after
 * 10 s, which a registry does not; so much waiting would hide everything else.
 * @param portOf where the Worker is at that time
 */
export async function startFront(
  portOf: () => number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("close", () => sockets.delete(client));
    client.on("error", () => client.destroy());
    client.once("data", (first) => {
      if (first[0] === TLS_HANDSHAKE) {
        client.end(NO_TLS);
        return;
      }
      const worker = connect(portOf(), "127.0.0.1");
      worker.on("error", () => client.destroy());
      worker.on("close", () => client.destroy());
      client.on("close", () => worker.destroy());
      worker.write(first);
      client.pipe(worker).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
      for (const socket of sockets) socket.destroy();
    });
  return { port: (server.address() as AddressInfo).port, close };
}
