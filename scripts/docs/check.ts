// The rules of the documentation in one: a repository in, findings out.

import { checkCode } from "./blocks.ts";
import { checkCommands, checkMessages } from "./commands.ts";
import type { Finding } from "./finding.ts";
import { checkLanguages } from "./languages.ts";
import { checkLinks } from "./links.ts";
import { checkPaths, checkReferences } from "./names.ts";
import type { Repository } from "./repository.ts";
import { checkRoutes } from "./routes.ts";

/**
 * Everything that is wrong with the documents of a repository, in the order of files and lines.
 * @param inBoth English documents that must have a Chinese twin
 */
export function checkDocuments(repository: Repository, inBoth: readonly string[]): Finding[] {
  const documents = [...repository.documents].flatMap(([file, document]) =>
    [
      ...checkLinks(file, document, repository),
      ...checkCode(document, repository),
      ...checkCommands(document, repository),
      ...checkPaths(document, repository),
    ].map((fault) => ({ file, ...fault })),
  );
  const sources = [...repository.texts].flatMap(([file, text]) =>
    [...checkReferences(text, repository), ...checkMessages(text, repository)].map((fault) => ({
      file,
      ...fault,
    })),
  );
  const all = [...documents, ...sources, ...checkLanguages(repository, inBoth), ...checkRoutes(repository)];
  return all.sort((one, other) => order(one.file, other.file) || one.line - other.line);
}

function order(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
