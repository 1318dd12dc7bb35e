// The last row of the second table: what a client does that the proxy's brake stops (429 with Retry-After).

import { ok } from "node:assert/strict";
import { CommandFailed } from "../tools/processes.ts";
import type { ClosedProxy } from "./closed-targets.ts";
import { newAddress } from "./closed-targets.ts";
import { makeImage } from "./images.ts";
import type { Operation, Trial } from "./operations.ts";
import type { Seen } from "./recording-front.ts";

/** Who waits as Retry-After says (a minute) does nothing more in this time, and who gives up has long done so. */
const PATIENCE_S = 5;
/** containerd takes six answers to one question, all at once, and the first is a 401. */
const MOST_REFUSED = 6;
const MINUTE_MS = 60_000;
const ATTEMPTS = 3;
const TIMED_OUT = 124;

export const BRAKE_OPERATIONS: readonly Operation[] = [
  {
    name: "brake: what it does with 429",
    exists: ({ target }) => target.closed !== undefined && target.closed.admits === undefined,
    async run(trial) {
      for (let attempt = 1; ; attempt += 1) {
        const minute = currentMinute();
        const { failure, seen } = await pullBraked(trial, attempt);
        // The limiter counts by the minute of the clock: where that has changed, there may have been no brake.
        if (currentMinute() === minute || attempt === ATTEMPTS) {
          judge(trial, failure, seen);
          return;
        }
      }
    },
  },
];

/** A pull of an image that nobody has asked for, by a caller who has had the one request of this minute. */
async function pullBraked(
  { name, client, target }: Trial,
  attempt: number,
): Promise<{ failure: Error | undefined; seen: Seen[] }> {
  const { front } = closedOf(target.closed);
  const repository = `owner/braked-${name}-${attempt}`;
  const image = makeImage({ layers: [500], types: "oci", index: true });
  await target.upstream.put(repository, image, ["latest"]);
  front.comeFrom(newAddress());
  const first = await fetch(`http://${target.registry}/v2/${repository}/manifests/${image.native.digest}`, {
    headers: { Accept: image.native.mediaType, Authorization: "Bearer ferry.anonymous" },
  });
  await first.body?.cancel();
  ok(first.ok, `the first request of a minute is answered ${first.status}`);
  front.take();
  const failure = await client.pull(`${target.registry}/${repository}:latest`, PATIENCE_S).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
  return { failure, seen: front.take() };
}

function judge({ note }: Trial, failure: Error | undefined, seen: readonly Seen[]): void {
  if (failure === undefined) throw new Error("no brake stopped the pull");
  if (!(failure instanceof CommandFailed)) throw failure;
  const { code, output } = failure.finished;
  const refused = seen.filter(({ status }) => status === 429).length;
  const isWaiting = code === TIMED_OUT;
  ok(refused > 0, `nothing was answered 429: ${failure.message}`);
  ok(refused <= MOST_REFUSED, `${refused} requests were answered 429`);
  if (!isWaiting) ok(/too ?many ?requests/i.test(output), `it does not say why it gives up: ${output}`);
  note(`${refused} requests answered 429 (of ${seen.length}), then it ${isWaiting ? "waits" : "gives up"}`);
}

function closedOf(closed: ClosedProxy | undefined): ClosedProxy {
  if (closed === undefined) throw new Error("there is no front that records");
  return closed;
}

function currentMinute(): number {
  return Math.floor(Date.now() / MINUTE_MS);
}
