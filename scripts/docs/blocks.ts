// Code: blocks are what they say that they are, and addresses in code are https but those of this machine and of examples.

import { parse as parseToml } from "smol-toml";
import { parseAllDocuments } from "yaml";
import type { Fault } from "./finding.ts";
import type { Block, Document } from "./markdown.ts";
import type { Repository } from "./repository.ts";

/** What is wrong with the code of one document, as code: commands have a file of their own. */
export function checkCode({ blocks, code }: Document, { shellFault }: Repository): Fault[] {
  const parsers: Record<string, (text: string) => string | undefined> = {
    sh: shellFault,
    bash: shellFault,
    json: (text) => thrown(() => JSON.parse(text)),
    toml: (text) => thrown(() => parseToml(text)),
    yaml: (text) => parseAllDocuments(text).flatMap((document) => document.errors)[0]?.message,
  };
  const unread = blocks.flatMap(({ language, text, line }) => {
    const [fault] = (parsers[language]?.(text) ?? "").split("\n");
    if (fault === undefined || fault === "") return [];
    return [{ line, wrong: `the block is no ${language}`, instead: fault }];
  });
  const lines = [...code, ...blocks.flatMap(linesOf)];
  return [...unread, ...lines.flatMap(({ text, line }) => plainHttp(text, line))];
}

/** The lines of a block, each with its own place: the first is below the fence. */
export function linesOf({ text, line }: Block): { text: string; line: number }[] {
  return text.split("\n").map((one, index) => ({ text: one, line: line + 1 + index }));
}

function plainHttp(text: string, line: number): Fault[] {
  return [...text.matchAll(/\bhttp:\/\/(\[[\d:a-f]+\]|[^\s/:"'`<>)\]]+)/gi)].flatMap(
    ([address, host = ""]) => {
      const name = host.replace(/^.*@/, "").toLowerCase();
      const isOwn = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(name);
      const isExample = /(?:^|\.)example(?:\.(?:com|net|org))?$/.test(name);
      return isOwn || isExample ? [] : [{ line, wrong: `${address} is not https`, instead: "" }];
    },
  );
}

function thrown(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
