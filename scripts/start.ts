// `npm start`: the Worker on this machine, port 8787, with the real registries and the owner's own variables.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readWranglerToml, ROOT } from "../test/tools/configuration.ts";

// With `routes` in the file, wrangler gives every request the first route's host; all other hosts would be gone.
const local = readWranglerToml();
delete local["routes"];
delete local["route"];
const config = join(ROOT, ".wrangler.local.json");
writeFileSync(config, JSON.stringify(local, null, 2));

const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
const command = [wrangler, "dev", "--config", config, "--port", "8787", ...process.argv.slice(2)];
const child = spawn(process.execPath, command, {
  cwd: ROOT,
  stdio: "inherit",
  env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
