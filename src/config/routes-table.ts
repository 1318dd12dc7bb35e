// The routes table as it was written: rows in their order, and those that JSON says twice, of which `JSON.parse` keeps
// the last in silence (S20).

import { scanObject, type Member } from "../distribution/json-scan.ts";
import { describeJsonFault } from "./json-fault.ts";
import { quote } from "./quote.ts";
import { isTable, type ReportReason } from "./values.ts";

/** A row before anything is made of it. */
export interface Written {
  readonly key: string;
  readonly entry: unknown;
  /** Options that it has more than once. */
  readonly repeated: readonly string[];
}

/** No row has a table within a table; one that does is a fault of its own, and short of this. */
const DEPTH = 16;

/** Reads a table, or its JSON; empty where there is none, which is reported. */
export function readTable(value: unknown, report: ReportReason): readonly Written[] {
  if (value === undefined || value === null || value === "") {
    report("the routes table is not set: [vars.ROUTES] in wrangler.toml, one row for each registry");
    return [];
  }
  const table = typeof value === "string" ? parseJson(value, report) : value;
  if (table === undefined) return [];
  if (!isTable(table)) {
    const json = typeof value === "string" ? "JSON, but " : "";
    report(`is ${json}${quote(table)}: write a table, with one row for each registry`);
    return [];
  }
  const rows =
    typeof value === "string"
      ? rowsOf(value, report)
      : Object.entries(table).map(([key, entry]) => ({ key, entry, repeated: [] }));
  if (Object.keys(table).length === 0) report("the routes table is empty");
  return rows;
}

function parseJson(text: string, report: ReportReason): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    report(`is not JSON: at ${describeJsonFault(text)}`);
    return undefined;
  }
}

/** The rows of an object's JSON. */
function rowsOf(text: string, report: ReportReason): Written[] {
  const bytes = new TextEncoder().encode(text);
  const members = membersOf(bytes);
  if (members === undefined) report(`has more than ${DEPTH} tables or lists within each other`);
  return (members ?? []).map(({ key, start, end }) => {
    const own = bytes.subarray(start, end);
    const options = membersOf(own)?.map((option) => option.key) ?? [];
    const repeated = new Set(options.filter((option, index) => options.indexOf(option) !== index));
    return { key, entry: JSON.parse(new TextDecoder().decode(own)) as unknown, repeated: [...repeated] };
  });
}

/** Undefined for what is no object, or one that goes too deep. */
function membersOf(bytes: Uint8Array): readonly Member[] | undefined {
  const members = scanObject(bytes, { bytes: bytes.length, keys: Infinity, values: Infinity, depth: DEPTH });
  return typeof members === "string" ? undefined : members;
}
