// What a file becomes: the owner's text and what is wanted in, the new text out. Pure.

import { parse } from "smol-toml";
import type { Table } from "../check/files.ts";
import { reportOn } from "../check/report.ts";
import type { Wanted } from "./arguments.ts";
import { readDocument } from "./document.ts";
import { writeHosts } from "./hosts.ts";
import { Refused } from "./refused.ts";
import { chooseRows, hostOf, MIRROR, readRows, rowsByNumber, type HostRow, type Rows } from "./rows.ts";
import { domainOfHost, takeHosts, type State } from "./written.ts";

/** What is to be written, and what its owner should know of it. */
export interface Plan {
  /** The whole file, as it is to be. */
  readonly text: string;
  /** The hosts that were asked for, be they new or not. */
  readonly hosts: readonly string[];
  readonly notes: readonly string[];
  /** The domain that may be meant, where a host of it was given; undefined where there are hosts of it already. */
  readonly likelier: string | undefined;
}

const BYTE_ORDER_MARK = "\uFEFF";

/** What a step makes of a file that has none of setup's hosts in it. */
type Change = (text: string) => string;

/**
 * A file with other hosts.
 * @throws Refused where nothing is to be written
 */
export function planHosts(text: string, wanted: Pick<Wanted, "domain" | "mirror" | "rows" | "undo">): Plan {
  const { base, mark, state } = open(text);
  const next = wanted.undo ? without(base, state, wanted) : withMore(base, state, wanted);
  return { ...next, text: mark + writeHosts(base, parseToml(base), next.state) };
}

/** A file with another change than of hosts: those are taken out, and written again around it. */
export function planOther(text: string, change: Change): string {
  const { base, mark, state } = open(text);
  const changed = change(base);
  return mark + writeHosts(changed, parseToml(changed), state);
}

function open(text: string): { base: string; mark: string; state: State } {
  const mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
  const { text: base, state } = takeHosts(readDocument(text.slice(mark.length)));
  // Each block may lack hosts that the owner has there himself: the order is that of the table.
  return { base, mark, state: { ...state, hosts: inOrder(state.hosts, state.domains, rowsIn(base)) } };
}

/** A file's contents. @throws Refused where it is no TOML */
export function parseToml(text: string): Table {
  const bare = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  // Positions come from one parser and values from the other, which is wrangler's: both must take the file.
  readDocument(bare);
  try {
    return parse(bare);
  } catch (error) {
    const { line = 0, column = 0 } = error as { line?: number; column?: number };
    throw new Refused(`wrangler.toml is no TOML: line ${line}, column ${column}. Mend that first`);
  }
}

interface Next {
  readonly state: State;
  readonly hosts: readonly string[];
  readonly notes: readonly string[];
  readonly likelier: string | undefined;
}

function withMore(
  base: string,
  state: State,
  { domain, rows: named, mirror }: Omit<Wanted, "yes" | "undo">,
): Next {
  if (domain === undefined) throw new Refused("a domain is missing");
  const table = withAdded(readRows(parseToml(base)), state);
  const { isAdded, rows, chosen } = withMirror(table, named, mirror, domain.name);
  const hosts = [
    ...new Set(chosen.map((row) => hostOf(row, domain.name)).filter((host) => host !== undefined)),
  ];
  if (hosts.length === 0) throw new Refused(`no row of the table has a host below ${domain.name}`);
  const domains = [...new Set([...state.domains, domain.name])];
  return {
    state: {
      domains,
      hosts: inOrder([...state.hosts, ...hosts], domains, rows),
      hasMirror: state.hasMirror || isAdded,
    },
    hosts,
    notes: notesOn(table, chosen, domain.name),
    likelier: state.domains.includes(domain.name) ? undefined : likelierThan(domain.name, rows),
  };
}

/** The table with the row that setup added, which is as good as any other. */
function withAdded(table: Rows, { hasMirror }: State): Rows {
  return hasMirror ? { ...table, rows: [...table.rows, ADDED] } : table;
}

const ADDED: HostRow = { key: MIRROR, isUniversal: true };

