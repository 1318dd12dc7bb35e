// Options that npm took for itself: of `npm run setup example.com --undo`, without `--` before the arguments, the script is
// given the domain alone.

import { readFileSync } from "node:fs";

/** A script of package.json, as far as npm can take something away from it. */
export interface Script {
  /** Its options without a value, such as `--undo`. */
  readonly flags: readonly string[];
  /** Those with one, such as `--user`. */
  readonly valued: readonly string[];
  /** What to write, with the flags that were taken. */
  readonly instead: (flags: readonly string[]) => string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks for options in the environment, to where npm 10 and 11 put them, known to them or not: `--undo` as
 * `npm_config_undo=true`, `--kind=kyverno` as `npm_config_kind=kyverno`, `--kind kyverno` as `npm_config_kind=true`. Not for
 * `--yes`, which is an option of npm too, and may be set there for good.
 * @param words arguments that the script was given; what is among them was not taken
 * @returns what to write instead; undefined where nothing was taken
 */
export function takenByNpm(
  { flags, valued, instead }: Script,
  words: readonly string[],
  environment: Environment,
): string | undefined {
  const isTaken = (option: string): boolean => {
    const key = option.slice(2);
    const value = environment[`npm_config_${key.replaceAll("-", "_")}`] ?? "";
    const isGiven = words.some((word) => word === option || word.startsWith(`${option}=`));
    if (isGiven || (flags.includes(option) ? value !== "true" : value === "")) return false;
    return !isInNpmrc(key, environment);
  };
  const taken = [...flags, ...valued].filter(isTaken);
  if (taken.length === 0) return undefined;
  const lost = instead(taken.filter((option) => flags.includes(option)));
  return `npm took ${taken.join(" and ")} for itself: write ${lost}`;
}

/** True where a file of npm's has the key: npm puts what it read there into the environment as well. */
function isInNpmrc(key: string, environment: Environment): boolean {
  const files = [environment["npm_config_userconfig"], environment["npm_config_globalconfig"], ".npmrc"];
  const line = new RegExp(String.raw`^\s*${key}\s*(?:=|$)`, "m");
  return files.some((file) => {
    try {
      return file !== undefined && line.test(readFileSync(file, "utf8"));
    } catch {
      return false;
    }
  });
}
