// What the page at the root says of its owner, or that there is none.

import { hasOddCharacters } from "../distribution/odd-characters.ts";
import { isAddress, isLocalName } from "../distribution/hosts.ts";
import { readUrl } from "./addresses.ts";
import { quote } from "./quote.ts";
import { isBlank, readFlag, type ReportReason } from "./values.ts";

export interface PageSettings {
  /** Who runs the proxy, as the page names them; undefined where nobody is named. */
  readonly operator: string | undefined;
  /** An address at which they can be reached. */
  readonly operatorUrl: string | undefined;
  /** True where the root answers 404, as if there were no page. */
  readonly isHidden: boolean;
}

const LONGEST_NAME = 100;

/** The page's variables; what is wrong with one is reported, and it counts as unset then. */
export function readPage(
  variables: Readonly<Record<string, unknown>>,
  reportOf: (variable: string) => ReportReason,
): PageSettings {
  return {
    operator: readName(variables["OPERATOR"], reportOf("OPERATOR")),
    operatorUrl: readContact(variables["OPERATOR_URL"], reportOf("OPERATOR_URL")),
    isHidden: readFlag(variables["HIDE_PAGE"], reportOf("HIDE_PAGE")),
  };
}

function readName(value: unknown, report: ReportReason): string | undefined {
  if (isBlank(value)) return undefined;
  const name = typeof value === "string" ? value.trim() : "";
  if (name !== "" && name.length <= LONGEST_NAME && !hasOddCharacters(name)) return name;
  report(`is ${quote(value)}: write a name on one line, of at most ${LONGEST_NAME} characters`);
  return undefined;
}

/** A link that a browser opens: https to a name, since the page is to lead people to somebody. */
function readContact(value: unknown, report: ReportReason): string | undefined {
  if (isBlank(value)) return undefined;
  const url = readUrl(value, "is", report);
  if (url === undefined) return undefined;
  if (url.protocol === "https:" && !isAddress(url.hostname) && !isLocalName(url.hostname)) return url.href;
  report(
    `is ${quote(value)}: write an https address with a host name, such as "https://example.com/contact"`,
  );
  return undefined;
}
