// The rows of wrangler.toml are those of the README's table of hosts, `docker.` for the row `docker`. A test of every repository cannot
// ask that, since owners take rows away and add their own; the project's own checks do.

import { parse } from "smol-toml";
import { isTable } from "../../src/config/values.ts";
import type { Finding } from "./finding.ts";
import type { Repository } from "./repository.ts";

const README = "README.md";
const SETTINGS = "wrangler.toml";
const HOST = /^([a-z0-9-]+)\.$/;

/** Rows without a host in the README, and its hosts without a row. */
export function checkRoutes({ documents, texts }: Repository): Finding[] {
  const [readme, settings] = [documents.get(README), texts.get(SETTINGS)];
  if (readme === undefined || settings === undefined) return [];
  const hosts = readme.code.flatMap(({ text, line }) => {
    const [, label] = HOST.exec(text) ?? [];
    return label === undefined ? [] : [{ label, line }];
  });
  const rows = rowsOf(settings);
  const known = new Set(hosts.map(({ label }) => label));
  const lost = hosts.filter(({ label }) => !rows.includes(label));
  const unknown = rows.filter((row) => !known.has(row));
  return [
    ...lost.map(({ label, line }) => ({
      file: README,
      line,
      wrong: `${SETTINGS} has no row ${label}`,
      instead: `its rows are ${rows.join(", ")}`,
    })),
    ...unknown.map((row) => ({
      file: SETTINGS,
      line: 1 + settings.split("\n").findIndex((line) => line.startsWith(`${row} `)),
      wrong: `the row ${row} is not in the README's table`,
      instead: "",
    })),
  ];
}

function rowsOf(settings: string): string[] {
  const { vars } = parse(settings);
  const routes = isTable(vars) ? vars["ROUTES"] : undefined;
  return isTable(routes) ? Object.keys(routes) : [];
}
