// Runs the Worker in `wrangler dev` for the clients, and hangs up on those who begin with TLS.

import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";
import { startDevServer } from "../tools/dev-server.ts";
import { startFront } from "./front.ts";

const NAME = "clients";

/** Where the generated configuration, the Worker's log and the table are. */
export const OUTPUT = join(ROOT, ".wrangler", NAME);

export async function startWorker(
  routes: Record<string, unknown>,
  scratch: string,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const worker = await startDevServer(NAME, {
    // Every pull asks what its tag stands for, so that the counts do not depend on the time between two pulls.
    vars: { ROUTES: routes, TAG_TTL: 0 },
    state: join(scratch, "worker-state"),
  });
  const front = await startFront(worker.port);
  const stop = async () => {
    await front.close();
    await worker.stop();
  };
  return { port: front.port, stop };
}
