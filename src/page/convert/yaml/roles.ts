// The roles that all kinds of documents are made of.

import { no, planName } from "../image.ts";
import type { Offer } from "../offer.ts";
import type { Plan } from "../types.ts";
import { claim, other, planOf, type Planner, type RoleOf } from "./walk.ts";

/** A place of images. */
export function images(planner: Planner): RoleOf {
  return (walk, node, name) => {
    if (node.isScalar) claim(walk, node, planOf(walk, node, planner));
    else other(walk, node, name);
  };
}

/** An image's name; where programs fill in variables first, nobody knows it. */
export function planFixed(text: string, offer: Offer): Plan {
  return /\$|\{\{/.test(text) ? no("variable") : planName(text, offer);
}

/** A place of images that have no variables. */
export const fixed = images(planFixed);
