// Runs the Worker in `wrangler dev` for the clients, with a bucket, and refuses those who begin with TLS.

import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";
import { answers } from "../tools/http.ts";
import { emptyCache, objectsIn, startDevServer, type DevServer } from "../tools/dev-server.ts";
import { startFront } from "./front.ts";

const NAME = "clients";

/** Where the generated configuration, the Worker's logs and the table are. */
export const OUTPUT = join(ROOT, ".wrangler", NAME);

/** The repositories that the bucket keeps; all others are kept as they are without one. */
const BUCKET_REPOSITORIES = ["docker.io/owner/lasting-*", "open.example/owner/lasting-*"];

export interface RunningWorker {
  /** The same for ever, wherever the Worker is. */
  readonly port: number;
  /** How many objects its bucket has. */
  objects(): number;
  /** From now on it is another isolate in another data centre, which have nothing, over the same bucket. */
  moveAway(): Promise<void>;
  /**
   * Starts it again, with what it kept, if it does not answer any more. wrangler 4.124 ends by itself where a connection to its
   * workerd breaks, as on a machine with much to do, and prints an empty error (cloudflare/workers-sdk#15317).
   * @returns true where it was started again
   */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
}

export async function startWorker(routes: Record<string, unknown>, scratch: string): Promise<RunningWorker> {
  const state = join(scratch, "worker-state");
  let started = 0;
  const start = (): Promise<DevServer> => {
    started += 1;
    return startDevServer(NAME, {
      // Every pull asks what its tag stands for, so that the counts do not depend on the time between two pulls.
      vars: { ROUTES: routes, TAG_TTL: 0, BUCKET_REPOSITORIES },
      bucket: true,
      state,
      log: started === 1 ? "worker.log" : `worker-${started}.log`,
    });
  };
  let worker = await start();
  const front = await startFront(() => worker.port);
  return {
    port: front.port,
    objects: () => objectsIn(state),
    async moveAway() {
      await worker.stop();
      emptyCache(state);
      worker = await start();
    },
    async revive() {
      if (await answers(`http://127.0.0.1:${worker.port}/robots.txt`).catch(() => false)) return false;
      await worker.stop();
      worker = await start();
      return true;
    },
    async stop() {
      await front.close();
      await worker.stop();
    },
  };
}
