// Where Kubernetes has images: in pods, and in what makes pods.

import { find, textOf } from "./nodes.ts";
import { fixed } from "./roles.ts";
import { roleAt, visit, type RoleOf, type Table } from "./walk.ts";

const containers = { "*": { image: fixed } };
const spec = {
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: { "*": { image: { reference: fixed } } },
};
const template = { spec };
/** Deployments and all that are built like them, whoever has thought of them; and lists of anything. */
const workload = { spec: { template }, items: { "*": manifest } };
const KINDS: Table = {
  "*": workload,
  Pod: template,
  PodTemplate: { template },
  CronJob: { spec: { jobTemplate: workload } },
  // An item of a list that says for all of them what they are, as the API gives it.
  "": { template, spec: { ...spec, template, jobTemplate: workload } },
};

/** An object of Kubernetes, or a list of them. */
export function manifest(...[walk, node, name]: Parameters<RoleOf>): void {
  const kind = textOf(find(node, "kind")) ?? "";
  visit(walk, node, roleAt(KINDS, kind), name);
}
