// Runs the Worker in `wrangler dev`, on a generated configuration without an owner's routes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startFront } from "./front.ts";
import { answers, freePort } from "./http.ts";
import { start } from "./processes.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Where the generated configuration, the Worker's log and the table are. */
export const OUTPUT = join(ROOT, ".wrangler/clients");

export async function startWorker(
  routes: Record<string, unknown>,
  scratch: string,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const config = join(OUTPUT, "wrangler.json");
  const settings = {
    name: "registry-ferry-clients",
    main: join(ROOT, "src/index.ts"),
    compatibility_date: "2026-08-15",
    compatibility_flags: ["global_fetch_strictly_public"],
    vars: { ROUTES: routes },
  };
  writeFileSync(config, JSON.stringify(settings, null, 2));
  const logFile = join(OUTPUT, "worker.log");
  writeFileSync(logFile, "");
  const port = await freePort();
  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const address = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", String(await freePort())];
  const state = ["--persist-to", join(scratch, "worker-state"), "--show-interactive-dev-session=false"];
  const { stop } = await start(
    [process.execPath, wrangler, "dev", "--config", config, ...address, ...state],
    {
      cwd: OUTPUT,
      env: { WRANGLER_SEND_METRICS: "false", DO_NOT_TRACK: "1", CI: "1" },
      logFile,
      ready: () => answers(`http://127.0.0.1:${port}/healthz`),
    },
  );
  const front = await startFront(port);
  const stopAll = async () => {
    await front.close();
    await stop();
  };
  return { port: front.port, stop: stopAll };
}
