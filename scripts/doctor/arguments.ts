// What the doctor was asked to look at.

import { readFullName } from "../../src/config/addresses.ts";
import { quote } from "../../src/config/quote.ts";
import { isAddress, isLoopback } from "../../src/distribution/hosts.ts";
import { hasOddCharacters } from "../../src/distribution/odd-characters.ts";
import {
  parseDigest,
  parseRepositoryName,
  parseTag,
  type Digest,
  type RepositoryName,
  type Tag,
} from "../../src/distribution/reference.ts";
import { mistypedDash } from "../terminal/dashes.ts";
import { optionName } from "../terminal/option-name.ts";

/** An image on a host. */
export interface Image {
  readonly repository: RepositoryName;
  readonly reference: Tag | Digest;
}

/** The whole question. */
export interface Question {
  /** Scheme, host and port, and nothing else. */
  readonly origin: URL;
  readonly image: Image | undefined;
  readonly user: string | undefined;
  /** True where the password comes by standard input, and not from a person at the terminal. */
  readonly isPiped: boolean;
}

export const USAGE = "npm run doctor -- https://docker.example.com [image] [--user name [--password-stdin]]";

/** @throws Error with what to write instead */
export function readArguments(words: readonly string[]): Question {
  const dash = mistypedDash(words, "--user");
  if (dash !== undefined) throw new Error(dash);
  const rest: string[] = [];
  let user: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--user") user = readUser(words[(at += 1)]);
    else if (word.startsWith("--user=")) user = readUser(word.slice("--user=".length));
    else if (word !== "--password-stdin" && word.startsWith("-")) {
      throw new Error(
        `${quote(optionName(word))} is not an option of doctor: there are --user and --password-stdin. ${USAGE}`,
      );
    } else if (word !== "--password-stdin") rest.push(word);
  }
  const [address, image, more] = rest;
  if (address === undefined) throw new Error(`an address is missing: ${USAGE}`);
  if (more !== undefined) throw new Error(`there is a word too many behind the image: ${USAGE}`);
  const isPiped = words.includes("--password-stdin");
  if (isPiped && user === undefined)
    throw new Error("--password-stdin is for the password of --user name: write both");
  return {
    origin: readOrigin(address),
    image: image === undefined ? undefined : readImage(image),
    user,
    isPiped,
  };
}

function readUser(text: string | undefined): string {
  if (text === undefined || text === "" || text.startsWith("-"))
    throw new Error("--user has no name behind it");
  if (!/[:\s]/.test(text) && !hasOddCharacters(text)) return text;
  throw new Error(`${quote(text)} is no user: write the name alone, the password is asked for`);
}

/** True of this machine, also by a name: `docker.localhost` (RFC 6761, section 6.3). */
export function isThisMachine(hostname: string): boolean {
  return isLoopback(hostname) || hostname.endsWith(".localhost");
}

function readOrigin(text: string): URL {
  const refuse = (why: string): Error =>
    new Error(`${quote(text)} ${why}: write it as https://docker.example.com`);
  if (hasOddCharacters(text) || /\s/.test(text)) throw refuse("has characters in it that no address has");
  if (/[\u3000-\u303f\uff01-\uff5e“”‘’]/.test(text))
    throw refuse("has full-width characters in it, or quotes of typesetting");
  const written = text.includes("://") ? text : `https://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined) throw refuse("is not an address");
  if (url.username !== "" || url.password !== "") throw refuse("has a user in it, who is named by --user");
  if (!["/", "/v2/", "/v2"].includes(url.pathname) || /[?#]/.test(text)) throw refuse("has more than a host");
  const { hostname } = url;
  const isName = readFullName(hostname, "", () => undefined) !== undefined;
  if (!isName && !isAddress(hostname) && !isThisMachine(hostname)) throw refuse("is not a full host name");
  if (url.protocol === "https:") return new URL(url.origin);
  if (url.protocol !== "http:") throw refuse("is neither https nor http");
  if (!isThisMachine(hostname)) throw refuse("is plain http, which the proxy refuses on Cloudflare");
  return new URL(url.origin);
}

/** @throws Error for what is no image on a host */
export function readImage(text: string): Image {
  const [before = "", digest] = text.split("@", 2);
  const [, name = "", tag] = /^(.*?)(?::([^/:]*))?$/.exec(before) ?? [];
  const repository = parseRepositoryName(name);
  const reference = digest === undefined ? parseTag(tag ?? "latest") : parseDigest(digest);
  if (repository !== undefined && reference !== undefined && text.split("@").length < 3)
    return { repository, reference };
  throw new Error(
    `${quote(text)} is not an image: write what stands behind the host, such as library/nginx, or ghcr.io/owner/image:tag ` +
      "on a host of every registry",
  );
}
