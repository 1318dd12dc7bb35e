// Names of files in inline code, and of documents and their headings in comments and messages of source files.

import type { Fault } from "./finding.ts";
import { hasAnchor, type Document } from "./markdown.ts";
import { foldersOf, likeName, likePath, type Repository } from "./repository.ts";

const OURS = /^(?:src|docs|scripts|test|lint|types|\.github|\.ci|\.vscode)\/[\w./*-]*$/;

/** Paths of the repository in a document's inline code that do not exist. A `*` stands for any characters. */
export function checkPaths({ code }: Document, { files }: Repository): Fault[] {
  const all = [...files, ...foldersOf(files)];
  return code.flatMap(({ text, line }) => {
    const [path = ""] = text.split(/[#:]/, 1);
    if (!OURS.test(path) || isThere(path.replace(/\/$/, ""), all)) return [];
    return [{ line, wrong: `${path} does not exist`, instead: likePath(path, files) }];
  });
}

/** What a source file says of documents: `docs/…md`, with or without an anchor, and README's headings in quotes. */
export function checkReferences(text: string, repository: Repository): Fault[] {
  return text.split("\n").flatMap((one, index) => {
    const line = index + 1;
    const named = [...one.matchAll(/(?<![\w./-])(docs\/[\w./-]+\.md)(?:#([\p{L}\p{N}_-]+))?/gu)];
    const faults = named.map(([, path = "", anchor = ""]) => referenceFault(path, anchor, repository));
    const quoted = [...one.matchAll(/\bREADME(?:\.md)?[,:]? \(?"([^"]+)"/g)];
    const titles = quoted.map(([, title = ""]) => titleFault(title, repository));
    return [...faults, ...titles].flatMap((fault) => (fault === undefined ? [] : [{ line, ...fault }]));
  });
}

function referenceFault(path: string, anchor: string, { files, documents }: Repository) {
  const document = documents.get(path);
  if (document === undefined) return { wrong: `${path} does not exist`, instead: likePath(path, files) };
  if (anchor === "" || hasAnchor(document, anchor)) return undefined;
  const anchors = document.headings.map((heading) => heading.anchor);
  return { wrong: `${path} has no anchor #${anchor}`, instead: likeName(anchor, anchors) };
}

function titleFault(title: string, { documents }: Repository) {
  const titles = documents.get("README.md")?.headings.map(({ text }) => text) ?? [];
  if (titles.includes(title)) return undefined;
  return { wrong: `README.md has no heading "${title}"`, instead: likeName(title, titles) };
}

function isThere(path: string, all: readonly string[]): boolean {
  if (!path.includes("*")) return all.includes(path);
  const escaped = path.split("*").map((piece) => piece.replace(/[.]/g, "\\."));
  const pattern = new RegExp(`^${escaped.join(".*")}$`);
  return all.some((one) => pattern.test(one));
}
