// A Worker in `wrangler dev` that is started again where it ended by itself.

import { answers } from "../tools/http.ts";
import type { DevServer } from "../tools/dev-server.ts";

export interface HeldWorker {
  /** Where it is at this time. */
  readonly portNow: () => number;
  /** Ends it, and starts it again after something was done in between. */
  restart(between?: () => void): Promise<void>;
  /**
   * Starts it again, with what it kept, if it does not answer any more. wrangler 4.124 ends by itself where a connection to its
   * workerd breaks, as on a machine with much to do, and prints an empty error (cloudflare/workers-sdk#15317).
   * @returns true where it was started again
   */
  revive(): Promise<boolean>;
  stop(): Promise<void>;
}

/** @param start is told how many times it was called, this one included: each start has a log of its own */
export async function holdWorker(start: (count: number) => Promise<DevServer>): Promise<HeldWorker> {
  let count = 1;
  let worker = await start(count);
  const restart = async (between?: () => void): Promise<void> => {
    await worker.stop();
    between?.();
    count += 1;
    worker = await start(count);
  };
  return {
    portNow: () => worker.port,
    restart,
    async revive() {
      if (await answers(`http://127.0.0.1:${worker.port}/robots.txt`).catch(() => false)) return false;
      await restart();
      return true;
    },
    stop: () => worker.stop(),
  };
}

/** The name of the log of a start. */
export function logOf(count: number): string {
  return count === 1 ? "worker.log" : `worker-${count}.log`;
}
