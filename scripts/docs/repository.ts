// What the rules know of the repository: its files, the scripts of package.json, wrangler's commands. No disk, no programs.

import { posix } from "node:path";
import { nearest } from "../../src/config/edits.ts";
import type { Document } from "./markdown.ts";

/** A command of wrangler's, or a namespace of commands. */
export interface Command {
  /** False for a namespace, which does nothing by itself. */
  readonly runs: boolean;
  /** Long names and aliases, without dashes. */
  readonly options: ReadonlySet<string>;
  readonly below: ReadonlyMap<string, Command>;
}

export interface Repository {
  /** Paths from the root, with `/`. */
  readonly files: ReadonlySet<string>;
  /** The Markdown files among them, read. */
  readonly documents: ReadonlyMap<string, Document>;
  /** The text of other files whose comments and messages name documents, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names of package.json's scripts. */
  readonly scripts: ReadonlySet<string>;
  /** Options (`--port`) of those scripts that have a list of them here. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  readonly wrangler: Command;
  /** What a shell says against a script; undefined if it can read it. */
  readonly shellFault: (script: string) => string | undefined;
}

/** Every folder that has a file of the repository below it, without a `/` at the end; the root is `.`. */
export function foldersOf(files: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = posix.dirname(file); !folders.has(folder); folder = posix.dirname(folder)) {
      folders.add(folder);
    }
  }
  return folders;
}

/** What a reader may have meant by a path that does not exist, as `there is …`; empty if nothing is like it. */
export function likePath(path: string, files: Iterable<string>): string {
  const all = [...files];
  const base = posix.basename(path).toLowerCase();
  const found =
    all.find((file) => file.toLowerCase() === path.toLowerCase()) ??
    all.find((file) => posix.basename(file).toLowerCase() === base) ??
    nearest(path, all, 2);
  return found === undefined ? "there is nothing of a like name" : `there is ${found}`;
}

/** The nearest of some names, or else all of them, as `there is …`. */
export function likeName(name: string, names: Iterable<string>): string {
  const all = [...names];
  const found = nearest(name, all, 2);
  if (found !== undefined) return `there is ${found}`;
  if (all.length === 0) return "there is none";
  return `there are ${all.slice(0, 40).join(", ")}${all.length > 40 ? " …" : ""}`;
}
