// The other end of metered-bucket.ts: its Worker as an entry module for wrangler, and what its meter says.

import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../tools/configuration.ts";
import { METER_HOST, type Operations } from "./metered-bucket.ts";

/** R2's operations as they are billed: class A writes, class B reads, and to delete is free. */
export interface Billed {
  readonly a: number;
  readonly b: number;
}

const ENTRY = `// Written by the benchmark.
import worker from "../../src/index.ts";
import { withMeter } from "../../test/bench/metered-bucket.ts";

export default withMeter(worker);
`;
const STEP_MS = 250;
const QUIET_STEPS = 4;

/** Writes the entry module. It is no file of this folder, which knows the Worker by its address only. @returns its path */
export function writeMeteredEntry(): string {
  const folder = join(ROOT, ".wrangler/bench");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "metered-worker.ts");
  writeFileSync(file, ENTRY);
  return file;
}

/** What was asked of the bucket since the server was started. @param port where it listens */
export async function readMeter(port: number): Promise<Billed> {
  const body = await new Promise<string>((resolve, reject) => {
    const headers = { Host: METER_HOST };
    request({ host: "127.0.0.1", port, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve(Buffer.concat(chunks).toString()));
    })
      .on("error", reject)
      .end();
  });
  const { createMultipartUpload, get, head, put } = JSON.parse(body) as Operations;
  return { a: put + createMultipartUpload, b: get + head };
}

/** Waits until nothing happens any more, since much is written after the answer. @param look what happened by now */
export async function untilQuiet(look: () => Promise<unknown>): Promise<void> {
  let before = JSON.stringify(await look());
  for (let quiet = 0; quiet < QUIET_STEPS;) {
    await sleep(STEP_MS);
    const now = JSON.stringify(await look());
    quiet = now === before ? quiet + 1 : 0;
    before = now;
  }
}
