// Runs the Worker in `wrangler dev` for the clients, with a bucket, and refuses those who begin with TLS.

import { join } from "node:path";
import { ROOT } from "../tools/configuration.ts";
import { cachedIn, emptyCache, objectsIn, startDevServer } from "../tools/dev-server.ts";
import { startFront } from "./front.ts";
import { holdWorker, logOf, type HeldWorker } from "./held-worker.ts";

/** Where the table is; beside it are the lanes' folders. */
export const OUTPUT = join(ROOT, ".wrangler", "clients");

/** Where a lane's generated configuration and its Worker's logs are. */
export function outputOf(lane: string): string {
  return join(ROOT, ".wrangler", lane);
}

/** The repositories that the bucket keeps; all others are kept as they are without one. */
const BUCKET_REPOSITORIES = ["docker.io/owner/lasting-*", "open.example/owner/lasting-*"];

export interface RunningWorker extends Pick<HeldWorker, "revive" | "stop"> {
  /** The same for ever, wherever the Worker is. */
  readonly port: number;
  /** How many objects its bucket has. */
  objects(): number;
  /** How many things its cache has. */
  cached(): number;
  /** From now on it is another isolate in another data centre, which have nothing, over the same bucket. */
  moveAway(): Promise<void>;
}

export async function startWorker(
  lane: string,
  routes: Record<string, unknown>,
  folder: string,
): Promise<RunningWorker> {
  const state = join(folder, "worker-state");
  const worker = await holdWorker((count) =>
    startDevServer(lane, {
      // Every pull asks what its tag stands for, so that the counts do not depend on the time between two pulls.
      vars: { ROUTES: routes, TAG_TTL: 0, BUCKET_REPOSITORIES },
      bucket: true,
      state,
      log: logOf(count),
    }),
  );
  const front = await startFront(worker.portNow);
  return {
    port: front.port,
    objects: () => objectsIn(state),
    cached: () => cachedIn(state),
    moveAway: () =>
      worker.restart(() => {
        emptyCache(state);
      }),
    revive: () => worker.revive(),
    async stop() {
      await front.close();
      await worker.stop();
    },
  };
}
