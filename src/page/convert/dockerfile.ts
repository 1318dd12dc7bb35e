// The images of a Dockerfile: of its syntax, of its stages, and those that are copied or mounted from.

import { readDockerfile, type Instruction } from "./dockerfile-lines.ts";
import { joined, partOf, unquoted, type Word } from "./dockerfile-words.ts";
import type { Offer } from "./offer.ts";
import type { Reason } from "./types.ts";
import { Uses, type Result } from "./uses.ts";
import { expand, UNKNOWN, type Piece, type Region } from "./variables.ts";

/** The image without anything in it. */
const SCRATCH = "scratch";
const STAGE_NAME = /^[a-z][a-z0-9._-]*$/i;

interface Reading {
  readonly escape: string;
  readonly uses: Uses;
  /** What the ARGs before the first FROM are: only those are known in a FROM. */
  readonly values: Map<string, readonly Piece[]>;
  /** The stages so far, and all of the file. In lower case: BuildKit counts them so. */
  readonly stages: Set<string | undefined>;
  readonly allStages: ReadonlySet<string | undefined>;
}

/** Rewrites the images of a Dockerfile. */
export function convertDockerfile(text: string, offer: Offer): Result {
  const { escape, syntax, instructions, stopped } = readDockerfile(text);
  const uses = new Uses(offer);
  const stages = new Set<string | undefined>([SCRATCH]);
  const allStages = new Set([SCRATCH, ...instructions.map((one) => fromOf(one).stage)]);
  const reading = { escape, uses, values: new Map<string, readonly Piece[]>(), stages, allStages };
  // Variables are not known there.
  if (syntax !== undefined) uses.add(syntax, [{ ...syntax, region: syntax }]);
  let isInStage = false;
  for (const instruction of instructions) {
    const { keyword, words } = instruction;
    isInStage ||= keyword === "from";
    if (keyword === "from") readFrom(reading, instruction);
    else if (keyword === "arg") for (const word of words) readArg(reading, word, isInStage);
    else if (keyword === "copy" || keyword === "run") readFlags(reading, instruction);
  }
  if (stopped !== undefined) uses.leave(stopped, "syntax");
  return uses.result(text);
}

/** The words of a FROM without its flags, and the name of the stage that it begins, if it has one. */
function fromOf({ keyword, words }: Instruction): { words: readonly Word[]; stage: string | undefined } {
  const rest = keyword === "from" ? words.slice(words.findIndex(({ text }) => !text.startsWith("--"))) : [];
  const [, as, name] = rest.map(({ text }) => joined(text).toLowerCase());
  return { words: rest, stage: as === "as" ? name : undefined };
}

function readFrom({ escape, uses, values, stages }: Reading, instruction: Instruction): void {
  const { words, stage } = fromOf(instruction);
  const [image] = words;
  if (image === undefined) return;
  const region = unquoted(image, escape);
  if (words.length !== (stage === undefined ? 1 : 3)) leave(uses, image, "invalid");
  else if (region === undefined) leave(uses, image, "escapes");
  else {
    const pieces = expand(region, (name) => values.get(name));
    // A stage's own name is not known yet: `FROM nginx AS nginx` is an image.
    const isStage = stages.has(pieces.map(({ text }) => text.toLowerCase()).join(""));
    if (isStage) uses.keep(pieces);
    else uses.add(region, pieces);
  }
  stages.add(stage);
}

/**
 * A word of an ARG. Before the first FROM: what it is by default can be rewritten, if it becomes an image's name. In a
 * stage and without a default, it takes the one from before the first FROM, and gives it to every command.
 */
function readArg({ escape, uses, values }: Reading, word: Word, isInStage: boolean): void {
  const equals = word.text.indexOf("=");
  if (isInStage) uses.keep(values.get(joined(word.text)) ?? []);
  else if (equals !== -1) {
    const region = unquoted(partOf(word, equals + 1), escape);
    // With escapes in it, or over several lines: not a place that could be rewritten.
    const pieces = region === undefined ? [UNKNOWN] : expand(region, (name) => values.get(name));
    values.set(joined(word.text.slice(0, equals)), pieces);
  }
}

function readFlags(reading: Reading, { keyword, words, isOnbuild }: Instruction): void {
  const start = keyword === "run" ? "--mount=" : "--";
  const source = keyword === "run" ? /^--mount=.*\bfrom=/is : /^--from=/;
  for (const flag of words) {
    // A lone `--` ends them.
    if (!/^--./.test(flag.text)) return;
    // A name of a flag or field that goes over several lines.
    if (source.test(joined(flag.text)) && !source.test(flag.text)) leave(reading.uses, flag, "escapes");
    if (!flag.text.startsWith(start)) continue;
    let at = start.length;
    for (const field of flag.text.slice(at).split(",")) {
      // Quotes may be around a field's value, around the field, or around all of them.
      const [key] = /^\s*["']?from=/i.exec(field) ?? [];
      const end = at + field.length;
      if (key !== undefined && key !== field)
        readSource(reading, partOf(flag, at + key.length, end), isOnbuild);
      at = end + 1;
    }
  }
}

/** What is copied or mounted from: a stage, by its name or number, or an image. */
function readSource({ escape, uses, allStages }: Reading, word: Region, isOnbuild: boolean): void {
  const region = unquoted(word, escape);
  if (region === undefined) {
    leave(uses, word, "escapes");
    return;
  }
  const { text } = region;
  // Stages that come later count here: BuildKit looks for them when it has read all.
  if (/^[+-]?\d+$/.test(text) || allStages.has(text.toLowerCase())) return;
  // A stage of whoever builds upon this image, so far as can be told.
  if (isOnbuild && STAGE_NAME.test(text)) uses.leave(region, "built-here");
  // BuildKit has no variables there, and others may mean a stage by them.
  else if (text.startsWith("$")) uses.leave(region, "variable");
  else uses.add(region);
}

function leave(uses: Uses, { at, text }: Region, reason: Reason): void {
  uses.leave({ at, text: joined(text) }, reason);
}
