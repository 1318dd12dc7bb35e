// Links and images: what they lead to exists, and what is elsewhere is https. Nothing is fetched.

import { posix } from "node:path";
import type { Fault } from "./finding.ts";
import { hasAnchor, type Document, type Link } from "./markdown.ts";
import { foldersOf, likeName, likePath, type Repository } from "./repository.ts";

/** A link's target within the repository. */
export interface Target {
  /** From the root; `.` is the root itself. */
  readonly path: string;
  /** Without `#`; empty for none. */
  readonly anchor: string;
}

/** What is wrong with the links and images of one document. */
export function checkLinks(file: string, document: Document, repository: Repository): Fault[] {
  const folders = foldersOf(repository.files);
  return [...document.links, ...document.images].flatMap((link) => {
    const fault = isElsewhere(link.href) ? externalFault(link.href) : undefined;
    if (isElsewhere(link.href)) return fault === undefined ? [] : [{ line: link.line, ...fault }];
    return inside(file, link, repository, folders);
  });
}

/**
 * Where a relative link leads from a file.
 * @returns undefined where it leads out of the repository, is absolute, or is badly encoded
 */
export function targetOf(file: string, href: string): Target | undefined {
  const [address, fragment] = splitOnce(href, "#");
  try {
    const [path = ""] = decodeURIComponent(address).split("?", 1);
    if (path.startsWith("/")) return undefined;
    const joined = path === "" ? file : posix.normalize(posix.join(posix.dirname(file), path));
    if (joined === ".." || joined.startsWith("../")) return undefined;
    return { path: joined.replace(/(?<=.)\/$/, ""), anchor: decodeURIComponent(fragment) };
  } catch {
    return undefined;
  }
}

/** True of a link with a scheme, or with a host and no scheme. */
export function isElsewhere(href: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(href);
}

function inside(
  file: string,
  { href, line }: Link,
  { files, documents }: Repository,
  folders: ReadonlySet<string>,
): Fault[] {
  const target = targetOf(file, href);
  if (target === undefined) {
    return [
      { line, wrong: `the link ${href} leads out of the repository, or is badly encoded`, instead: "" },
    ];
  }
  const { path, anchor } = target;
  if (folders.has(path)) {
    if (anchor === "") return [];
    return [{ line, wrong: `${path} is a folder, which has no anchor #${anchor}`, instead: "" }];
  }
  if (!files.has(path)) return [{ line, wrong: `${path} does not exist`, instead: likePath(path, files) }];
  const document = documents.get(path);
  if (anchor === "" || (document !== undefined && hasAnchor(document, anchor))) return [];
  // Lines of a source file, which GitHub makes itself.
  if (document === undefined && /^L\d+(?:-L\d+)?$/.test(anchor)) return [];
  const anchors = document?.headings.map((heading) => heading.anchor) ?? [];
  return [{ line, wrong: `${path} has no anchor #${anchor}`, instead: likeName(anchor, anchors) }];
}

function externalFault(href: string): Omit<Fault, "line"> | undefined {
  const url = URL.parse(href);
  if (url === null) return { wrong: `${href} is no well-formed address`, instead: "" };
  if (url.protocol !== "https:") return { wrong: `${href} is not https`, instead: `it is ${url.protocol}` };
  if (url.username !== "" || url.password !== "") return { wrong: `${href} has a login in it`, instead: "" };
  const isName = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/.test(url.hostname);
  return isName ? undefined : { wrong: `${url.hostname} is no public host name`, instead: "" };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}
