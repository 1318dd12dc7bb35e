// Two languages: which documents are a pair, and that both have the same headings, tables and code.

import type { Finding } from "./finding.ts";
import { linesOf } from "./blocks.ts";
import type { Block } from "./markdown.ts";
import { isElsewhere, targetOf } from "./links.ts";
import { checkTwinLinks } from "./twin-links.ts";
import { chineseTwin, englishTwin, type Side } from "./twins.ts";
import type { Repository } from "./repository.ts";

/** A link to the other language stands in one of so many lines. */
const FIRST_LINES = 6;
/** A paragraph of more Latin letters than these, with no Chinese character, was forgotten. */
const MOST_LETTERS = 80;

/**
 * What is wrong between the documents of two languages.
 * @param inBoth English files that must have a Chinese one; others may
 */
export function checkLanguages(repository: Repository, inBoth: readonly string[]): Finding[] {
  const missing = inBoth.filter((file) => !repository.files.has(chineseTwin(file) ?? file));
  const chinese = [...repository.documents].flatMap(([file, document]) => {
    const english = englishTwin(file);
    return english === undefined ? [] : [{ english, file, document }];
  });
  return [
    ...missing.map((file) => ({
      file,
      line: 1,
      wrong: `${file} must be there in both languages`,
      instead: `there is no ${chineseTwin(file) ?? "Chinese name for it"}`,
    })),
    ...chinese.flatMap(({ english, ...side }) => {
      const original = repository.documents.get(english);
      if (original === undefined) {
        return [
          { file: side.file, line: 1, wrong: `it is no translation: ${english} does not exist`, instead: "" },
        ];
      }
      return checkPair({ file: english, document: original }, side, repository);
    }),
  ];
}

function checkPair(english: Side, chinese: Side, repository: Repository): Finding[] {
  const found = [
    ...checkHeadings(english, chinese),
    ...checkTables(english, chinese),
    ...checkBlocks(english, chinese),
    ...checkUntranslated(chinese),
    ...[english, chinese].flatMap((side) => linkToTwin(side, side === english ? chinese.file : english.file)),
  ];
  // Sections are found by their headings: where these differ, links would be compared with those of another section.
  if (checkHeadings(english, chinese).length > 0) return found;
  return [...found, ...checkTwinLinks(english, chinese, repository)];
}

/** The first difference alone: those after it follow of it. */
function checkHeadings(english: Side, chinese: Side): Finding[] {
  const [ours, theirs] = [english.document.headings, chinese.document.headings];
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const [one, other] = [ours[index], theirs[index]];
    if (one?.level === other?.level) continue;
    const said = (heading: typeof one): string =>
      heading === undefined ? "no further one" : `level ${heading.level}, "${heading.text}"`;
    const line = other?.line ?? theirs.at(-1)?.line ?? 1;
    const wrong = `heading ${index + 1} is ${said(other)}`;
    return [{ file: chinese.file, line, wrong, instead: `${english.file} has ${said(one)}` }];
  }
  return [];
}

function checkTables(english: Side, chinese: Side): Finding[] {
  const [ours, theirs] = [english.document.tables, chinese.document.tables];
  const differences = theirs.flatMap(({ line, rows, columns }, index) => {
    const one = ours[index];
    if (one === undefined || (one.rows === rows && one.columns === columns)) return [];
    const wrong = `table ${index + 1} has ${rows} rows and ${columns} columns`;
    const instead = `${english.file}:${one.line} has ${one.rows} and ${one.columns}`;
    return [{ file: chinese.file, line, wrong, instead }];
  });
  if (ours.length === theirs.length) return differences;
  const wrong = `it has ${theirs.length} tables`;
  const count = { file: chinese.file, line: 1, wrong, instead: `${english.file} has ${ours.length}` };
  return [...differences, count];
}

function checkBlocks(english: Side, chinese: Side): Finding[] {
  const [ours, theirs] = [english.document.blocks, chinese.document.blocks];
  const { file } = chinese;
  const differences = theirs.flatMap((block, index) => {
    const one = ours[index];
    if (one === undefined) return [];
    if (one.language !== block.language) {
      const instead = `${english.file}:${one.line} has "${one.language}"`;
      return [{ file, line: block.line, wrong: `code block ${index + 1} is "${block.language}"`, instead }];
    }
    const [expected, written] = [comparable(one), comparable(block)];
    const at = written.findIndex((line, number) => line !== expected[number]);
    if (at === -1 && written.length === expected.length) return [];
    const place = at === -1 ? written.length : at;
    const wrong = `code block ${index + 1} differs: ${JSON.stringify(written[place] ?? "its end")}`;
    const instead = `${english.file} has ${JSON.stringify(expected[place] ?? "its end")}`;
    return [{ file, line: block.line + 1 + place, wrong, instead }];
  });
  if (ours.length === theirs.length) return differences;
  const wrong = `it has ${theirs.length} code blocks`;
  return [...differences, { file, line: 1, wrong, instead: `${english.file} has ${ours.length}` }];
}

const COMMENTS: Record<string, RegExp> = {
  sh: /(^|\s)#.*/,
  bash: /(^|\s)#.*/,
  toml: /(^|\s)#.*/,
  yaml: /(^|\s)#.*/,
  dockerfile: /^#.*/,
  ts: /(^|\s)\/\/.*/,
  js: /(^|\s)\/\/.*/,
  sql: /(^|\s)--\s.*/,
};

/** A block's lines without what may be translated: comments, and the labels of a chart. */
function comparable(block: Block): string[] {
  if (block.language === "mermaid") return [];
  const comment = COMMENTS[block.language];
  return linesOf(block).map(({ text }) =>
    (comment === undefined ? text : text.replace(comment, "")).trimEnd(),
  );
}

function checkUntranslated({ file, document }: Side): Finding[] {
  return document.prose.flatMap(({ text, line }) => {
    const letters = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
    if (letters <= MOST_LETTERS || /\p{Script=Han}/u.test(text)) return [];
    const wrong = `${letters} letters and no Chinese character: is it translated?`;
    return [{ file, line, wrong, instead: `it begins with "${text.trim().slice(0, 40)}"` }];
  });
}

function linkToTwin({ file, document }: Side, twin: string): Finding[] {
  const first = document.links.filter(({ line, href }) => line <= FIRST_LINES && !isElsewhere(href));
  if (first.some(({ href }) => targetOf(file, href)?.path === twin)) return [];
  return [{ file, line: 1, wrong: `its first lines have no link to ${twin}`, instead: "" }];
}
