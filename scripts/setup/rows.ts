// The rows of the owner's table, and the hosts that they have below a domain. Rows that let in by their label are none of
// them: a custom domain's name is published in certificate logs (S16).

import { isSecretHost, mayBeKeyRow, secretLabels } from "../../src/config/key-rows.ts";
import { readTable, type Written } from "../../src/config/routes-table.ts";
import { isTable } from "../../src/config/values.ts";
import { knownRegistry } from "../../src/registries.ts";
import { variablesOf, type Table } from "../check/files.ts";
import { readHostName } from "./domain.ts";
import { Refused } from "./refused.ts";

/** A row that may have a host. */
export interface HostRow {
  /** In lower case: a label, or a full host name. */
  readonly key: string;
  readonly isUniversal: boolean;
  /** The host by which its registry is known, such as `docker.io`; undefined of a row of all. */
  readonly registry?: string | undefined;
}

/** The table, as far as hosts are made of it. */
export interface Rows {
  readonly rows: readonly HostRow[];
  /** Numbers of the rows that let in by their label. */
  readonly keyRows: readonly number[];
  /** Their labels, which nothing may show. */
  readonly secrets: ReadonlySet<string>;
}

/** The label of the universal row that setup adds. */
export const MIRROR = "mirror";

/** How rows are named, for who named them otherwise. */
export const HOW_ROWS_ARE_NAMED =
  "Rows are named as in the routes table (docker for docker.io), several with spaces between them; " +
  `--mirror adds ${MIRROR}, one host for every registry`;

/** @throws Refused where the file has no table, since no host leads anywhere then */
export function readRows(wrangler: Table): Rows {
  const written = readTable(variablesOf(wrangler)["ROUTES"], (reason) => {
    throw new Refused(`wrangler.toml, ROUTES: ${reason}. No host leads anywhere without it`);
  });
  const secrets = secretLabels(written);
  const isSecret = ({ key, entry }: Written): boolean => mayBeKeyRow(entry) || isSecretHost(key, secrets);
  return {
    rows: written
      .filter((row) => !isSecret(row))
      .map(({ key, entry }) => ({
        key: key.toLowerCase(),
        isUniversal: isUniversal(entry),
        registry: registryOf(entry),
      })),
    keyRows: written.flatMap((row, index) => (isSecret(row) ? [index + 1] : [])),
    secrets,
  };
}

function isUniversal(entry: unknown): boolean {
  return (isTable(entry) ? entry["upstream"] : entry) === "*";
}

/** By its known name where it has one: people write that, and the table has an upstream. */
function registryOf(entry: unknown): string | undefined {
  const { registry, upstream } = isTable(entry) ? entry : { upstream: entry };
  if (typeof registry === "string") return registry.toLowerCase();
  if (typeof upstream !== "string" || !URL.canParse(upstream)) return undefined;
  const { host } = new URL(upstream);
  return knownRegistry(host)?.name ?? host;
}

/** The host of a row below a domain; undefined for a full name elsewhere, and for a label that no host name can have. */
export function hostOf({ key }: HostRow, domain: string): string | undefined {
  if (!key.includes(".")) return readHostName(`${key}.${domain}`);
  return key === domain || key.endsWith(`.${domain}`) ? readHostName(key) : undefined;
}

/**
 * The rows that were named, or all.
 * @param named labels, full names of the table, or hosts below the domain
 * @throws Refused for a row that is not there, and for one whose label is a key, which is not shown
 */
export function chooseRows(table: Rows, named: readonly string[], domain: string): HostRow[] {
  if (table.secrets.size > 0 && domain.split(".").some((label) => table.secrets.has(label))) {
    throw new Refused(
      `the domain has the name of ${rowsByNumber(table)} in it, which is a key and must not be published`,
    );
  }
  if (named.length === 0) return [...table.rows];
  return named.map((name, index) => chooseRow(table, { name, place: index + 1 }, domain));
}

function chooseRow(table: Rows, { name, place }: { name: string; place: number }, domain: string): HostRow {
  const row = table.rows.find((one) => one.key === name || hostOf(one, domain) === name);
  // What is near to a key, or a key of yesterday, is nobody's to read either.
  const shown =
    table.secrets.size > 0 ? `argument ${place} behind the domain` : JSON.stringify(name.slice(0, 60));
  if (row === undefined) {
    if (isSecretHost(name, table.secrets)) {
      throw new Refused(
        `${shown} is ${rowsByNumber(table)}, whose name is a key: as a custom domain it would be published in ` +
          "certificate logs. Let a wildcard route lead to it (docs/access.md)",
      );
    }
    throw new Refused(`${shown} is no row of the table: ${insteadOf(table, name)}. ${HOW_ROWS_ARE_NAMED}`);
  }
  if (hostOf(row, domain) !== undefined) return row;
  throw new Refused(
    row.key.includes(".")
      ? `row "${row.key}" is a full name that is not below ${domain}`
      : `row "${row.key}" and ${domain} make no host name: its label has a character that names do not have, or it is too long`,
  );
}

/** What may be meant: rows of the registry, whose host was named, or any. */
function insteadOf({ rows }: Rows, name: string): string {
  const registry = knownRegistry(name)?.name ?? name;
  const meant = rows.filter((row) => row.registry === registry).map(({ key }) => key);
  if (meant.length > 0) return `that registry is row ${meant.join(" or ")}`;
  return `there are ${rows.map(({ key }) => key).join(", ")}`;
}

/** How rows are called whose names are keys. */
export function rowsByNumber({ keyRows }: Rows): string {
  return `row ${keyRows.join(" or ")} of the table`;
}
