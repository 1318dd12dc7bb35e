// ACCESS_USERS and TOKEN_KEY: who may log in, and what their tokens are signed with (S13). No fault shows anything of them.

import { stateOf } from "./quote.ts";
import { isBlank, type ReportReason } from "./values.ts";

/** A variable of Cloudflare's 5 kB has room for no more. */
const MOST_USERS = 200;

const FORM = "write name:password, with spaces or line ends between several";

/**
 * Letters and digits, with marks between them. No colon, at which Basic divides (RFC 7617), and no slash: on a universal
 * host what stands before one is a registry (S3).
 */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,62}[A-Za-z0-9])?$/;

/** Clients do not agree on how to send other characters, and a password must be the same bytes from all of them. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/** The beginning of this proxy's own tokens: in a password it is taken for one that hides there (S2). */
const TOKEN = /ferry\./i;

/** The passwords of `ACCESS_USERS` by the names; empty where the variable is not there. */
export function readUsers(value: unknown, report: ReportReason): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  if (value === undefined) return users;
  if (typeof value !== "string" || isBlank(value)) {
    report(`${stateOf(value)}: ${FORM}, or remove it`);
    return users;
  }
  const entries = value.split(/[ \t\r\n]+/).filter((entry) => entry !== "");
  if (entries.length > MOST_USERS) report(`has ${entries.length} users: write ${MOST_USERS} at most`);
  const places = new Map<string, number>();
  for (const [index, entry] of entries.slice(0, MOST_USERS).entries()) {
    const colon = entry.indexOf(":");
    const name = entry.slice(0, Math.max(colon, 0));
    const first = places.get(name);
    const again = first === undefined ? undefined : `has the name of entry ${first}: write each name once`;
    const objection = objectionTo(entry, colon) ?? again;
    if (objection !== undefined) report(`entry ${index + 1} ${objection}`);
    places.set(name, first ?? index + 1);
    users.set(name, entry.slice(colon + 1));
  }
  return users;
}

function objectionTo(entry: string, colon: number): string | undefined {
  if (colon === -1) return `has no colon: ${FORM}; a password has no white space`;
  if (colon === 0) return `has no name before its colon: ${FORM}`;
  if (colon === entry.length - 1) return `has no password behind its colon: ${FORM}`;
  if (!NAME.test(entry.slice(0, colon))) {
    return "has a name that is none: write 64 letters and digits at most, with . _ - + @ between them";
  }
  if (!PRINTABLE.test(entry))
    return "has a character in its password that clients send differently: write printable ASCII only";
  if (TOKEN.test(entry)) return 'has "ferry." in it, as this proxy\'s own tokens do: choose another';
  return undefined;
}

/** Fewer than these can be found by trying. */
const LEAST_CHARACTERS = 16;

/**
 * The key of `TOKEN_KEY`; empty where the variable is not there.
 * @param hasUsers whether there is `ACCESS_USERS`: without it the key signs nothing
 */
export function readTokenKey(value: unknown, hasUsers: boolean, report: ReportReason): string {
  if (value === undefined) return "";
  const advice = "write 32 random bytes, such as `openssl rand -base64 32` prints";
  if (typeof value !== "string" || isBlank(value)) report(`${stateOf(value)}: ${advice}, or remove it`);
  else if (value.trim().length < LEAST_CHARACTERS)
    report(`has fewer than ${LEAST_CHARACTERS} characters: ${advice}`);
  if (!hasUsers)
    report("is there without ACCESS_USERS, and nobody has a token: write ACCESS_USERS too, or remove it");
  return typeof value === "string" ? value : "";
}
