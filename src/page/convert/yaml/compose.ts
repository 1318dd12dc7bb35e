// Where compose files have images.

import { no, withTag } from "../image.ts";
import type { Offer } from "../offer.ts";
import type { Plan } from "../types.ts";
import { planImage } from "../variables.ts";
import { find, textOf } from "./nodes.ts";
import { images } from "./roles.ts";
import { claim, other, over, search, type RoleOf } from "./walk.ts";

/** The first stages and the others: what they build on. */
const FROM = /^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(?!scratch(?:\s|$))(\S+)/gim;

/** With `build`, the image of a service is what comes of that. */
const built: RoleOf = (walk, node, name) => {
  const text = textOf(node);
  if (text === undefined) return other(walk, node, name);
  walk.builtHere.add(withTag(text));
  claim(walk, node, no("built-here"));
};
const dockerfile: RoleOf = (walk, node, name) => {
  other(walk, node, name);
  search(walk, node, FROM);
};
const image = images(planImage);
// One table each, since what an alias names is gone over once for each.
const imageVolume = { source: image };
const otherVolume = {};
const volume: RoleOf = (walk, node, name) => {
  over(walk, node, textOf(find(node, "type")) === "image" ? imageVolume : otherVolume, name);
};
const plain = {
  image,
  build: { additional_contexts: { "*": images(planContext) }, dockerfile_inline: dockerfile },
  volumes: { "*": volume },
};
const withBuild = { ...plain, image: built };
const service: RoleOf = (walk, node, name) => {
  over(walk, node, find(node, "build") === undefined ? plain : withBuild, name);
};

/** A compose file. What is below `x-…` has no effect but through aliases. */
export const compose = {
  services: { "*": service },
  "*": (...[walk, node, name]: Parameters<RoleOf>) => {
    if (!name.startsWith("x-")) other(walk, node, name);
  },
};

/** `docker-image://nginx`, or `name=docker-image://nginx` where contexts are a list. */
function planContext(text: string, offer: Offer): Plan | undefined {
  const [scheme] = /^.*?docker-image:\/\//.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  const plan = planImage(text.slice(scheme.length), offer);
  return plan.ok ? { ok: true, to: scheme + plan.to } : plan;
}
