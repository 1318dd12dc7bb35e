// One row of the routes table: its key and its options, each validated.

import { knownRegistry } from "../registries.ts";
import { readOrigin, readUploadHost, readUploadPath, readUrl } from "./addresses.ts";
import { isWithin, nearest } from "./edits.ts";
import { objectionToLabel } from "./key-rows.ts";
import { objectionToRow } from "./misplaced.ts";
import { quote, stateOf } from "./quote.ts";
import {
  isBlank,
  isFalse,
  isTable,
  isTrue,
  readBoolean,
  readList,
  unset,
  type ReportReason,
} from "./values.ts";

/** What faults call a row by: its key, or its number where the key may be a secret (S16). */
export type RowName = string | number;

/** What one row says of a registry, before rows of the same registry are put together. */
export interface Row {
  /** In lower case. */
  readonly key: string;
  readonly shown: RowName;
  readonly name: string;
  readonly upstream: string;
  readonly realms: readonly string[];
  readonly uploadHosts: readonly string[] | undefined;
  readonly uploadPaths: readonly string[] | undefined;
  readonly mirrors: readonly string[] | undefined;
  readonly library: boolean | undefined;
  readonly store: boolean | undefined;
}

const LABEL = /^[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?$/;
const OPTIONS = [
  "upstream",
  "registry",
  "realm",
  "mirrors",
  "library",
  "upload_hosts",
  "upload_paths",
  "store",
  "key",
];

/** A row of all registries: for everybody whom the proxy lets in, or one that itself lets in whoever knows its label. */
export type Universal = "*" | "key";

type Options = Readonly<Record<string, unknown>>;
type Named = Pick<Row, "key" | "shown">;

/**
 * Reads a row.
 * @param written its key as the table has it
 * @returns a word for a universal row, undefined for a row that cannot be read, which is reported
 */
export function readRow(
  written: string,
  shown: RowName,
  entry: unknown,
  report: ReportReason,
): Row | Universal | undefined {
  const objection = objectionToRow(written, entry) ?? objectionToKey(written.toLowerCase());
  if (objection !== undefined) {
    report(objection);
    return undefined;
  }
  const options = typeof entry === "string" ? { upstream: entry } : entry;
  if (!isTable(options)) {
    report(`is ${quote(entry)}: write an upstream URL, "*", or a table with an \`upstream\``);
    return undefined;
  }
  const problem = objectionToTable(shown, options);
  if (problem !== undefined) {
    report(problem);
    return undefined;
  }
  for (const option of Object.keys(options).filter((each) => !OPTIONS.includes(each)))
    report(objectionToOption(option));
  const isKey = readKey(options["key"], report);
  if (options["upstream"] !== "*") {
    if (isKey) report('`key` is an option of universal rows only: write `upstream = "*"`, or remove it');
    return readRegistry({ key: written.toLowerCase(), shown }, options, report);
  }
  const extra = Object.keys(options).filter(
    (option) => !["upstream", "key"].includes(option) && OPTIONS.includes(option),
  );
  if (extra.length > 0) report(`a universal row ("*") has no \`${extra.join("`, `")}\``);
  const weakness = isKey ? objectionToLabel(written.toLowerCase()) : undefined;
  if (weakness !== undefined) report(weakness);
  return isKey ? "key" : "*";
}

/** Unlike other options it is not unset by being empty: whoever writes it wants a door that is closed (S20). */
function readKey(value: unknown, report: ReportReason): boolean {
  if (value === undefined || isFalse(value)) return false;
  if (!isTrue(value)) report(`\`key\` ${stateOf(value)}: write true or false`);
  return true;
}

/** A row's name in a fault. */
export function describeRow(row: RowName): string {
  return typeof row === "number" ? `row ${row}` : `row ${JSON.stringify(row)}`;
}

function objectionToKey(key: string): string | undefined {
  if (!key.split(".").every((label) => LABEL.test(label)))
    return "the key is neither a host label nor a full host name without port";
  return key === "localhost"
    ? "localhost is always a universal host: the row can never be reached"
    : undefined;
}

/** What is wrong with a table as a whole: then there is more to mend than an option. */
function objectionToTable(key: RowName, options: Options): string | undefined {
  if (options["upstream"] !== undefined && options["upstream"] !== null) return undefined;
  const written = Object.keys(options);
  const misspelt = written.find((option) => optionMeant(option) === "upstream");
  if (misspelt !== undefined) return objectionToOption(misspelt);
  // `hub.example.com = "…"` without quotes is a table of a table of a table.
  const path = typeof key === "string" ? dottedPath(options) : undefined;
  if (path !== undefined) return `a full host name as a key needs quotes: write "${key}.${path}" = …`;
  return 'a row needs an `upstream`: write one such as "https://registry.example.com"';
}

function dottedPath(options: Options): string | undefined {
  const [[label, inner] = ["", undefined], ...others] = Object.entries(options);
  if (others.length > 0 || OPTIONS.includes(label) || !LABEL.test(label)) return undefined;
  if (typeof inner === "string") return label;
  if (!isTable(inner)) return undefined;
  if ("upstream" in inner) return label;
  const rest = dottedPath(inner);
  return rest === undefined ? undefined : `${label}.${rest}`;
}

function objectionToOption(option: string): string {
  const meant = optionMeant(option);
  const help = meant === undefined ? ` (there are: ${OPTIONS.join(", ")})` : `: did you mean \`${meant}\`?`;
  return `\`${option}\` is not an option of a row${help}`;
}

function optionMeant(option: string): string | undefined {
  const plain = option.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  // Two edits from so short a name is every other short one.
  const near = OPTIONS.filter((known) => isWithin(known.length < 4 ? 1 : 2, plain, known));
  return nearest(plain, near, 2);
}

function readRegistry(named: Named, options: Options, report: ReportReason): Row | undefined {
  const upstream = readOrigin(options["upstream"], "`upstream` is", report);
  if (upstream === undefined) return undefined;
  const known = knownRegistry(new URL(upstream).host);
  const realm = unset(options["realm"]) ? undefined : readUrl(options["realm"], "`realm` is", report)?.origin;
  return {
    ...named,
    name: readName(options["registry"], report) ?? known?.name ?? new URL(upstream).host,
    upstream: known?.upstream ?? upstream,
    // The pinned token service belongs to the upstream, not to the name a row gives it.
    realms: [known?.realm, realm].filter((origin) => origin !== undefined),
    mirrors: readMirrors(options["mirrors"], report),
    uploadHosts: readList(options["upload_hosts"], "upload_hosts", report, readUploadHost),
    uploadPaths: readList(options["upload_paths"], "upload_paths", report, readUploadPath),
    library: readBoolean(options["library"], "library", report),
    store: readBoolean(options["store"], "store", report),
  };
}

/** Here alone an empty text is an empty list: who writes it wants that nobody else is asked. */
function readMirrors(value: unknown, report: ReportReason): readonly string[] | undefined {
  return typeof value === "string" && isBlank(value) ? [] : readList(value, "mirrors", report, readOrigin);
}

function readName(value: unknown, report: ReportReason): string | undefined {
  if (unset(value)) return undefined;
  const name = typeof value === "string" ? value.toLowerCase() : "";
  // As in image references: what has neither a dot nor a port would be the first part of a repository's name.
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::\d{1,5})?$/.test(name) || !/[.:]/.test(name)) {
    report(
      `\`registry\` is ${quote(value)}, which is not a registry's name: write one such as registry.example.com`,
    );
    return undefined;
  }
  return knownRegistry(name)?.name ?? name;
}
