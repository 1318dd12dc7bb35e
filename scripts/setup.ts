// `npm run setup -- example.com`: the hosts of a domain into wrangler.toml, and from there to a proxy that answers. What it
// writes is shown first, and `--undo` takes the hosts back.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readDevVars, readOwnersText, ROOT } from "../test/tools/configuration.ts";
import { killCommands, run } from "../test/tools/processes.ts";
import { unreadableLine } from "./check/full-width.ts";
import { readArguments as readQuestion } from "./doctor/arguments.ts";
import { diagnose } from "./doctor/diagnose.ts";
import { HELP, readArguments, refuseTaken } from "./setup/arguments.ts";
import { ownersFile } from "./setup/file.ts";
import { Refused } from "./setup/refused.ts";
import { setUp } from "./setup/run.ts";
import type { World } from "./setup/world.ts";
import { ownersRoutes, ownersTerminal } from "./owner.ts";
import { endNow } from "./terminal/end.ts";
import { askedToEnd } from "./terminal/signals.ts";

process.chdir(ROOT);
// By its name: wrangler would take a wrangler.json of a folder above before this file, or one that a build points to.
const WRANGLER = [
  process.execPath,
  join(ROOT, "node_modules/wrangler/bin/wrangler.js"),
  "--config",
  "wrangler.toml",
];
// The Worker of wrangler.toml's top is meant, and no other's secrets: an environment's Worker has another name.
const ENVIRONMENT = { WRANGLER_SEND_METRICS: "false", CLOUDFLARE_ENV: "" };
/** A wrangler that is run by hand takes these before wrangler.toml, and with them another Worker. */
const OTHER_SETTINGS = ["wrangler.json", "wrangler.jsonc"];

// Whoever ends this, by Ctrl-C or by closing the window, ends the wrangler that it has started: a secret that is put later
// would be one that nobody was shown.
process.on("exit", killCommands);
void askedToEnd().then((code) => process.exit(code));

const terminal = ownersTerminal();
const world: World = {
  terminal,
  file: ownersFile(join(ROOT, "wrangler.toml")),
  secrets: readDevVars(),
  hasAccountId: (process.env["CLOUDFLARE_ACCOUNT_ID"] ?? "") !== "",
  hasToken: (process.env["CLOUDFLARE_API_TOKEN"] ?? "") !== "",
  async wrangler(words, input) {
    const { code, output, stdout } = await run([...WRANGLER, ...words], {
      env: ENVIRONMENT,
      ...(input !== undefined && { input }),
    });
    return { code, output, stdout: stdout.toString() };
  },
  async deploy() {
    terminal.release();
    // The npm that started this, by its own file: as a program it has another name on Windows.
    const npm = process.env["npm_execpath"];
    const words = ["run", "deploy"];
    const ended = npm === undefined ? runSeen("npm", words) : runSeen(process.execPath, [npm, ...words]);
    return (await ended) === 0;
  },
  async examine(host) {
    const means = { routes: ownersRoutes(), password: () => Promise.resolve("") };
    for await (const { found, isOk, step } of diagnose(readQuestion([host]), means)) {
      if (!isOk) return `${step}: ${found}`;
    }
    return undefined;
  },
  pause: (seconds) => sleep(seconds * 1000),
};

try {
  const words = process.argv.slice(2);
  if (words.includes("--help")) for (const line of HELP) terminal.say(line);
  else await begin(words);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  terminal.complain(error.message);
  process.exitCode = 1;
} finally {
  terminal.release();
}
// Hosts that never answered would keep this process for minutes.
endNow();

/** @throws Refused with what to do */
async function begin(words: readonly string[]): Promise<void> {
  refuseTaken(words, process.env);
  const other = OTHER_SETTINGS.find((name) => existsSync(join(ROOT, name)));
  if (other !== undefined) {
    throw new Refused(
      `wrangler reads ${other} before wrangler.toml where you run it by hand, as to put a secret: remove one of the two`,
    );
  }
  const lost = unreadableLine(readOwnersText(".dev.vars"));
  if (lost !== undefined) throw new Refused(`.dev.vars cannot be read: ${lost}`);
  if (!(await setUp(readArguments(words), world))) process.exitCode = 1;
}

/** Runs a program that its owner sees and may answer. */
async function runSeen(program: string, words: readonly string[]): Promise<number> {
  const child = spawn(program, words, { stdio: "inherit", env: { ...process.env, ...ENVIRONMENT } });
  process.once("exit", () => child.kill());
  return new Promise((resolve) => {
    child.on("error", () => {
      resolve(127);
    });
    child.on("close", (code) => {
      resolve(code ?? 1);
    });
  });
}
