// Goes over a document by the places that its kind has for images, and decides what becomes of each text found.

import { excerpt } from "../edits.ts";
import { no, parseImageName, withTag } from "../image.ts";
import type { Offer } from "../offer.ts";
import type { Left, No, Plan, Rewritten } from "../types.ts";
import { textOf, type Document, type Node } from "./nodes.ts";

/** What a value is by its place: it looks at the value, and sends others to the values within. */
export type RoleOf = (walk: Walk, node: Node, name: string) => void;

/** The roles of the values of a mapping by their keys; `*` has the one of all others, and of items. */
export interface Table {
  readonly [key: string]: Role;
}

export type Role = RoleOf | Table;

/** What is to be done with an image's text; undefined where it is none. */
export type Planner = (text: string, offer: Offer) => Plan | undefined;

/** How texts come out, with offsets instead of lines. */
export interface Outcome {
  readonly rewritten: (Omit<Rewritten, "line"> & { readonly at: number })[];
  readonly left: (Omit<Left, "line"> & { readonly at: number })[];
}

/** One document, while it is gone over. */
export interface Walk {
  readonly offer: Offer;
  readonly outcome: Outcome;
  readonly isBroken: boolean;
  readonly pending: [Node, Role, string][];
  /** The scalars that have plans. */
  readonly claimed: Set<Node>;
  /** Images that are built where they are named. */
  readonly builtHere: Set<string>;
  /** Whether a registry for all images of a chart is told. */
  hasRegistry?: boolean;
}

/** Goes over everything, and puts down what comes of it. */
export function walkOver({ root, isBroken }: Document, role: Role, offer: Offer, outcome: Outcome): void {
  const pending: Walk["pending"] = [[root, role, ""]];
  const walk: Walk = { offer, outcome, isBroken, pending, claimed: new Set(), builtHere: new Set() };
  // No recursion: what aliases name can be deeper than any document is.
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [node, as, name] = next;
    if (typeof as === "function") as(walk, node, name);
    else over(walk, node, as, name);
  }
  for (const scalar of walk.claimed) settle(walk, scalar);
}

/** Goes over a value later: over one that has several places, once for each role. */
export function visit({ pending }: Walk, node: Node, role: Role, name: string): void {
  if (node.isAnchored) {
    node.knownAs ??= new Set();
    if (node.knownAs.has(role)) return;
    node.knownAs.add(role);
  }
  pending.push([node, role, name]);
}

const UNKNOWN = {};

/** The role of the value of a key. */
export function roleAt(table: Table, key: string): Role {
  return (Object.hasOwn(table, key) ? table[key] : table["*"]) ?? other;
}

/** Goes over what is within a value, and over what is merged into it. */
export function over(walk: Walk, node: Node, table: Table, name: string): void {
  if (node.isScalar) return other(walk, node, name);
  // `{{ … }}` without quotes is two mappings.
  if (isImageKey(name) && node.source.startsWith("{{")) leave(walk, node.start, node.source, no("variable"));
  for (const [key, value] of node.pairs) {
    // A key that is a value itself.
    if (key === "" && !node.isList) visit(walk, value, other, key);
    else if (key !== "<<") visit(walk, value, roleAt(table, key), key);
    // Only a list that stands there is one of mappings to merge.
    else if (value.isList && !value.isAnchored)
      for (const [, item] of value.pairs) visit(walk, item, table, name);
    else visit(walk, value, value.isList ? other : table, name);
  }
}

/** `image: nginx` on a line of its own, or `"image":"nginx"` as in JSON, quoted or not. */
const IMAGE_IN_TEXT =
  /(?:(?:^|\\n)[ \t]*(?:- +)?|[{,]\s*(?=\\?["']))\\?["']?image\\?["']?[ \t]*:[ \t]*\\?["']?([^\s"'\\,}]+)/gm;

/** A place that has nothing to do with images, as far as anyone knows; what looks like one is told. */
export function other(walk: Walk, node: Node, name: string): void {
  if (!node.isScalar) return over(walk, node, UNKNOWN, name);
  const text = textOf(node) ?? "";
  const looks =
    isImageKey(name) && (name === "image" ? parseImageName(text) !== undefined : isSurelyImage(text));
  claim(walk, node, looks ? no("unknown-field") : undefined);
  if (!looks) search(walk, node, IMAGE_IN_TEXT);
}

/** True of `image`, and of `initImage`. */
export function isImageKey(name: string): boolean {
  return /^image$|[a-z0-9_-]image$|Image$/.test(name);
}

/** True of a text that is hardly anything else. */
export function isSurelyImage(text: string): boolean {
  const name = parseImageName(text);
  return name !== undefined && (name.registry !== undefined || name.suffix !== "");
}

/** @param plan undefined where the scalar is something else */
export function claim({ claimed }: Walk, scalar: Node, plan: Plan | undefined): void {
  // Of what stands at one place only, and is no image there, nothing needs to be known.
  if (plan === undefined && !scalar.isAnchored) return;
  (scalar.plans ??= []).push(plan);
  claimed.add(scalar);
}

/** What becomes of an image's text as it is written. */
export function planOf({ offer }: Walk, scalar: Node, planner: Planner): Plan | undefined {
  // Longer ones are no images, and may be looked at often.
  const text = textOf(scalar)?.slice(0, 2000);
  if (text === undefined) return undefined;
  // Of a tag that is not YAML's own nobody knows what it makes of its value.
  if (!["", "!", "!!str"].includes(scalar.tag) || text.includes("{{")) return no("variable");
  const plan = scalar.isVerbatim ? planner(text, offer) : no("escapes");
  // An address of IPv6 in brackets would be a sequence without quotes.
  const needsQuotes = plan?.ok === true && scalar.quote === "" && plan.to.startsWith("[");
  return needsQuotes ? no("escapes") : plan;
}

/** Looks for images in a text that is a value as a whole. */
export function search(walk: Walk, { source, start }: Node, pattern: RegExp): void {
  for (const { 0: all, 1: image = "", index } of source.matchAll(pattern)) {
    if (parseImageName(image) !== undefined)
      leave(walk, start + index + all.length - image.length, image, no("inside-text"));
  }
}

/** Puts down why an image stays as it is. */
function leave({ outcome }: Walk, at: number, image: string, { reason, registry }: No): void {
  outcome.left.push({ at, image: excerpt(image), reason, ...(registry === undefined ? {} : { registry }) });
}

function settle(walk: Walk, scalar: Node): void {
  const { start, source, plans = [] } = scalar;
  const first = plans.find((plan) => plan !== undefined);
  if (first === undefined) return;
  let plan = first;
  if (walk.builtHere.has(withTag(source))) plan = no("built-here");
  // What stands behind the fault may use it for something else.
  else if (first.ok && walk.isBroken && scalar.isAnchored) plan = no("syntax");
  else if (first.ok && plans.some((one) => one?.ok !== true || one.to !== first.to)) plan = no("shared");
  if (plan.ok) walk.outcome.rewritten.push({ at: start, from: source, to: plan.to });
  else leave(walk, start, source, plan);
}
