// Where the values of Helm charts have images: there is no rule, but there are habits.

import { no, parseImageName } from "../image.ts";
import type { Plan } from "../types.ts";
import { find, textOf, type Node } from "./nodes.ts";
import { fixed, planFixed } from "./roles.ts";
import { claim, isImageKey, isSurelyImage, other, over, planOf } from "./walk.ts";
import type { Planner, RoleOf, Table, Walk } from "./walk.ts";

/** What goes by `image` and is a picture. */
const PICTURE = /\.(?:png|jpe?g|svg|gif|webp|ico)$/i;

/** All values of a chart. */
export const chart: RoleOf = (walk, node, name) => {
  const global = find(node, "global");
  // It stays as it is, and so does what it is for.
  walk.hasRegistry =
    textOf(find(global, "imageRegistry") ?? find(find(global, "image"), "registry")) !== undefined;
  values(walk, node, name);
};

/** A value that may be anything: an image by its key, or with parts of one. */
function values(...[walk, node, name]: Parameters<RoleOf>): void {
  if (node.isScalar) {
    const text = textOf(node) ?? "";
    const isImage = name === "image" ? !PICTURE.test(text) : isSurelyImage(text) || text.includes("{{");
    return isImageKey(name) && isImage ? fixed(walk, node, name) : other(walk, node, "");
  }
  const hasParts = planParts(walk, node, name);
  over(walk, node, hasParts ? PARTS : node.isAnchored ? MERGED : VALUES, name);
}

/** The values of a mapping, without parts of an image, which are looked at together. */
function without(parts: RegExp): Table {
  return {
    "*": (walk, node, name) => {
      if (!node.isScalar || !parts.test(name)) values(walk, node, name);
    },
  };
}

const VALUES = { "*": values };
/** What may be merged into an image is none alone, but nothing else either. */
const MERGED = without(/^(?:registry|repository)$/);
const PARTS = without(/^(?:registry|repository|image)$/);

/**
 * Rewrites the registry of an image that has its parts in a mapping, and its repository only where it has none.
 * @returns whether it is one
 */
function planParts(walk: Walk, node: Node, name: string): boolean {
  const [registry, repository, image] = ["registry", "repository", "image"].map((key) => {
    const found = find(node, key);
    return found?.isScalar === true && textOf(found) !== undefined ? found : undefined;
  });
  // As in ingress-nginx: `image: {registry, image, tag}`.
  const rest = repository ?? image;
  if (rest === undefined) return false;
  if (registry === undefined) {
    const isTagged = find(node, "tag") !== undefined && isSurelyImage(rest.source);
    if (!isImageKey(name) && (rest === image || !isTagged)) return false;
    const isElsewhere = walk.hasRegistry === true || rest === image;
    claim(walk, rest, planOf(walk, rest, isElsewhere ? planElsewhere : planFixed));
    return true;
  }
  claim(walk, rest, undefined);
  const behind = `/${rest.source.slice(0, 2000)}`;
  const planner: Planner = (text, offer) => {
    const plan = planFixed(text + behind, offer);
    return plan.ok ? { ok: true, to: plan.to.slice(0, -behind.length) } : plan;
  };
  claim(walk, registry, planOf(walk, registry, planner));
  return true;
}

/** An image whose registry the chart has elsewhere. */
function planElsewhere(text: string): Plan | undefined {
  return parseImageName(text) === undefined ? undefined : no("variable");
}
