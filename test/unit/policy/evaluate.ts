// Carries out a policy for clusters on a Pod, as Kubernetes would: the CEL of its manifest, and the JSON patch that comes of it. Kubernetes
// itself compiles it with other code (cel-go); what is evaluated here is kept to what both have.
import { Environment } from "@marcbachmann/cel-js";
import { parseAllDocuments } from "yaml";

/** A Pod, or what of one matters here. */
export interface Pod {
  spec: Record<string, { name: string; image?: string | { reference?: string } }[]>;
}

interface Policy {
  spec: {
    variables: { name: string; expression: string }[];
    mutations: { jsonPatch: { expression: string } }[];
  };
}

interface Operation {
  op: string;
  path: string;
  value: string;
}

const KUBERNETES = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  .registerFunction("string.find(string): string", (text: string, pattern: string) => {
    // RE2's `$` is the text's end, as JavaScript's is without `m`.
    return new RegExp(pattern).exec(text)?.[0] ?? "";
  })
  .registerFunction("list.indexOf(dyn): int", (list: unknown[], item: unknown) => BigInt(list.indexOf(item)));

/** Messages (`JSONPatch{op: …}`) are none of this library's: a map says the same. */
function withoutMessages(expression: string): string {
  return expression.replace(
    /JSONPatch\{([^}]*)\}/,
    (_, fields: string) => `{${fields.replace(/(\w+): /g, '"$1": ')}}`,
  );
}

/** The Pod as the policy leaves it. `old` is the one that is updated. */
export function carryOut(manifests: string, pod: Pod, old: Pod | null = null): Pod {
  const { spec } = parseAllDocuments(manifests)[0]?.toJS() as Policy;
  const variables: Record<string, unknown> = {};
  const context = { object: pod, oldObject: old, variables };
  for (const { name, expression } of spec.variables)
    variables[name] = KUBERNETES.evaluate(expression, context);
  const patched = structuredClone(pod);
  for (const { jsonPatch } of spec.mutations)
    for (const operation of KUBERNETES.evaluate(
      withoutMessages(jsonPatch.expression),
      context,
    ) as Operation[])
      replace(patched, operation);
  return patched;
}

function replace(pod: Pod, { op, path, value }: Operation): void {
  if (op !== "replace") throw new Error(`the operation is ${op}`);
  const keys = path.split("/").slice(1);
  const last = keys.pop() ?? "";
  const place = keys.reduce<Record<string, unknown>>(
    (at, key) => at[key] as Record<string, unknown>,
    pod as unknown as Record<string, unknown>,
  );
  if (typeof place[last] !== "string") throw new Error(`there is no text at ${path}`);
  place[last] = value;
}
