// Who may use the proxy, from where, what and how: the access variables and key rows, put together (S20).

import type { Network } from "../distribution/ip.ts";
import { readCountries } from "./countries.ts";
import { readCredentials, type Account } from "./credentials.ts";
import { isLostKeyRow, LOST_KEY_ROW } from "./key-rows.ts";
import { isWranglerRoutes, MOVE_UP } from "./misplaced.ts";
import { readNetworks } from "./networks.ts";
import { ANY_NAMES } from "./pattern-text.ts";
import { isKeyRoute, type RoutesTable } from "./registry.ts";
import type { RepositoryPattern } from "./repository-patterns.ts";
import { objectionsToSecondNames, readRule } from "./repository-rules.ts";
import { readTokenKey, readUsers } from "./users.ts";
import { readSwitch, type ReportReason } from "./values.ts";
import { objectionToName } from "./variables.ts";

/** The owner's rules about access. Nothing here keeps them: it is what they are. */
export interface Access {
  /** Passwords by the names of those who may log in. */
  readonly users: ReadonlyMap<string, string>;
  /** What users' tokens are signed with beside their passwords; empty where the owner gave none. */
  readonly tokenKey: string;
  /** Whose addresses are let in; an address alone is a network of one. */
  readonly networks: readonly Network[];
  /** From where the proxy may be used at all, in capitals (`T1` is Tor); undefined for everywhere. */
  readonly countries: ReadonlySet<string> | undefined;
  /** What may be asked for; undefined for everything. */
  readonly allowed: readonly RepositoryPattern[] | undefined;
  /** What may not be asked for, though it be allowed. */
  readonly blocked: readonly RepositoryPattern[];
  /** The owner's own, by the names of their registries. */
  readonly accounts: ReadonlyMap<string, Account>;
  /** True where nobody may write. */
  readonly readOnly: boolean;
  /** True where a row lets in by its label (S16). */
  readonly hasKeys: boolean;
  /** True where only those are let in who are admitted: by name, by address, or by the host of a key row. */
  readonly isClosed: boolean;
}

type Variables = Readonly<Record<string, unknown>>;

/** What `CLOSED = true` is told where it fails. */
export const NOBODY_ADMITTED =
  "is true, and nobody could be admitted: write ACCESS_USERS, ALLOWED_IPS or a row with `key`, or remove it";

/**
 * Reads the access variables.
 * @param table undefined for one with faults, of which nobody can tell what it has
 * @param reportOf takes the faults of a variable; what is returned beside faults is not to be used
 */
export function readAccess(
  variables: Variables,
  table: RoutesTable | undefined,
  reportOf: (variable: string) => ReportReason,
): Access {
  const isThere = (variable: string): boolean => variables[variable] !== undefined;
  const read = <T>(variable: string, reader: (value: unknown, report: ReportReason) => T): T =>
    reader(variables[variable], reportOf(variable));
  const rule = (variable: string): readonly RepositoryPattern[] | undefined =>
    read(variable, (value, report) => readRule(value, table ?? ANY_NAMES, report));

  const users = read("ACCESS_USERS", readUsers);
  const networks = read("ALLOWED_IPS", readNetworks);
  const hasKeys = [...(table?.routes.values() ?? [])].some(isKeyRoute);
  const access: Access = {
    users,
    tokenKey: read("TOKEN_KEY", (value, report) => readTokenKey(value, isThere("ACCESS_USERS"), report)),
    networks,
    countries: read("ALLOWED_COUNTRIES", readCountries),
    allowed: rule("ALLOWED_REPOSITORIES"),
    blocked: rule("BLOCKED_REPOSITORIES") ?? [],
    readOnly: read("READ_ONLY", readSwitch),
    accounts: read("UPSTREAM_CREDENTIALS", (value, report) =>
      readCredentials(value, table?.registries, report),
    ),
    hasKeys,
    isClosed: users.size > 0 || networks.length > 0 || hasKeys,
  };
  const aboutNames = ["ALLOWED_REPOSITORIES", "BLOCKED_REPOSITORIES"].find(isThere);
  if (aboutNames !== undefined)
    objectionsToSecondNames(table?.registries.values() ?? []).forEach(reportOf(aboutNames));
  const mayAdmit = isThere("ACCESS_USERS") || isThere("ALLOWED_IPS") || hasKeys || table === undefined;
  if (read("CLOSED", readSwitch) && !mayAdmit) reportOf("CLOSED")(NOBODY_ADMITTED);
  return access;
}

/** Reports the names that are none of ours and may be meant as one, and rows that were to let somebody in. */
export function checkNames(
  variables: Variables,
  report: (fault: { variable: string; reason: string }) => void,
): void {
  for (const [variable, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    const setting = `is a setting of wrangler.toml and not a variable: ${MOVE_UP}`;
    const reason = isWranglerRoutes(variable, value) ? setting : objectionToName(variable);
    if (variable !== "ROUTES" && isLostKeyRow(value)) report({ variable: "ROUTES", reason: LOST_KEY_ROW });
    else if (reason !== undefined) report({ variable, reason });
  }
}
