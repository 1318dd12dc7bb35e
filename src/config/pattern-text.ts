// The text of a repository pattern: its grammar, its canonical form, and what to write instead of one that is none.
//
//   pattern   **                      every repository of every registry of the table
//             <registry>/<path>       a registry by its name or an alias
//   path      parts with slashes between them; the last may be ** for all that is below, one part or more
//   part      a part of a name, in which * stands for any run of characters, none included

import { DOCKER_HUB, parseRepositoryName } from "../distribution/reference.ts";
import { knownRegistry } from "../registries.ts";
import { quote } from "./quote.ts";
import type { Registry, Route } from "./registry.ts";
import type { ReportReason } from "./values.ts";

export const ALL = "**";

/** What tells which registry a pattern is about. A routes table will do. */
export interface Names {
  /** By their names and aliases. */
  readonly registries: { get(name: string): Pick<Registry, "name" | "library"> | undefined };
  /** By their keys: what a pattern never begins with, and owners write all the same. */
  readonly routes: ReadonlyMap<string, Route>;
}

/** Those of a table with faults: which registries it has nobody can tell, and what looks like one may be among them. */
export const ANY_NAMES: Names = {
  registries: { get: (name) => (/[.:]/.test(name) ? { name, library: false } : undefined) },
  routes: new Map(),
};

/** Why a text is no pattern, and what to do where nobody can tell what was meant. */
interface Objection {
  readonly why: string;
  readonly instead: string;
}

/** A registry's name has 253 characters at most, a repository's 255. */
const MOST_CHARACTERS = 512;

const EXAMPLE = 'write one such as "docker.io/library/*"';

/** What does not belong into a pattern and can be taken off. */
const BLEMISHES: readonly (readonly [found: RegExp, why: string])[] = [
  [/\s/, "and must be without white space"],
  [/^[a-z][a-z0-9+.-]*:\/\//i, "and must be without a scheme"],
  [/[A-Z]/, "and must be in lower case, as names are"],
  [/^\/|\/\//, "and has an empty part"],
  [/\/.*@/, "and must be without a digest"],
  [/\/.*:/, "and must be without a tag"],
  [/\/$/, "and ends with a slash"],
];

/**
 * The canonical text of a pattern: the registry under its own name, and a one-part name completed as in a pull, so that
 * `docker.io/nginx` is `docker.io/library/nginx`. A star is completed too: `docker.io/*` is `docker.io/library/*`, the
 * official images, since every name on Docker Hub has two parts then and it would match none. All of Docker Hub is
 * `docker.io/**`. `lscr.io/**` is `ghcr.io/**`: it is an alias, and ghcr.io cannot tell which was written.
 * @param subject what a fault begins with
 * @returns undefined for what is no pattern, or one that no name can match, which is reported
 */
export function canonicalPattern(
  value: unknown,
  subject: string,
  names: Names,
  report: ReportReason,
): string | undefined {
  const text = typeof value === "string" ? value : "";
  const canonical = parse(text, names);
  if (typeof canonical === "string") return canonical;
  const meant = meantBy(text, names);
  const instead = meant === undefined ? canonical.instead : `write ${JSON.stringify(meant)}`;
  report(`${subject} ${quote(value)}, ${canonical.why}: ${instead}`);
  return undefined;
}

function parse(text: string, names: Names): string | Objection {
  if (text === ALL) return ALL;
  if (text === "") return { why: "which is not a pattern of repositories", instead: EXAMPLE };
  if (text.length > MOST_CHARACTERS) {
    return { why: `which has more than ${MOST_CHARACTERS} characters`, instead: EXAMPLE };
  }
  const blemish = BLEMISHES.find(([found]) => found.test(text));
  if (blemish !== undefined) return { why: blemish[1], instead: EXAMPLE };
  const [first = "", ...parts] = text.split("/");
  const registry = names.registries.get(first);
  if (registry === undefined) return objectionToRegistry(first);
  if (parts.length === 0) return { why: "which is a registry and no repository", instead: EXAMPLE };
  const path = registry.library && parts.length === 1 && parts[0] !== ALL ? ["library", ...parts] : parts;
  return objectionToPath(path) ?? [registry.name, ...path].join("/");
}

function objectionToRegistry(first: string): Objection {
  if (first.includes("*") || !/[.:]/.test(first)) {
    return {
      why: "and must begin with a registry",
      instead: `write a pattern for each registry, or "${ALL}" for all of them`,
    };
  }
  return {
    why: `and ${quote(first)} is no registry of the routes table`,
    instead: "add a row for it, or remove the pattern",
  };
}

function objectionToPath(path: readonly string[]): Objection | undefined {
  const named = path.at(-1) === ALL ? path.slice(0, -1) : path;
  if (named.some((part) => part.includes(ALL))) {
    return {
      why: `and has "${ALL}" elsewhere than as its last part`,
      instead: 'write "*" for any characters of one part',
    };
  }
  // If any name fits, then one with a digit for each star does: what a separator may stand beside, a digit may, too.
  const sample = path.join("/").replace(/\*+/g, "0");
  if (parseRepositoryName(sample) !== undefined) return undefined;
  const instead =
    "write letters and digits, with one of . _ __ - between them, and not more than 255 characters";
  return { why: "which no name of a repository matches", instead };
}

/** The pattern that was meant, where one can be told: the first reading of a text that is one. */
function meantBy(written: string, names: Names): string | undefined {
  const text = withoutBlemishes(written);
  const [first = "", ...parts] = text.split("/");
  // A host alone is all that is behind it.
  const rest = parts.length === 0 ? ALL : parts.join("/");
  const readings = [text, `${first}/${rest}`, ...behindHost(first, rest, names)];
  // As in a pull, what does not begin like a registry is Docker Hub's; but what stands before an @ may be a login.
  const [image = ""] = parts.length === 0 ? text.split(":", 1) : [text];
  if (!/^[^/]*[.:]|^\*+(?:\/|$)/.test(image) && !written.includes("@"))
    readings.push(`${DOCKER_HUB}/${image}`);
  return readings.find((reading) => typeof parse(reading, names) === "string");
}

/** What is reached under a name that begins with a host of this proxy, or with the key of a row. */
function behindHost(first: string, rest: string, { routes }: Names): string[] {
  if (knownRegistry(first) !== undefined) return [];
  const route = routes.get(first) ?? routes.get(first.split(".", 1)[0] ?? "");
  if (route === undefined) return [];
  return [route.kind === "universal" ? rest : `${route.registry.name}/${rest}`];
}

function withoutBlemishes(text: string): string {
  const [path = ""] = text
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/^[^/]*@/, "")
    .replace(/\/{2,}/g, "/")
    .replace(/^\//, "")
    .split("@", 1);
  const slash = path.indexOf("/");
  const colon = slash === -1 ? -1 : path.indexOf(":", slash);
  return (colon === -1 ? path : path.slice(0, colon)).replace(/\/$/, `/${ALL}`);
}
