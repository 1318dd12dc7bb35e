// One value of the environment: read, or reported as a fault. Nothing here throws.

import { isLoopback } from "../distribution/hosts.ts";

/** Takes the reason why a value is none. */
export type ReportReason = (reason: string) => void;

/** An https URL without userinfo (http for loopback, for tests and development). */
export function readUrl(value: unknown, option: string, report: ReportReason): URL | undefined {
  const url = typeof value === "string" ? parseUrl(value) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.hash !== "") {
    report(`\`${option}\` is no URL such as https://registry.example.com`);
    return undefined;
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    report(`\`${option}\` must be https (http is for loopback addresses only)`);
    return undefined;
  }
  return url;
}

export function readOrigin(value: unknown, option: string, report: ReportReason): string | undefined {
  const url = readUrl(value, option, report);
  if (url === undefined) return undefined;
  if (url.pathname !== "/" || url.search !== "") {
    report(`\`${option}\` must be an origin, without path and query: ${url.origin}`);
    return undefined;
  }
  return url.origin;
}

export function readUploadHost(value: unknown, option: string, report: ReportReason): string | undefined {
  const host = typeof value === "string" && /^[a-z0-9.:-]+$/i.test(value) ? value : "";
  const url = parseUrl(`https://${host}`);
  if (host === "" || url === undefined) {
    report(`\`${option}\` has an entry that is no host name`);
    return undefined;
  }
  return isLoopback(url.hostname) ? new URL(`http://${host}`).origin : url.origin;
}

/** A path of whole segments; its last slash may be left out. */
export function readUploadPath(value: unknown, option: string, report: ReportReason): string | undefined {
  const path = typeof value === "string" && value !== "/" ? value.replace(/\/?$/, "/") : "";
  if (/^(?:\/[A-Za-z0-9._~-]+)+\/$/.test(path) && !/\/\.\.?\//.test(path)) return path;
  report(`\`${option}\` has an entry that is no path such as /uploads/`);
  return undefined;
}

/** An array, or a string split at commas, spaces and line ends; unset is undefined, an empty array is a choice. */
export function readList(
  value: unknown,
  option: string,
  report: ReportReason,
  read: (item: unknown, option: string, report: ReportReason) => string | undefined,
): string[] | undefined {
  if (unset(value)) return undefined;
  const items = typeof value === "string" ? value.split(/[\s,]+/).filter((item) => item !== "") : value;
  if (!Array.isArray(items)) {
    report(`\`${option}\` is neither a list nor a string`);
    return undefined;
  }
  return items.map((item) => read(item, option, report)).filter((item) => item !== undefined);
}

export function readBoolean(value: unknown, option: string, report: ReportReason): boolean | undefined {
  if (unset(value)) return undefined;
  if (isTrue(value)) return true;
  if (isFalse(value)) return false;
  report(`\`${option}\` is neither true nor false`);
  return undefined;
}

/** A whole number from 0 to `most`, as a number or in digits; unset is the fallback. */
export function readNumber(value: unknown, fallback: number, most: number, report: ReportReason): number {
  if (unset(value)) return fallback;
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number) && number >= 0 && number <= most)
    return number;
  report(`is no whole number from 0 to ${most}`);
  return fallback;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

export function unset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

export function isFalse(value: unknown): boolean {
  return value === false || value === "false";
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
