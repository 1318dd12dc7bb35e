// Setup's core on a file's text, and what the file says then.
import { parse } from "smol-toml";
import { patternsOf } from "../../../scripts/check/domains.ts";
import { readArguments } from "../../../scripts/setup/arguments.ts";
import { planHosts } from "../../../scripts/setup/plan.ts";

export const DOMAIN = "images.dev";

/** The file after `npm run setup -- …`. */
export function setUp(text: string, ...words: string[]): string {
  return planHosts(text, readArguments(words)).text;
}

export function contentsOf(text: string): Record<string, unknown> {
  return parse(text.replace(/^\uFEFF/, ""));
}

/** All custom domains, in order. */
export function domainsOf(text: string): string[] {
  return patternsOf(contentsOf(text))
    .filter(({ isDomain }) => isDomain)
    .map((pattern) => pattern.text);
}

/** The names of `HOSTS`, whichever way they are written. */
export function namesOf(text: string): string[] {
  const { HOSTS = [] } = (contentsOf(text)["vars"] ?? {}) as { HOSTS?: string | string[] };
  return typeof HOSTS === "string" ? HOSTS.split(/[\s,]+/).filter((name) => name !== "") : HOSTS;
}

/** Whether wrangler would serve the Worker on *.workers.dev. */
export function isOnWorkersDev(text: string): boolean {
  const contents = contentsOf(text);
  return (contents["workers_dev"] ?? patternsOf(contents).length === 0) === true;
}

/** All that setup has no business with. */
export function otherThings(text: string): unknown {
  const contents = structuredClone(contentsOf(text));
  const { vars = {} } = contents as { vars?: Record<string, unknown> };
  delete contents["routes"];
  delete contents["workers_dev"];
  delete vars["HOSTS"];
  const { ROUTES = {} } = vars as { ROUTES?: Record<string, unknown> };
  delete ROUTES["mirror"];
  return { ...contents, vars };
}

/** True of a text whose characters are all in another one, in their order. */
export function isWithin(old: string, now: string): boolean {
  let at = 0;
  for (const one of now) if (at < old.length && old[at] === one) at += 1;
  return at === old.length;
}
