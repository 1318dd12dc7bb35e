// The owner's domain as an argument: read, or refused with what to write instead (S22).

import { domainToASCII } from "node:url";
import { readFullName } from "../../src/config/addresses.ts";
import { quote } from "../../src/config/quote.ts";
import { isAddress, isLocalName } from "../../src/distribution/hosts.ts";
import { hasOddCharacters } from "../../src/distribution/odd-characters.ts";
import { Refused } from "./refused.ts";

/** A domain below which hosts are written. */
export interface Domain {
  /** In lower case, an internationalised name in its ASCII form. */
  readonly name: string;
  /** As it was given, where that is another name. */
  readonly written: string | undefined;
}

const EXAMPLE = "example.com";

/** Of typesetting, which an editor or an input method writes around a word. */
const QUOTES = /["'“”„‘’「」『』]/;

/** Why a text is no domain, by what is in it, as ASCII has it (`：／／`); the first that holds is told. */
const OBJECTIONS: readonly (readonly [RegExp, string])[] = [
  [/^\s*$/, "is empty"],
  [QUOTES, "has quotes in it"],
  [/[,、]/, "has a comma in it"],
  [/\s/, "has a blank in it"],
  [/:\//, "is a URL, and a domain has no scheme"],
  [/@/, "has a user before a host"],
  [/\*/, "has a wildcard, and setup writes a host for each row by itself"],
  [/[/?#\\]/, "has a path behind the host"],
  [/^\[|:.*:/, "is an IP address, and Cloudflare gives certificates to names only"],
  [/:/, "has a port, and Cloudflare listens on 443"],
  [/\.$/, "has a dot at its end"],
  [/^\.|\.\./, "has a dot too many"],
];

/** @throws Refused with what to write instead */
export function readDomain(text: string): Domain {
  const objection = objectionTo(text);
  if (objection !== undefined) throw new Refused(`${quote(text)} ${objection}: ${insteadOf(text)}`);
  const name = asciiOf(text);
  return { name, written: name === text.toLowerCase() ? undefined : text };
}

/** A host that may stand in `routes` and `HOSTS`; undefined for one that no domain name is. */
export function readHostName(text: string): string | undefined {
  return readFullName(text, "", () => undefined);
}

function objectionTo(text: string): string | undefined {
  if (hasOddCharacters(text)) return "has characters in it that are not seen";
  const plain = text.normalize("NFKC");
  const [, said] = OBJECTIONS.find(([pattern]) => pattern.test(plain)) ?? [];
  return said ?? objectionToName(asciiOf(text));
}

function objectionToName(name: string): string | undefined {
  const url = `https://${name}/`;
  const hostname = URL.canParse(url) ? new URL(url).hostname : "";
  if (isAddress(hostname)) return "is an IP address, and Cloudflare gives certificates to names only";
  if (name === "localhost" || name.endsWith(".localhost")) return "is this machine, which needs no setup";
  if (!name.includes(".")) return "has one part only";
  if (/(?:^|\.)(?:workers|pages)\.dev$/.test(name)) {
    return "belongs to Cloudflare: on *.workers.dev the proxy is there without setup, one address for every row";
  }
  if (isLocalName(name)) return "is a name of a private network, for which nobody gets a certificate";
  if (name.length > 253 || name.split(".").some((label) => label.length > 63))
    return "is too long for a domain";
  return readHostName(name) === undefined || hostname !== name ? "is not a domain" : undefined;
}

/** Lower case, and as the DNS has it (RFC 5891); empty where there is no such form. */
function asciiOf(text: string): string {
  return /^[\u0000-\u007f]*$/.test(text) ? text.toLowerCase() : domainToASCII(text);
}

function insteadOf(text: string): string {
  const [host = ""] = text
    .normalize("NFKC")
    .replace(new RegExp(QUOTES, "g"), "")
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/+/i, "")
    .replace(/^.*@/, "")
    .split(/[\s/?#\\]/, 1);
  const bare = asciiOf(
    host
      .replace(/:\d*$/, "")
      .replace(/^[*.]+/, "")
      .replace(/\.+$/, ""),
  );
  const meant =
    bare === "" || hasOddCharacters(bare) || objectionToName(bare) !== undefined ? undefined : bare;
  return meant === undefined ? `write a domain of your own, such as ${EXAMPLE}` : `write ${meant}`;
}
