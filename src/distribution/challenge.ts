// WWW-Authenticate: a list of challenges (RFC 9110, section 11.6.1), as registries really write it.

import { Scanner } from "./scanner.ts";

/** One challenge: its scheme as written, and its parameters under lower-case names, in order. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Longer headers are not challenges of any registry; the bound keeps parsing cheap. */
const MAX_HEADER = 16 * 1024;
const MAX_PARAMETERS = 64;

const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/;
/** Beyond RFC tokens: gcr.io sends `service=gcr.io`, others URLs without quotes; a comma or a space ends them. */
const UNQUOTED = /[^\s,"]/;

/**
 * Parses a header, several challenges on one line included. Tolerant: what is not a challenge is skipped,
 * unquoted values are taken up to the next comma or space, the first of repeated parameters counts.
 * @param header the value, several header lines joined by commas (as `Headers.get` does); null is none
 * @returns the challenges in their order; never throws
 */
export function parseChallenges(header: string | null): Challenge[] {
  if (header === null || header.length > MAX_HEADER) return [];
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  const scanner = new Scanner(header);
  while (!scanner.done) {
    scanner.skip(/[\s,]/);
    const word = scanner.take(TOKEN);
    if (word === "") {
      scanner.advance();
      continue;
    }
    const afterWord = scanner.position;
    scanner.skip(/\s/);
    const current = challenges.at(-1);
    if (scanner.peek() !== "=" || current === undefined) {
      // A word that no equals sign follows begins a challenge.
      scanner.position = afterWord;
      challenges.push({ scheme: word, parameters: new Map() });
      continue;
    }
    scanner.advance();
    scanner.skip(/\s/);
    const value = scanner.peek() === '"' ? scanner.quoted() : scanner.take(UNQUOTED);
    const name = word.toLowerCase();
    if (!current.parameters.has(name) && current.parameters.size < MAX_PARAMETERS) {
      current.parameters.set(name, value);
    }
  }
  return challenges;
}

/**
 * Formats a challenge for the strictest clients: lower-case names, every value quoted, no empty parameter
 * (docker's and podman's parsers stop at one), so that `parseChallenges` gives the same challenge back.
 */
export function formatChallenge(challenge: Challenge): string {
  const parameters = [...challenge.parameters]
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name.toLowerCase()}="${value.replace(/["\\]/g, "\\$&")}"`);
  return parameters.length === 0 ? challenge.scheme : `${challenge.scheme} ${parameters.join(",")}`;
}

/**
 * A Basic challenge in our own words: browsers show its text beside our host's name, and ask for a password (S19).
 * @param name of the registry
 */
export function basicChallenge(name: string): string {
  return formatChallenge({ scheme: "Basic", parameters: new Map([["realm", name]]) });
}

/** True of a challenge of that scheme, whatever its case. */
export function isScheme(challenge: Challenge, scheme: "basic" | "bearer"): boolean {
  return challenge.scheme.toLowerCase() === scheme;
}
