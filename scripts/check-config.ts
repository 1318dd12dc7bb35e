// `npm run check-config`: says what is wrong with wrangler.toml and .dev.vars, and what they come to. With `-- --online` it
// asks each registry of the table for its token service, and whether it takes the account of UPSTREAM_CREDENTIALS; without,
// nothing leaves this machine.

import type { Config } from "../src/config/config.ts";
import type { Registry } from "../src/config/registry.ts";
import { RegistryError } from "../src/distribution/errors.ts";
import { Trace } from "../src/log.ts";
import { checkAccount } from "../src/upstream/owner-check.ts";
import { askForRealm } from "../src/upstream/realm-question.ts";
import { readDevVars, readOwnersText, readWranglerToml } from "../test/tools/configuration.ts";
import { understand } from "./check/access.ts";
import type { Files } from "./check/files.ts";
import { checkFullWidth, typedAt, unreadableLine } from "./check/full-width.ts";
import { reportOn } from "./check/report.ts";
import { takenByNpm } from "./terminal/npm.ts";
import { printable } from "./terminal/printable.ts";
import { whyUnreadable } from "./terminal/unreadable.ts";
import { describeTokenService, type Said } from "./check/token-services.ts";

const words = process.argv.slice(2);
const taken = takenByNpm(
  { flags: ["--online"], valued: [], instead: () => "npm run check-config -- --online" },
  words,
  process.env,
);
if (taken !== undefined) {
  console.error(taken);
  process.exit(1);
}
if (words.includes("--help")) {
  console.log("npm run check-config [-- --online]");
  console.log("");
  console.log("Says what is wrong with wrangler.toml and .dev.vars, and what they come to.");
  console.log(
    "  --online   asks the registries too: where their token services are, and whether your accounts are taken",
  );
  process.exit(0);
}
const isOnline = words.includes("--online");
const unknown = words.filter((word) => word !== "--online");
if (unknown.length > 0) {
  console.error('check-config knows "--online" and "--help", and nothing else');
  process.exit(1);
}
const texts = { wrangler: readOwnersText("wrangler.toml"), secrets: readOwnersText(".dev.vars") };
const wrangler = read("wrangler.toml", readWranglerToml);
const secrets = read(".dev.vars", () => {
  const lost = unreadableLine(texts.secrets);
  if (lost !== undefined) throw new Error(lost);
  return readDevVars();
});
if (wrangler !== undefined && secrets !== undefined) await check({ wrangler, secrets });

async function check(files: Files): Promise<void> {
  const { faults, warnings, effective } = reportOn(files);
  const typed = checkFullWidth(texts).map(({ level, text }) => `${level}: ${text}`);
  for (const line of [...typed, ...faults, ...warnings]) console.error(printable(line));
  const summed = summary(faults.length, typed.length + warnings.length);
  for (const line of [summed, ...effective]) console.log(printable(line));
  if (faults.length > 0) process.exitCode = 1;
  const { result } = understand(files);
  if (isOnline && result.ok) await askAll(result.config);
}

async function askAll({ access, registries }: Config): Promise<void> {
  const all = [...new Set(registries.values())];
  console.log("What the registries said when they were asked at /v2/, without credentials:");
  const said = all.map(
    async (registry) => `  ${describeTokenService(registry.name, await askRegistry(registry))}`,
  );
  for (const line of await Promise.all(said)) console.log(printable(line));
  if (access.accounts.size === 0) return;
  console.log("What they said to the accounts of UPSTREAM_CREDENTIALS:");
  const checks = all.map(async (registry) => {
    const account = access.accounts.get(registry.name);
    return account && { registry, ...(await checkAccount(registry, account, traceOf(registry))) };
  });
  for (const check of await Promise.all(checks)) {
    if (check === undefined) continue;
    console.log(printable(`  ${check.registry.name}: ${check.problem ?? "accepted"}`));
    if (check.problem !== undefined) process.exitCode = 1;
  }
}

function traceOf(registry: Registry): Trace {
  return new Trace(new Request(registry.upstream));
}

async function askRegistry(registry: Registry): Promise<Said> {
  try {
    return await askForRealm(registry, "/v2/", traceOf(registry));
  } catch (error) {
    if (error instanceof RegistryError) return { kind: "silent", why: error.message };
    throw error;
  }
}

function summary(faults: number, warnings: number): string {
  if (faults > 0) return `The configuration has ${faults} fault(s), and must not be deployed.`;
  return warnings > 0
    ? `The configuration has no fault, and ${warnings} warning(s).`
    : "The configuration is right.";
}

function read<T>(file: string, parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    console.error(whyUnreadable(file, error, (line, column) => typedAt(texts.wrangler, line, column)));
    process.exitCode = 1;
    return undefined;
  }
}