/** The rows that are to have hosts, with the universal one where it is wanted, and whether that has to be added. */
function withMirror(
  table: Rows,
  named: readonly string[],
  mirror: boolean,
  domain: string,
): { isAdded: boolean; rows: readonly HostRow[]; chosen: readonly HostRow[] } {
  const own = table.rows.find(({ key }) => key === MIRROR);
  const meansMirror = own === undefined && named.includes(MIRROR);
  const others = meansMirror ? named.filter((name) => name !== MIRROR) : named;
  const chosen = meansMirror && others.length === 0 ? [] : chooseRows(table, others, domain);
  if (!mirror && !meansMirror) return { isAdded: false, rows: table.rows, chosen };
  const universal = table.rows.filter((row) => row.isUniversal && hostOf(row, domain) !== undefined);
  if (universal.length > 0) return { isAdded: false, rows: table.rows, chosen: [...chosen, ...universal] };
  if (own !== undefined) {
    throw new Refused(
      `the row ${MIRROR} leads to one registry, and no other row to all: write one, such as all = "*", below [vars.ROUTES]`,
    );
  }
  return { isAdded: true, rows: [...table.rows, ADDED], chosen: [...chosen, ADDED] };
}

/** Always the same order, so that to repeat it changes nothing: by domains, and below each by the table's rows. */
function inOrder(hosts: readonly string[], domains: readonly string[], rows: readonly HostRow[]): string[] {
  const known = domains.flatMap((domain) => {
    const all = [...rows, ADDED];
    return all.map((row) => hostOf(row, domain)).filter((host) => host !== undefined);
  });
  const rank = (host: string): number => (known.includes(host) ? known.indexOf(host) : known.length);
  return [...new Set(hosts)].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

/** The domain behind the name of a row, or `www`; undefined where no more than a suffix is behind it. */
function likelierThan(domain: string, rows: readonly HostRow[]): string | undefined {
  const [label = "", ...rest] = domain.split(".");
  const isHost = label === "www" || [...rows, ADDED].some(({ key }) => key === label);
  return isHost && rest.length > 1 ? rest.join(".") : undefined;
}

function notesOn(table: Rows, chosen: readonly HostRow[], domain: string): string[] {
  const left = chosen.filter((row) => hostOf(row, domain) === undefined).map(({ key }) => key);
  return [
    ...(left.length > 0
      ? [`left out, since they make no host name below ${domain}: ${left.join(", ")}`]
      : []),
    ...(table.keyRows.length > 0
      ? [`left out: ${rowsByNumber(table)}, whose name is a key, and would be published in certificate logs`]
      : []),
  ];
}

function without(base: string, state: State, { domain, rows: named }: Pick<Wanted, "domain" | "rows">): Next {
  const mine = state.hosts.filter(
    (host) => domain === undefined || domainOfHost(host, state.domains) === domain.name,
  );
  const gone = named.length === 0 ? mine : named.map((name) => hostNamed(name, mine, base));
  const hosts = state.hosts.filter((host) => !gone.includes(host));
  const domains = state.domains.filter((one) =>
    hosts.some((host) => domainOfHost(host, state.domains) === one),
  );
  const hasMirror = state.hasMirror && hosts.some((host) => host.startsWith(`${MIRROR}.`));
  const notes = gone.length === 0 ? [noneOf(domain?.name, state)] : [];
  return { state: { domains, hosts, hasMirror }, hosts: gone, notes, likelier: undefined };
}

function noneOf(domain: string | undefined, { domains }: State): string {
  if (domain === undefined || domains.length === 0) return "there are no hosts that setup wrote";
  return `there are no hosts of ${domain} that setup wrote, but those of ${domains.join(", ")}`;
}

/** Its rows, as far as an order can be made of them: what setup wrote can be taken back whatever became of the table. */
function rowsIn(base: string): readonly HostRow[] {
  try {
    return readRows(parseToml(base)).rows;
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}

function hostNamed(name: string, hosts: readonly string[], base: string): string {
  const found = hosts.find((host) => host === name || host.startsWith(`${name}.`));
  if (found !== undefined) return found;
  const { secrets } = readRows(parseToml(base));
  const shown = secrets.size > 0 ? "a row that was named" : JSON.stringify(name.slice(0, 60));
  const there = hosts.length === 0 ? "none" : hosts.join(", ");
  throw new Refused(`${shown} has no host here that setup wrote: there are ${there}`);
}

/** What check-config says of a file that it did not say of another. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
}

/** What is wrong with the new text that was right before. */
export function judge(before: string, after: string, secrets: Readonly<Record<string, string>>): Verdict {
  const [old, now] = [before, after].map((text) => reportOn({ wrangler: parseToml(text), secrets }));
  const added = (kind: "faults" | "warnings"): string[] =>
    (now?.[kind] ?? []).filter((line) => old?.[kind].includes(line) !== true);
  return { faults: added("faults"), warnings: added("warnings") };
}
