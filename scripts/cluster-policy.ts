// `npm run --silent cluster-policy -- mirror.example.com [--kind kyverno]`: prints a policy for a cluster, which names the
// images of new Pods through a host of all registries. It reads the routes table of wrangler.toml, and asks nobody.

import { parseArgs } from "node:util";
import { readWranglerToml } from "../test/tools/configuration.ts";
import { understand } from "./check/access.ts";
import { expressionsFor } from "./policy/expressions.ts";
import { readPolicyHost } from "./policy/host.ts";
import { KINDS, manifestsOf } from "./policy/manifests.ts";
import { prefixesOn } from "./policy/served.ts";
import { takenByNpm } from "./terminal/npm.ts";
import { ownersTerminal } from "./owner.ts";

const USAGE = `npm run --silent cluster-policy -- mirror.example.com [--kind ${KINDS.join("|")}]`;

try {
  const words = process.argv.slice(2);
  process.stdout.write(words.includes("--help") ? `usage: ${USAGE}\n` : policyFor(words));
} catch (error) {
  // On one line, whatever an argument or a file has in it; of a file that is no TOML the first line alone, which shows no piece of it.
  const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
  ownersTerminal().complain(reason);
  process.exitCode = 1;
}

/** @throws Error with what is wrong with the arguments, or with wrangler.toml */
function policyFor(words: string[]): string {
  const taken = takenByNpm({ flags: [], valued: ["--kind"], instead: () => USAGE }, words, process.env);
  if (taken !== undefined) throw new Error(taken);
  const { positionals, values } = parseArgs({
    args: words,
    allowPositionals: true,
    options: { kind: { type: "string", default: KINDS[0] } },
  });
  const [written, ...more] = positionals;
  if (written === undefined || more.length > 0) throw new Error(`usage: ${USAGE}`);
  const kind = KINDS.find((one) => one === values.kind);
  if (kind === undefined)
    throw new Error(
      `--kind is ${JSON.stringify(values.kind)}, and may be ${KINDS.join(" or ")}; usage: ${USAGE}`,
    );
  const { result } = understand({ wrangler: readWranglerToml(), secrets: {} });
  if (!result.ok) throw new Error("wrangler.toml has faults: npm run check-config says which");
  const read = readPolicyHost(written, result.config);
  if (!read.ok) throw new Error(read.reason);
  return manifestsOf(kind, read.host, expressionsFor(read.host, prefixesOn(read.host, result.config)));
}
