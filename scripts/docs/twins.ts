// The names of a document in both languages, and one of such a pair.

import type { Document } from "./markdown.ts";

export interface Side {
  readonly file: string;
  readonly document: Document;
}

/** The Chinese name of an English document; undefined for one that can have none. */
export function chineseTwin(file: string): string | undefined {
  if (file === "README.md") return "README.zh-CN.md";
  const [, name] = /^docs\/([^/]+\.md)$/.exec(file) ?? [];
  return name === undefined ? undefined : `docs/zh-CN/${name}`;
}

/** The English name of a Chinese document; undefined for what is none. */
export function englishTwin(file: string): string | undefined {
  if (file === "README.zh-CN.md") return "README.md";
  const [, name] = /^docs\/zh-CN\/(.+\.md)$/.exec(file) ?? [];
  return name === undefined ? undefined : `docs/${name}`;
}
