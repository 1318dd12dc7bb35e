// Images with variables in the manner of a shell: which part of them can be rewritten whatever the variables are.

import { hasOddCharacters } from "../../distribution/odd-characters.ts";
import { applyEdits } from "./edits.ts";
import { no, planName } from "./image.ts";
import type { Offer } from "./offer.ts";
import type { Edit, No, Plan } from "./types.ts";

/** A text of its own in a file: an image, or the default of a variable. */
export interface Region {
  readonly at: number;
  readonly text: string;
}

/** A stretch of what a text stands for. */
export interface Piece extends Region {
  /** What it is part of in the file. */
  readonly region: Region;
}

/** What a variable stands for where nobody sets it; undefined, where that is not known. */
type ValueOf = (name: string) => readonly Piece[] | undefined;

/** The edit that rewrites an image, with the piece that it is in. */
export type Choice = { readonly ok: true; readonly edit: Edit; readonly piece: Piece } | No;

/** More than these is no image. They bound the work: variables may be made of variables. */
const MOST_CHARACTERS = 1024;
const MOST_PIECES = 32;

/**
 * A literal stretch, or a variable: `$NAME`, `$(NAME)` as Kubernetes and some that fill in templates have it, or
 * `${NAME}` with or without an operator and its word, in which braces may stand once more. With more of them it is
 * anything up to the last brace.
 */
const PART =
  /[^$]+|\$(?:([a-z_]\w*)|\([a-z_]\w*\)|\{([a-z_]\w*)(:?[-+?])?((?:[^{}]|\{[^{}]*\})*)\}|\{[a-z_]\w*:?[-+?].*\})|\$/gi;

/** What stands for anything: nothing that is known has this character. */
const ANYTHING = "$";
/** What a variable is of which nothing is known. */
export const UNKNOWN: Piece = { at: -1, text: ANYTHING, region: { at: -1, text: "" } };
/** What no image has in it. */
const IMPOSSIBLE: Piece = { ...UNKNOWN, text: " " };

/**
 * Rewrites an image as it stands in a file, with or without variables.
 * @param text the image and nothing around it
 */
export function planImage(text: string, offer: Offer): Plan {
  const region = { at: 0, text };
  const choice = choose(region, expand(region), offer);
  return choice.ok ? { ok: true, to: applyEdits(text, [choice.edit]) } : choice;
}

/**
 * What a text stands for, in pieces.
 * @param part of the region, what is expanded: all of it, or the word of an operator
 */
export function expand(region: Region, valueOf?: ValueOf, part = region): readonly Piece[] {
  const { at, text } = part;
  // An empty default is a place too: a registry can be written there.
  if (text === "") return [{ at, text, region }];
  if (text.length > MOST_CHARACTERS) return [IMPOSSIBLE];
  const pieces = [...text.matchAll(PART)].flatMap((found) => piecesOf(region, valueOf, at, found));
  if (pieces.length > MOST_PIECES) return [UNKNOWN];
  const length = pieces.reduce((sum, piece) => sum + piece.text.length, 0);
  return length > MOST_CHARACTERS ? [IMPOSSIBLE] : pieces;
}

function piecesOf(
  region: Region,
  valueOf: ValueOf | undefined,
  start: number,
  found: RegExpExecArray,
): readonly Piece[] {
  const [text, plain, braced = plain, operator, word = ""] = found;
  if (text === "$") return [IMPOSSIBLE];
  const at = start + found.index;
  if (!text.startsWith("$")) return [{ at, text, region }];
  const value = valueOf?.(braced ?? "");
  const known = value ?? [UNKNOWN];
  // Patterns (`${A%b}`).
  if (operator === undefined) return word === "" ? known : [UNKNOWN];
  const isDefault = operator.endsWith("-");
  // With a colon, an empty value is none.
  const isSet = value?.some((piece) => piece.text !== "" || !operator.startsWith(":")) ?? false;
  if (!operator.endsWith("?") && isDefault !== isSet) {
    return expand(region, valueOf, { at: at + text.length - 1 - word.length, text: word });
  }
  // `nginx${TAG:+:$TAG}`: a tag, or nothing.
  if (operator.endsWith("+")) return /^[:@]/.test(word) ? [] : [UNKNOWN];
  return known;
}

/**
 * Rewrites what pieces stand for, in the first of them: what follows it may be anything of the grammar.
 * @param region where they are written
 */
export function choose(region: Region, pieces: readonly Piece[], offer: Offer): Choice {
  if (hasOddCharacters(region.text)) return no("odd-characters");
  const whole = pieces.map(({ text }) => text).join("");
  // Nothing that could stand for a part of a digest would have its length.
  const name = whole.replace(/@[\w+.:=-]*\$[\w+.:=$-]*$/, "").replaceAll(ANYTHING, "1");
  const plan = planName(name, offer);
  if (!plan.ok && (plan.reason === "invalid" || plan.reason === "odd-characters")) return plan;
  // In the registry, or in the name that shows that there is none.
  if (/^[^/]*\$[^/]*\/|^[^/:@]*\$/.test(whole)) return no("variable");
  if (!plan.ok) return plan;
  const [piece = IMPOSSIBLE] = pieces;
  const { edit } = plan;
  const { at, text } = piece;
  // `${REGISTRY:-ghcr.io}/…`: the slash is not the variable's.
  const isShort = edit.end === text.length + 1;
  if (edit.end > text.length && !isShort) return no("variable");
  const end = at + (isShort ? text.length : edit.end);
  return { ok: true, piece, edit: { start: at, end, text: isShort ? edit.text.slice(0, -1) : edit.text } };
}
