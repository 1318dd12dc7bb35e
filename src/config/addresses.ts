// Addresses in the configuration: URLs, origins, hosts and paths, each read or reported with what to write instead.

import { isLoopback } from "../distribution/hosts.ts";
import { quote } from "./quote.ts";
import type { ReportReason } from "./values.ts";

/**
 * An https URL without userinfo (http for loopback, for tests and development).
 * @param subject what a fault begins with: an option and its verb, such as "`realm` is"
 */
export function readUrl(value: unknown, subject: string, report: ReportReason): URL | undefined {
  const text = typeof value === "string" ? value : "";
  if (text.includes("@")) {
    const rest = text.slice(text.lastIndexOf("@") + 1);
    const why = "a row has no login, people use their own";
    report(`${subject} a URL with a user (${quote(value)}): ${why}${instead(withScheme(rest)?.origin)}`);
    return undefined;
  }
  const url = text.includes("://") ? parseUrl(text) : undefined;
  if (url === undefined) {
    const meant = text.includes("://") ? undefined : withScheme(text);
    const write = meant === undefined ? undefined : meant.origin + bare(meant.pathname);
    report(`${subject} ${quote(value)}, which is not a URL${instead(write, EXAMPLE)}`);
    return undefined;
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    const write = `https://${url.host}${bare(url.pathname)}`;
    report(
      `${subject} ${quote(value)}, which is not https${instead(write)} (http is for loopback addresses only)`,
    );
    return undefined;
  }
  if (url.hash === "") return url;
  report(
    `${subject} ${quote(value)}, and must be without a fragment${instead(url.origin + bare(url.pathname))}`,
  );
  return undefined;
}

/** The origin of a URL that is nothing else. */
export function readOrigin(value: unknown, subject: string, report: ReportReason): string | undefined {
  const url = readUrl(value, subject, report);
  if (url === undefined) return undefined;
  if (url.pathname === "/" && url.search === "") return url.origin;
  const what = url.pathname === "/" ? "a query" : "a path";
  report(`${subject} ${quote(value)}, and must be without ${what}${instead(url.origin)}`);
  return undefined;
}

/** The origin of a host, with its port where it has one. */
export function readUploadHost(value: unknown, subject: string, report: ReportReason): string | undefined {
  const host = typeof value === "string" && /^[a-z0-9.:-]+$/i.test(value) ? value : "";
  const url = host === "" ? undefined : withScheme(host);
  if (url !== undefined) return url.origin;
  const meant = typeof value === "string" && !value.includes("@") ? parseUrl(value)?.host : undefined;
  report(`${subject} ${quote(value)}, which is not a host name${instead(meant, "uploads.example.com")}`);
  return undefined;
}

/** A path below which uploads go on, with a slash at its end: a plain one, that every parser reads alike (S6). */
export function readUploadPath(value: unknown, subject: string, report: ReportReason): string | undefined {
  const path = typeof value === "string" ? value.replace(/\/?$/, "/") : "";
  if (/^(?:\/(?!\.{1,2}\/)[A-Za-z0-9._~!$&'()*+,;=:@-]+)+\/$/.test(path)) return path;
  report(`${subject} ${quote(value)}, which is not a plain path: write one such as /uploads/`);
  return undefined;
}

const FULL_NAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

/** A full host name in lower case, without a port. */
export function readFullName(value: unknown, subject: string, report: ReportReason): string | undefined {
  const name = typeof value === "string" ? value.toLowerCase() : "";
  if (FULL_NAME.test(name)) return name;
  report(`${subject} ${quote(value)}, which is not a full host name: write one such as docker.example.com`);
  return undefined;
}

const EXAMPLE = "https://registry.example.com";

/** What to write: the address that was meant, where one can be told. */
function instead(meant: string | undefined, example?: string): string {
  if (meant !== undefined) return `: write ${JSON.stringify(meant)}`;
  return example === undefined ? "" : `: write one such as ${JSON.stringify(example)}`;
}

/** A host as the URL that is meant by it; undefined for what does not begin with a host. */
function withScheme(text: string): URL | undefined {
  if (!/^[a-z0-9.-]+(?::\d+)?(?:$|\/)/i.test(text)) return undefined;
  const url = parseUrl(`https://${text}`);
  return url !== undefined && isLoopback(url.hostname) ? parseUrl(`http://${text}`) : url;
}

function bare(pathname: string): string {
  return pathname === "/" ? "" : pathname;
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
