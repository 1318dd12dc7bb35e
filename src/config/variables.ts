// The names of this proxy's variables, and names that look like them: a typo must not open it (S20).

import { isWithin, nearest } from "./edits.ts";

/** Who may use the proxy, from where, what and how. One that is there and is not understood closes it. */
export const ACCESS_VARIABLES: readonly string[] = [
  "ACCESS_USERS",
  "TOKEN_KEY",
  "ALLOWED_IPS",
  "ALLOWED_COUNTRIES",
  "ALLOWED_REPOSITORIES",
  "BLOCKED_REPOSITORIES",
  "READ_ONLY",
  "UPSTREAM_CREDENTIALS",
  "CLOSED",
];

/** All variables, secrets and bindings of this proxy, in this version or a later one. */
export const VARIABLES: readonly string[] = [
  ...ACCESS_VARIABLES,
  "ROUTES",
  "TAG_TTL",
  "CACHE_MAX_BLOB",
  "BLOBS",
  "BUCKET_REPOSITORIES",
  "HOSTS",
  "OPERATOR",
  "OPERATOR_URL",
  "HIDE_PAGE",
  "RATE_LIMITER",
  "METRICS",
];

/** Words by which an owner means an access rule, and the variable that is meant if no other shares a word with it. */
const MEANT_BY_WORDS: Readonly<Record<string, string>> = {
  ACCESS_USERS: "USER USERS USERNAME USERNAMES PASS PASSWORD PASSWORDS AUTH",
  ALLOWED_IPS: "ALLOW ALLOWED IP IPS WHITELIST WHITELISTS ALLOWLIST ALLOWLISTS",
  ALLOWED_COUNTRIES: "COUNTRY COUNTRIES",
  ALLOWED_REPOSITORIES: "REPOSITORIES",
  BLOCKED_REPOSITORIES:
    "DENY DENIED BLOCK BLOCKED BLACKLIST BLACKLISTS DENYLIST DENYLISTS BLOCKLIST BLOCKLISTS",
  TOKEN_KEY: "KEY KEYS TOKEN TOKENS",
  UPSTREAM_CREDENTIALS: "CREDENTIAL CREDENTIALS CREDS",
  CLOSED: "CLOSED",
};
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries(MEANT_BY_WORDS).flatMap(([ours, words]) => words.split(" ").map((word) => [word, ours])),
);
/** What a longer word may end in, as `IPALLOWLIST` does. */
const LISTS = /(?:ALLOW|DENY|BLOCK|WHITE|BLACK)LISTS?$/;

/** Tools read these out of the same files, and no rule of ours begins like them. */
const TOOLS = /^(?:CLOUDFLARE|WRANGLER)_/;

/** True of what wrangler and its kin read. It is not our business, whatever it is called. */
export function isOfTools(name: string): boolean {
  return TOOLS.test(name.toUpperCase());
}

/**
 * What is wrong with a variable's name: undefined for one of ours, and for one that no owner can have meant as ours.
 * @returns the reason, which names the variable that was meant
 */
export function objectionToName(name: string): string | undefined {
  if (VARIABLES.includes(name)) return undefined;
  if (isOfTools(name)) return undefined;
  const capitals = name.toUpperCase();
  if (VARIABLES.includes(capitals)) return `is read in capitals only: write ${capitals}`;
  const meant = misspelt(capitals);
  if (meant !== undefined) {
    return `is not a variable of this proxy, but nearly ${meant}: write ${meant}, or choose another name`;
  }
  const rule = ruleIn(name);
  if (rule === undefined) return undefined;
  return (
    `is not a variable of this proxy, but sounds like a rule about access ("${rule.word}"), which it would not keep: ` +
    `write ${rule.ours} if you mean that, or choose another name`
  );
}

/** What of a name sounds like a rule about access, and the variable that is one: a whole variable, or a word. */
function ruleIn(name: string): { readonly word: string; readonly ours: string } | undefined {
  const words = wordsOf(name);
  const whole = ACCESS_VARIABLES.find((ours) => holds(words, ours));
  if (whole !== undefined) return { word: whole, ours: whole };
  for (const word of [...words, ...abbreviationsOf(name)]) {
    const known = WORDS.has(word) ? word : LISTS.exec(word)?.[0];
    if (known !== undefined) return { word: known, ours: meantBy([...words, known], known) };
  }
  return undefined;
}

/** True if a variable's words stand in a name one after the other, with or without something between them. */
function holds(words: readonly string[], ours: string): boolean {
  const text = ours.replaceAll("_", "");
  return words.some((_, start) =>
    words.slice(start).some((_, index) => words.slice(start, start + index + 1).join("") === text),
  );
}

function misspelt(capitals: string): string | undefined {
  const near = VARIABLES.filter((ours) => isWithin(editsOf(ours), capitals, ours));
  return nearest(capitals, near, 2);
}

/** Two edits from a short name is many a name that says something else: JOBS and BLOBS. Where it is access, two still. */
function editsOf(ours: string): number {
  return ours.length <= 6 && !ACCESS_VARIABLES.includes(ours) ? 1 : 2;
}

/** The words of a name in capitals: `allowIps`, `ALLOW_IPS` and `allow-ips2` have the same two, as has `ALLOWIps`. */
function wordsOf(name: string): string[] {
  return name
    .split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter((word) => word !== "")
    .map((word) => word.toUpperCase());
}

/** Capitals that small letters follow: the IP of `IPv4` and `IPs`. */
function abbreviationsOf(name: string): string[] {
  return name.match(/(?<![A-Z])[A-Z]{2,}(?=[a-z])/g) ?? [];
}

/** The access variable that has most words in common with a name; REPOS counts as REPOSITORIES, COUNTRY as COUNTRIES. */
function meantBy(words: readonly string[], word: string): string {
  const shared = (ours: string): number =>
    ours.split("_").filter((part) => words.some((each) => beginAlike(part, each))).length;
  const most = Math.max(...ACCESS_VARIABLES.map(shared));
  const usual = WORDS.get(word);
  if (usual !== undefined && shared(usual) === most) return usual;
  return ACCESS_VARIABLES.find((ours) => shared(ours) === most) ?? "ACCESS_USERS";
}

function beginAlike(a: string, b: string): boolean {
  const length = Math.min(5, a.length, b.length);
  return a.slice(0, length) === b.slice(0, length);
}
