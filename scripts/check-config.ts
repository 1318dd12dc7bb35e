// `npm run check-config`: says what is wrong with wrangler.toml and .dev.vars, or what they make reachable.

import { describeFault, readConfig } from "../src/config/config.ts";
import { readEnvironment } from "../test/tools/configuration.ts";

let environment: Record<string, unknown> = {};
try {
  environment = readEnvironment();
} catch (error) {
  console.error(`wrangler.toml cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

const result = readConfig(environment);
if (result.ok) {
  console.log("The configuration is right. Hosts and what they reach:");
  for (const [key, route] of result.config.routes) {
    const where = route.kind === "universal" ? "every registry of the table" : describe(route.registry);
    console.log(`  ${key.includes(".") ? key : `${key}.<your domain>`}: ${where}`);
  }
  console.log("  *.workers.dev, localhost: every registry of the table");
} else {
  for (const fault of result.faults) console.error(describeFault(fault));
  process.exitCode = 1;
}

function describe(registry: { name: string; upstream: string; mirrors: readonly string[] }): string {
  const mirrors = registry.mirrors.length === 0 ? "" : `, mirrors: ${registry.mirrors.join(", ")}`;
  return `${registry.name} (${registry.upstream}${mirrors})`;
}
