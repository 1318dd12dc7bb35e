// UPSTREAM_CREDENTIALS: the owner's accounts at registries (S12). No fault shows anything of them.

import { describeJsonFault } from "./json-fault.ts";
import { stateOf } from "./quote.ts";
import type { Registry } from "./registry.ts";
import { isBlank, isTable, type ReportReason } from "./values.ts";

/** The owner's account at one registry. Used inside the Worker only, and for reading only. */
export interface Account {
  /** The registry's name. */
  readonly registry: string;
  readonly user: string;
  readonly password: string;
}

const FORM = 'write JSON such as {"docker.io":"user:token"}';

/** Longer ones are none that a registry gives out, and fit in no header. A key of Google's is 2.4 kB. */
const LONGEST = 6 * 1024;

/**
 * The accounts of `UPSTREAM_CREDENTIALS` by the names of their registries; none where the variable is not there.
 * @param registries of the table, by all their names; undefined where nobody can tell what the table has
 */
export function readCredentials(
  value: unknown,
  registries: ReadonlyMap<string, Registry> | undefined,
  report: ReportReason,
): ReadonlyMap<string, Account> {
  const accounts = new Map<string, Account>();
  if (value === undefined) return accounts;
  const entries = parse(value, report);
  if (entries === undefined) return accounts;
  for (const [index, [name, login]] of entries.entries()) {
    const place = `entry ${index + 1}`;
    const registry = registries?.get(name.toLowerCase());
    if (registries !== undefined && registry === undefined) {
      report(
        `${place} is of no registry of the routes table: write its name as the table has it, such as docker.io`,
      );
      continue;
    }
    const canonical = registry?.name ?? name;
    const account = typeof login === "string" ? accountOf(canonical, login) : undefined;
    if (account === undefined) report(`${place} is no login: write user:token, with no line end in the user`);
    else if (accounts.has(canonical))
      report(`${place} is of a registry that has one before it: write each once`);
    else accounts.set(canonical, account);
  }
  return accounts;
}

function parse(value: unknown, report: ReportReason): [string, unknown][] | undefined {
  let table = value;
  if (typeof value === "string" && !isBlank(value)) {
    try {
      table = JSON.parse(value);
    } catch {
      report(`is not JSON (${describeJsonFault(value)}): ${FORM}`);
      return undefined;
    }
  }
  if (isTable(table) && !Array.isArray(table) && Object.keys(table).length > 0) return Object.entries(table);
  report(`${stateOf(table)}: ${FORM}, or remove it`);
  return undefined;
}

/** Basic divides at the first colon (RFC 7617): a user has none, and a token may. */
function accountOf(registry: string, login: string): Account | undefined {
  const colon = login.indexOf(":");
  const user = login.slice(0, Math.max(colon, 0));
  const password = login.slice(colon + 1);
  const isSound = user.trim() !== "" && password.trim() !== "" && login.length <= LONGEST;
  // A key of Google's is JSON with line ends.
  return isSound && /^[\x20-\x7e]+$/.test(user) && /^[\x20-\x7e\t\r\n]+$/.test(password)
    ? { registry, user, password }
    : undefined;
}
