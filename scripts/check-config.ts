// `npm run check-config`: says what is wrong with wrangler.toml and .dev.vars, and what they come to. With `-- --ask` it asks
// each registry of the table for its token service, too; without, nothing leaves this machine.

import { TomlError } from "smol-toml";
import type { Registry } from "../src/config/registry.ts";
import { RegistryError } from "../src/distribution/errors.ts";
import { Trace } from "../src/log.ts";
import { askForRealm } from "../src/upstream/realm-question.ts";
import { readDevVars, readWranglerToml } from "../test/tools/configuration.ts";
import { understand } from "./check/access.ts";
import { reportOn } from "./check/report.ts";
import { describeTokenService, type Said } from "./check/token-services.ts";

const words = process.argv.slice(2);
const ask = words.includes("--ask");
const unknown = words.filter((word) => word !== "--ask");
if (unknown.length > 0) {
  console.error(`check-config knows "--ask" and nothing else: ${printable(unknown.join(" "))}`);
  process.exit(1);
}
const wrangler = read("wrangler.toml", readWranglerToml);
const secrets = read(".dev.vars", readDevVars);
if (wrangler !== undefined && secrets !== undefined) {
  const { faults, warnings, effective } = reportOn({ wrangler, secrets });
  for (const line of [...faults, ...warnings]) console.error(printable(line));
  for (const line of [summary(faults.length, warnings.length), ...effective]) console.log(printable(line));
  if (faults.length > 0) process.exitCode = 1;
  const { result } = understand({ wrangler, secrets });
  if (ask && result.ok) {
    console.log("What the registries said when they were asked at /v2/, without credentials:");
    const said = [...new Set(result.config.registries.values())].map(
      async (registry) => `  ${describeTokenService(registry.name, await askRegistry(registry))}`,
    );
    for (const line of await Promise.all(said)) console.log(printable(line));
  }
}

async function askRegistry(registry: Registry): Promise<Said> {
  const trace = new Trace(new Request(registry.upstream));
  try {
    return await askForRealm(registry, "/v2/", trace);
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
    // The message's first line alone: the others show a piece of the file, in which there may be a secret.
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    const place = error instanceof TomlError ? `line ${error.line}, column ${error.column}: ` : "";
    console.error(`${file} cannot be read: ${place}${printable(reason)}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** On one line, whatever an owner's file has in it. */
function printable(line: string): string {
  return line.replace(/\p{C}/gu, "?");
}
