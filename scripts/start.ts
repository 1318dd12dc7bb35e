// `npm start`: the Worker on this machine, port 8787 or another, with the real registries and the owner's own variables. Words
// behind `npm start --` are wrangler's.

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOwnersText, readWranglerToml, ROOT } from "../test/tools/configuration.ts";
import { objectionToPort } from "../test/tools/http.ts";
import { typedAt } from "./check/full-width.ts";
import { HELP, introduction } from "./terminal/start-words.ts";
import { refuseLost, takePort } from "./terminal/ports.ts";
import { printable } from "./terminal/printable.ts";
import { whyUnreadable } from "./terminal/unreadable.ts";

const USUAL_PORT = 8787;

try {
  const words = process.argv.slice(2);
  refuseLost({ command: "npm start", flags: [], valued: ["--ip"] }, words, process.env);
  const { port = USUAL_PORT, rest } = takePort(words);
  if (rest.some((word) => ["--help", "-h"].includes(word))) for (const line of HELP) console.log(line);
  else await begin(port, rest);
} catch (error) {
  console.error(printable(error instanceof Error ? error.message : String(error)));
  process.exitCode = 1;
}

async function begin(port: number, words: readonly string[]): Promise<void> {
  const objection = await objectionToPort(port);
  if (objection !== undefined) throw new Error(`Port ${port} ${objection}, as in npm start -- --port 9000`);
  const owners = readFile();
  for (const line of introduction(port)) console.log(line);
  start(port, { words, owners });
}

function readFile(): Record<string, unknown> {
  try {
    return readWranglerToml();
  } catch (error) {
    const text = readOwnersText("wrangler.toml");
    throw new Error(
      whyUnreadable("wrangler.toml", error, (line, column) => typedAt(text, line, column)),
      { cause: error },
    );
  }
}

function start(
  port: number,
  { words, owners }: { words: readonly string[]; owners: Record<string, unknown> },
): void {
  // With `routes` in the file, wrangler gives every request the first route's host; all other hosts would be gone.
  const local = { ...owners };
  delete local["routes"];
  delete local["route"];
  const config = join(ROOT, ".wrangler.local.json");
  writeFileSync(config, JSON.stringify(local, null, 2));

  const wrangler = join(ROOT, "node_modules/wrangler/bin/wrangler.js");
  const command = [wrangler, "dev", "--config", config, "--port", String(port), ...words];
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("close", (code) => {
    process.exitCode = code ?? 1;
  });
}
