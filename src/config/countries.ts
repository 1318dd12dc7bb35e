// ALLOWED_COUNTRIES: from where the proxy may be used at all.

import { readItems, type ReportReason } from "./values.ts";

/** Two letters of ISO 3166, or Cloudflare's code for exits of Tor. */
const FORM = /^(?:[A-Z]{2}|T1)$/i;

/** What has the form and is no country of Cloudflare's, with what to do. */
const NOT_ONE: Readonly<Record<string, string>> = {
  // No rule matches what is unknown (S14).
  XX: "an unknown country, from where nobody is let in: remove it",
  EU: "no country: write those that you mean one by one",
  UK: 'no code of a country: write "GB"',
};

/**
 * The countries of `ALLOWED_COUNTRIES` in capitals; undefined where the variable is not there.
 * @param report told of each fault, without what has not the form of a country: it may be a secret that went astray
 */
export function readCountries(value: unknown, report: ReportReason): ReadonlySet<string> | undefined {
  const items = readItems(value, report);
  if (items === undefined) return undefined;
  // Before letters are made capitals: some that are none of ours become two of ours then.
  const countries = items.map((item) =>
    typeof item === "string" && FORM.test(item) ? item.toUpperCase() : "",
  );
  for (const [index, country] of countries.entries()) {
    const objection = NOT_ONE[country];
    if (country === "")
      report(`entry ${index + 1} is no country: write two letters such as DE, or T1 for Tor`);
    else if (objection !== undefined) report(`has "${country}", ${objection}`);
  }
  return new Set(countries);
}
