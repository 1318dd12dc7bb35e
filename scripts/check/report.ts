// All checks over the owner's files, and what the files come to: files in, lines out.

import { describeFault } from "../../src/config/config.ts";
import { withoutLabels } from "../../src/config/key-rows.ts";
import { isOfPlace } from "../../src/config/misplaced.ts";
import { checkAccess, describeWhoGetsIn, suggestTokenKey, understand } from "./access.ts";
import { checkBucket } from "./bucket.ts";
import { checkHosts, checkKnownHosts, checkPatterns, checkReach } from "./domains.ts";
import { describeSettings, describeTable } from "./effective.ts";
import type { Files } from "./files.ts";
import { fault, type Finding } from "./findings.ts";
import { labelsIn } from "./labels.ts";
import { checkEnvironments, checkPlaces } from "./places.ts";
import { checkR2Buckets } from "./r2-buckets.ts";
import { checkUpstreams } from "./upstreams.ts";
import { checkVariables, sourceOf } from "./variables.ts";

/** What `npm run check-config` says. */
export interface Report {
  /** One line each. With one at least the configuration must not be deployed. */
  readonly faults: readonly string[];
  /** Those of them that are of lines in the wrong table. */
  readonly misplaced: readonly string[];
  /** One line each, beginning with `warning:`. */
  readonly warnings: readonly string[];
  /** The table and the settings as they will be; empty where there are faults. */
  readonly effective: readonly string[];
}

/** Checks the owner's files. */
export function reportOn(files: Files): Report {
  const { result, waits } = understand(files);
  const labels = labelsIn(files);
  const places = checkPlaces(files.wrangler);
  const findings: Finding[] = [
    ...(result.ok ? [] : result.faults).map((each) =>
      fault(`${sourceOf(files, each.variable)}, ${describeFault(each)}`),
    ),
    ...places,
    ...checkR2Buckets(files.wrangler),
    ...checkPatterns(files.wrangler),
    ...(result.ok ? checkHosts(files.wrangler, result.config) : []),
    ...(result.ok ? checkKnownHosts(result.config) : []),
    ...checkReach(files.wrangler),
    ...checkEnvironments(files.wrangler),
    ...checkVariables(files),
    ...(result.ok ? checkAccess(files, { config: result.config, waits }) : []),
    ...(result.ok ? checkBucket(files, result.config) : []),
    ...(result.ok ? checkUpstreams(result.config) : []),
  ];
  const texts = (level: Finding["level"]): string[] =>
    findings.filter((finding) => finding.level === level).map(({ text }) => withoutLabels(text, labels));
  const faults = texts("fault");
  const placed = places.map(({ text }) => withoutLabels(text, labels));
  const misplaced = faults.filter((text) => placed.includes(text) || isOfPlace(text));
  const warnings = texts("warning").map((text) => `warning: ${text}`);
  if (!result.ok || faults.length > 0) return { faults, misplaced, warnings, effective: [] };
  const effective = [
    "Hosts and what they reach:",
    ...describeTable(result.config, files.wrangler).map((line) => `  ${line}`),
    "Settings:",
    ...describeSettings(files, result.config).map((line) => `  ${line}`),
    ...describeWhoGetsIn(files, { config: result.config, waits }),
    ...suggestTokenKey(result.config.access, waits),
    "Not seen from here: variables, secrets and domains that the dashboard or `wrangler secret put` set.",
  ];
  return { faults, misplaced, warnings, effective: effective.map((line) => withoutLabels(line, labels)) };
}
