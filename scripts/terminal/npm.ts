// Options that npm took for itself: of `npm run setup example.com --undo`, without `--` before the arguments, the script is
// given the domain alone.

import { readFileSync } from "node:fs";

/** A script of package.json, as far as npm can take something away from it. */
export interface Script {
  /** Its options without a value, such as `--undo`. */
  readonly flags: readonly string[];
  /** Those with one, such as `--user`. */
  readonly valued: readonly string[];
  /** What to write, with the options that were taken. */
  readonly instead: (taken: readonly string[]) => string;
}

/** Variables by their names. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
    const value = valueOf(option, environment);
    const isGiven = words.some((word) => word === option || word.startsWith(`${option}=`));
    if (isGiven || (flags.includes(option) ? value !== "true" : value === "")) return false;
    return !isInNpmrc(option.slice(2), environment);
  };
  const taken = [...flags, ...valued].filter(isTaken);
  if (taken.length === 0) return undefined;
  return `npm took ${taken.join(" and ")} for itself: write ${instead(taken)}`;
}

/**
 * Writes a command as it was meant, with what npm took behind `--`. Of `--port 9000` it took the first half, and the script was
 * given the other one.
 * @param command such as `npm start`
 * @param valued its options with a value
 */
export function putBack(
  { command, valued }: { readonly command: string; readonly valued: readonly string[] },
  words: readonly string[],
  environment: Environment,
): Script["instead"] {
  return (taken) => {
    const left = [...words];
    const options = taken.flatMap((option) => {
      if (!valued.includes(option)) return [option];
      const kept = valueOf(option, environment);
      const isValue = option === "--port" ? /^\d+$/ : /^[\d.]*[.:][\d.:]*$/;
      const at = left.findIndex((word) => isValue.test(word));
      const value = kept !== "true" || at === -1 ? [kept] : left.splice(at, 1);
      return [option, ...value.filter((one) => one !== "true")];
    });
    return [command, "--", ...options, ...left.map(withoutValue)].join(" ");
  };
}

/** What is no option's name may be a secret, as in `--var ACCESS_USERS:…`. */
function withoutValue(word: string): string {
  return word.startsWith("-") ? word.replace(/=.*/s, "=…") : "…";
}

function valueOf(option: string, environment: Environment): string {
  return environment[`npm_config_${option.slice(2).replaceAll("-", "_")}`] ?? "";
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
