// Where a kustomization has images: it gives other names to those of its resources.

import { no } from "../image.ts";
import { find } from "./nodes.ts";
import { fixed, planFixed } from "./roles.ts";
import { claim, over, planOf, type RoleOf } from "./walk.ts";

const renamed = { newName: fixed };

/** An entry without a new name could get one only by a line of its own. */
const entry: RoleOf = (walk, node, name) => {
  const key = find(node, "newName") === undefined ? find(node, "name") : undefined;
  if (key?.isScalar === true) {
    const plan = planOf(walk, key, planFixed);
    claim(walk, key, plan?.ok === false ? plan : no("needs-new-name"));
  }
  over(walk, node, renamed, name);
};

/** A kustomization. */
export const kustomization = { images: { "*": entry } };
